#include "clients/cli/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

#define PAUSE_MS 5 /* without a byte: the input pauses */

struct input {
    struct input_options o;
    const struct ffc_model *shape;
    const struct stream_shape *streams; /* NULL: the model has none */
    struct names names;
    struct source *source; /* owned */
    size_t given;          /* frames yielded, in this pass */
    uint8_t *one;          /* the frame that streams */

    bool loaded;
    uint8_t *frames;    /* (n, frame_bytes) */
    struct mark *marks; /* (n) */
    size_t *perm;       /* (n) */
    size_t n, room, pass;
};

void input_options_init(struct input_options *o)
{
    memset(o, 0, sizeof *o);
    o->limit = COUNT_UNKNOWN;
    o->repeat = 1;
}

/* What does not go with the model, in a sentence; NULL: nothing. */
static const char *misfit(const struct input_options *o,
                          const struct stream_shape *streams)
{
    bool csv = o->csv.stream || o->csv.end;
    if (!streams && (o->kind == INPUT_TEXT || o->kind == INPUT_WAV || o->key ||
                     o->end || csv))
        return "the model has no streams: --text, --wav, --stream, "
               "--stream-column, --end and --end-column are of models whose "
               "configuration has a stream section";
    if (o->kind == INPUT_TEXT && !streams->symbols)
        return "the model has no symbols: --text is of models with stream: "
               "{features: symbols}";
    if (o->kind == INPUT_WAV && streams->symbols)
        return "the model has symbols, and --wav is sound";
    if (streams && o->kind != INPUT_WAV && o->order != ORDER_AS_IS)
        return "samples of streams keep their order; --order is of WAV files";
    if (o->key && o->csv.stream)
        return "name the streams by --stream or by --stream-column";
    return NULL;
}

static struct source *open_wav(struct input *in, char why[WHY_MAX])
{
    struct input_options *o = &in->o;
    struct wav_options w = {.paths = o->files,
                            .n = o->n_files,
                            .label = o->label,
                            .pattern = o->pattern,
                            .offset = o->offset,
                            .limit = o->limit,
                            .repeat = o->repeat,
                            .order = o->order,
                            .seed = o->seed};
    /* These are done there. */
    o->offset = 0;
    o->limit = COUNT_UNKNOWN;
    o->repeat = 1;
    o->order = ORDER_AS_IS;
    o->end = false;
    return wav_open(&w, in->shape, in->streams, &in->names, why);
}

static struct source *open_source(struct input *in, char why[WHY_MAX])
{
    const struct input_options *o = &in->o;
    const char *bad = misfit(o, in->streams);
    if (bad) {
        snprintf(why, WHY_MAX, "%s", bad);
        return NULL;
    }
    switch (o->kind) {
    case INPUT_IDX:
        return idx_open(o->path, o->labels, in->shape, &in->names, why);
    case INPUT_CSV:
        return csv_open(o->path, &o->csv, in->shape, in->streams, &in->names,
                        why);
    case INPUT_RAW:
        return raw_open(o->path, o->label, in->shape, in->streams, &in->names,
                        why);
    case INPUT_TEXT:
        return text_open(o->path, why);
    case INPUT_WAV:
        return open_wav(in, why);
    case INPUT_NONE:
        break;
    }
    snprintf(why, WHY_MAX, "no input");
    return NULL;
}

/* One frame of the source, and its note told. */
static int pull(struct input *in, void *frame, struct mark *mark,
                char why[WHY_MAX])
{
    int got = in->source->next(in->source, frame, mark, why);
    if (in->source->note[0])
        fprintf(stderr, "ffctl: %s\n", in->source->note);
    in->source->note[0] = '\0';
    return got;
}

static int skip(struct input *in, char why[WHY_MAX])
{
    struct mark mark;
    for (size_t i = 0; i < in->o.offset; i++) {
        int got = pull(in, in->one, &mark, why);
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
    int *labels = must_alloc(in->n, sizeof *labels);
    for (size_t i = 0; i < in->n; i++)
        labels[i] = in->marks[i].label;
    in->given = 0;
    order_make(in->perm, in->n, in->o.order, labels, &in->names,
               in->o.seed + in->pass);
    in->pass++;
    free(labels);
}

/* A recording ends with the last sample of each stream. */
static void mark_ends(struct input *in)
{
    bool *ended = must_alloc(in->names.n + 1, sizeof *ended);
    for (size_t i = in->n; i-- > 0;) {
        bool *is = &ended[in->marks[i].key + 1];
        in->marks[i].end |= !*is;
        *is = true;
    }
    free(ended);
}

static int load(struct input *in, char why[WHY_MAX])
{
    size_t bytes = in->shape->frame_bytes;
    while (in->n < in->o.limit) {
        if (in->n == in->room) {
            in->room = in->room ? 2 * in->room : 1024;
            in->frames = must_grow(in->frames, in->room, bytes);
            in->marks = must_grow(in->marks, in->room, sizeof *in->marks);
        }
        int got = pull(in, in->frames + in->n * bytes, &in->marks[in->n], why);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        in->n++;
    }
    in->loaded = true;
    if (in->o.end)
        mark_ends(in);
    in->perm = must_alloc(in->n, sizeof *in->perm);
    start_pass(in);
    return 0;
}

struct input *input_open(const struct input_options *o,
                         const struct ffc_model *shape,
                         const struct stream_shape *streams, char why[WHY_MAX])
{
    struct input *in = must_alloc(1, sizeof *in);
    in->o = *o;
    in->o.csv.all = o->label;
    in->shape = shape;
    in->streams = streams;
    names_init(&in->names);
    in->one = must_alloc(1, shape->frame_bytes);
    in->source = open_source(in, why);
    if (!in->source || skip(in, why) < 0)
        goto failed;
    o = &in->o;
    if ((o->load || o->end || o->order != ORDER_AS_IS || o->repeat > 1) &&
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
    free(in->marks);
    free(in->perm);
    free(in);
}

static void tell(const struct input *in, const struct mark *mark,
                 struct input_frame *out)
{
    out->number = mark->label;
    out->label = names_get(&in->names, mark->label);
    out->key = mark->key < 0 ? in->o.key : names_get(&in->names, mark->key);
    out->file = mark->recording < 0 ? NULL : in->o.files[mark->recording];
    out->end = mark->end;
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
    tell(in, &in->marks[i], out);
    return 1;
}

int input_next(struct input *in, struct input_frame *out, char why[WHY_MAX])
{
    if (in->loaded)
        return next_loaded(in, out);
    if (in->given == in->o.limit)
        return 0;
    struct mark mark;
    int got = pull(in, in->one, &mark, why);
    if (got <= 0)
        return got;
    in->given++;
    out->data = in->one;
    tell(in, &mark, out);
    return 1;
}

bool input_ready(const struct input *in)
{
    return in->loaded || in->source->held || !in->source->live ||
           bytes_ready(in->source->live, PAUSE_MS);
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
