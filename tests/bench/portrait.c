/*
 * portrait.c -- how long a portrait holds the baton.
 *
 *   bench_portrait DIR [REPEATS]      DIR holds the four IDX files
 *
 * The default net, after 20,000 frames of DIR in micro-batches of 32. Prints
 * one JSON object: milliseconds, median and most of REPEATS (101), of a
 * portrait with pictures and of one without, of its 16 dreams alone, and of a
 * micro-batch learned, which is what else an item of the pool may be; and the
 * bytes of a portrait.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core.h"
#include "daemon/portrait.h"
#include "lib/ff.h"
#include "proto/limits.h"
#include "tests/bench/idx.h"
#include "tests/bench/measure.h"

enum { BATCH = 32, FRAMES = 20000, REPEATS_MAX = 10001 };

struct bench {
    struct ff_model *m;
    struct idx images, labels;
    size_t at;    /* the next frame */
    size_t bytes; /* of the last portrait */
    uint64_t seed;
};

static void load(struct idx *f, const char *dir, const char *name)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/train-%s-ubyte.gz", dir, name);
    if (idx_load(f, path))
        exit(1);
}

static void learn(struct bench *b)
{
    const void *rows[BATCH];
    int classes[BATCH];
    struct ff_learned out;

    for (size_t i = 0; i < BATCH; i++, b->at++) {
        size_t at = b->at % b->images.n;
        char name = (char)('0' + b->labels.bytes[at]);

        rows[i] = b->images.bytes + at * b->images.row;
        if (ff_label_bind(b->m, &name, 1, &classes[i]))
            die("no label");
    }
    if (ff_learn(b->m, rows, classes, NULL, BATCH, &out))
        die("not learned");
}

static void portray(struct bench *b, bool pictures)
{
    struct ffp_buf out;

    ffp_buf_init(&out, FFP_MAX_MESSAGE_BYTES);
    ffd_portrait_make(&out, b->m, "digits", pictures, b->seed++);
    if (out.failed)
        die("no portrait");
    b->bytes = out.n;
    ffp_buf_release(&out);
}

static void whole(struct bench *b)
{
    portray(b, true);
}

static void bare(struct bench *b)
{
    portray(b, false);
}

static void dream(struct bench *b)
{
    static uint8_t frames[FF_RECENT_PICTURES * 784];
    enum ff_dream_kind kinds[FF_RECENT_PICTURES];
    float goodness[FF_RECENT_PICTURES];

    if (ff_dream(b->m, b->seed++, FF_RECENT_PICTURES, frames, kinds, goodness))
        die("no dreams");
}

static void measure(struct bench *b, const char *what,
                    void (*do_)(struct bench *), size_t repeats)
{
    double ms[REPEATS_MAX];

    for (size_t i = 0; i < repeats; i++) {
        double began = measure_now();

        do_(b);
        ms[i] = 1e3 * (measure_now() - began);
    }
    measure_sort(ms, repeats);
    printf("\"%s_ms\":%.3f,\"%s_ms_most\":%.3f,", what, ms[repeats / 2], what,
           ms[repeats - 1]);
}

int main(int argc, char **argv)
{
    size_t repeats =
        argc > 2 ? measure_number("REPEATS", argv[2], 1, REPEATS_MAX) : 101;
    struct bench b = {.seed = 1};
    struct ff_spec spec;
    char why[FF_WHY_MAX];

    ffd_choose_core(argv);
    if (argc < 2)
        die("usage: bench_portrait DIR [REPEATS]");
    load(&b.images, argv[1], "images-idx3");
    load(&b.labels, argv[1], "labels-idx1");
    ff_spec_init(&spec);
    spec.shape[0] = spec.shape[1] = 28;
    spec.shape[2] = 1;
    spec.image = true;
    if (ff_spec_check(&spec, why) || ff_model_new(&b.m, &spec))
        die("no model");
    while (b.at < FRAMES)
        learn(&b);
    printf("{\"bench\":\"portrait\",");
    measure(&b, "learn", learn, repeats);
    measure(&b, "dream", dream, repeats);
    measure(&b, "bare", bare, repeats);
    measure(&b, "whole", whole, repeats);
    printf("\"bytes\":%zu}\n", b.bytes);
    ff_model_free(b.m);
    idx_release(&b.images);
    idx_release(&b.labels);
    return 0;
}
