/*
 * idx.c -- the IDX files of MNIST and its kin: big-endian sizes, then bytes.
 *
 *     00 00 08 d   d sizes of 4 bytes   product of sizes bytes
 *
 * The first size counts frames, the others multiply to the values of one.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"
#include "clients/cli/source.h"

struct idx {
    struct source base;
    struct bytes images, labels;
    bool has_labels;
    const struct ffc_model *shape;
    struct names *names;
    int number[256]; /* of a label byte, -1: not seen yet */
    uint8_t *row;    /* (values) one frame as stored */
    size_t at;
};

static uint32_t big_endian(const uint8_t b[4])
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

/* Read the head; n frames of `values` bytes. dims: 0 takes any above one. */
static int head(struct bytes *b, int dims, size_t *n, size_t *values,
                char why[WHY_MAX])
{
    uint8_t h[4], size[4];
    long got = bytes_read(b, h, 4, why);
    if (got < 0)
        return -1;
    if (got < 4 || h[0] != 0 || h[1] != 0 || h[2] != 8 || h[3] == 0) {
        snprintf(why, WHY_MAX,
                 "%s is not an IDX file of bytes: it must begin with 00 00 08",
                 b->name);
        return -1;
    }
    if ((dims && h[3] != dims) || (!dims && h[3] < 2)) {
        snprintf(why, WHY_MAX, "%s holds %s; IMAGES comes first, then LABELS",
                 b->name, dims ? "no labels" : "no images");
        return -1;
    }
    *values = 1;
    for (int i = 0; i < h[3]; i++) {
        got = bytes_read(b, size, 4, why);
        if (got < 0)
            return -1;
        uint32_t v = got == 4 ? big_endian(size) : 0;
        if (got < 4 || v > (1u << 28) || *values > (1u << 28)) {
            snprintf(why, WHY_MAX, "%s ends in its head, or is damaged",
                     b->name);
            return -1;
        }
        if (i == 0)
            *n = v;
        else
            *values *= v;
    }
    return 0;
}

static int cut(const struct bytes *b, size_t at, char why[WHY_MAX])
{
    snprintf(why, WHY_MAX, "%s ends before frame %zu", b->name, at);
    return -1;
}

static int idx_next(struct source *base, void *frame, struct mark *mark,
                    char why[WHY_MAX])
{
    struct idx *s = (struct idx *)base;
    size_t values = s->shape->values;
    if (s->at == base->count)
        return 0;
    long got = bytes_read(&s->images, s->row, values, why);
    if (got < 0)
        return -1;
    if ((size_t)got < values)
        return cut(&s->images, s->at, why);
    if (s->shape->f32) {
        float *to = frame;
        for (size_t i = 0; i < values; i++)
            to[i] = (float)s->row[i] / 255.0F;
    } else {
        memcpy(frame, s->row, values);
    }
    *mark = MARK_NONE;
    if (s->has_labels) {
        uint8_t y;
        got = bytes_read(&s->labels, &y, 1, why);
        if (got < 0)
            return -1;
        if (got < 1)
            return cut(&s->labels, s->at, why);
        if (s->number[y] < 0) {
            char text[4];
            int n = snprintf(text, sizeof text, "%u", (unsigned)y);
            s->number[y] = names_put(s->names, text, (size_t)n);
        }
        mark->label = s->number[y];
    }
    s->at++;
    return 1;
}

static void idx_free(struct source *base)
{
    struct idx *s = (struct idx *)base;
    bytes_release(&s->images);
    bytes_release(&s->labels);
    free(s->row);
    free(s);
}

static int open_both(struct idx *s, const char *images, const char *labels,
                     char why[WHY_MAX])
{
    size_t values, m, one;
    if (bytes_open(&s->images, images, why) < 0 ||
        head(&s->images, 0, &s->base.count, &values, why) < 0)
        return -1;
    if (values != s->shape->values) {
        snprintf(why, WHY_MAX,
                 "%s holds frames of %zu values, and the model takes %zu",
                 s->images.name, values, s->shape->values);
        return -1;
    }
    if (s->shape->i16) {
        snprintf(why, WHY_MAX, "%s holds bytes, and the model takes i16",
                 s->images.name);
        return -1;
    }
    if (!labels)
        return 0;
    s->has_labels = true;
    if (bytes_open(&s->labels, labels, why) < 0 ||
        head(&s->labels, 1, &m, &one, why) < 0)
        return -1;
    if (m != s->base.count) {
        snprintf(why, WHY_MAX, "%s holds %zu frames, and %s %zu labels",
                 s->images.name, s->base.count, s->labels.name, m);
        return -1;
    }
    return 0;
}

struct source *idx_open(const char *images, const char *labels,
                        const struct ffc_model *shape, struct names *names,
                        char why[WHY_MAX])
{
    struct idx *s = must_alloc(1, sizeof *s);
    s->base.next = idx_next;
    s->base.free = idx_free;
    s->shape = shape;
    s->names = names;
    for (size_t i = 0; i < 256; i++)
        s->number[i] = -1;
    if (open_both(s, images, labels, why) < 0) {
        idx_free(&s->base);
        return NULL;
    }
    s->row = must_alloc(shape->values, 1);
    return &s->base;
}
