#include "clients/cli/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

struct input {
    struct input_options o;
    const struct ffc_model *shape;
    struct names names;
    struct source *source; /* owned */
    size_t given;          /* frames yielded, in this pass */
    uint8_t *one;          /* the frame that streams */

    bool loaded;
    uint8_t *frames; /* (n, frame_bytes) */
    int *labels;     /* (n) */
    size_t *perm;    /* (n) */
    size_t n, room, pass;
};

void input_options_init(struct input_options *o)
{
    memset(o, 0, sizeof *o);
    o->limit = COUNT_UNKNOWN;
    o->repeat = 1;
}

static struct source *open_source(struct input *in, char why[WHY_MAX])
{
    const struct input_options *o = &in->o;
    switch (o->kind) {
    case INPUT_IDX:
        return idx_open(o->path, o->labels, in->shape, &in->names, why);
    case INPUT_CSV:
        return csv_open(o->path, o->label_column, in->shape, &in->names, why);
    case INPUT_RAW:
        return raw_open(o->path, o->label, in->shape, &in->names, why);
    case INPUT_NONE:
        break;
    }
    snprintf(why, WHY_MAX, "no input; name one with --idx, --csv or --raw");
    return NULL;
}

static int skip(struct input *in, char why[WHY_MAX])
{
    int label;
    for (size_t i = 0; i < in->o.offset; i++) {
        int got = in->source->next(in->source, in->one, &label, why);
        if (got == 0)
            snprintf(why, WHY_MAX, "the input ends before --offset %zu",
                     in->o.offset);
        if (got <= 0)
            return -1;
    }
    return 0;
}

static void start_pass(struct input *in)
{
    in->given = 0;
    order_make(in->perm, in->n, in->o.order, in->labels, &in->names,
               in->o.seed + in->pass);
    in->pass++;
}

static int load(struct input *in, char why[WHY_MAX])
{
    size_t bytes = in->shape->frame_bytes;
    while (in->n < in->o.limit) {
        if (in->n == in->room) {
            in->room = in->room ? 2 * in->room : 1024;
            in->frames = must_grow(in->frames, in->room, bytes);
            in->labels = must_grow(in->labels, in->room, sizeof *in->labels);
        }
        int got = in->source->next(in->source, in->frames + in->n * bytes,
                                   &in->labels[in->n], why);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        in->n++;
    }
    in->loaded = true;
    in->perm = must_alloc(in->n, sizeof *in->perm);
    start_pass(in);
    return 0;
}

struct input *input_open(const struct input_options *o,
                         const struct ffc_model *shape, char why[WHY_MAX])
{
    struct input *in = must_alloc(1, sizeof *in);
    in->o = *o;
    in->shape = shape;
    names_init(&in->names);
    in->one = must_alloc(1, shape->frame_bytes);
    in->source = open_source(in, why);
    if (!in->source || skip(in, why) < 0)
        goto failed;
    if ((o->load || o->order != ORDER_AS_IS || o->repeat > 1) &&
        load(in, why) < 0)
        goto failed;
    return in;
failed:
    input_free(in);
    return NULL;
}

void input_free(struct input *in)
{
    if (!in)
        return;
    if (in->source)
        in->source->free(in->source);
    names_release(&in->names);
    free(in->one);
    free(in->frames);
    free(in->labels);
    free(in->perm);
    free(in);
}

static int next_loaded(struct input *in, struct input_frame *out)
{
    if (in->given == in->n) {
        if (in->n == 0 || in->pass >= in->o.repeat)
            return 0;
        start_pass(in);
    }
    size_t i = in->perm[in->given++];
    out->data = input_at(in, i);
    out->number = in->labels[i];
    out->label = names_get(&in->names, out->number);
    return 1;
}

int input_next(struct input *in, struct input_frame *out, char why[WHY_MAX])
{
    if (in->loaded)
        return next_loaded(in, out);
    if (in->given == in->o.limit)
        return 0;
    int got = in->source->next(in->source, in->one, &out->number, why);
    if (got <= 0)
        return got;
    in->given++;
    out->data = in->one;
    out->label = names_get(&in->names, out->number);
    return 1;
}

size_t input_total(const struct input *in)
{
    if (in->loaded)
        return in->n * in->o.repeat;
    if (in->source->count == COUNT_UNKNOWN)
        return COUNT_UNKNOWN;
    size_t left = in->source->count - in->o.offset;
    return left < in->o.limit ? left : in->o.limit;
}

const void *input_at(const struct input *in, size_t i)
{
    return in->frames + i * in->shape->frame_bytes;
}

size_t input_loaded(const struct input *in)
{
    return in->n;
}
