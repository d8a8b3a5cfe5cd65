/*
 * wav.c -- WAV files, each a recording: its sound in pieces of as many values
 * as a sample has, the last filled up with zeros.
 *
 * Files are put in order before any is read, so that no more than one of them
 * is in memory.
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"
#include "clients/cli/riff.h"
#include "clients/cli/source.h"

struct wav {
    struct source base;
    struct wav_options o;
    const struct ffc_model *shape;
    size_t rate; /* 0: any */
    struct names *names;
    size_t n;          /* files that are wanted */
    int *labels;       /* (n) of names, or -1 */
    size_t *perm;      /* (n) */
    size_t file, pass; /* in this pass; of passes */
    struct riff riff;  /* of file - 1 */
    size_t at;         /* values of it that were given */
    bool noted;
};

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int label_by_pattern(struct wav *s, const regex_t *re, size_t i,
                            char why[WHY_MAX])
{
    regmatch_t match[2];
    const char *name = base_of(s->o.paths[s->o.offset + i]);
    if (regexec(re, name, 2, match, 0) != 0 || match[1].rm_so < 0 ||
        match[1].rm_eo == match[1].rm_so) {
        snprintf(why, WHY_MAX, "--label-from-name finds no label in \"%.200s\"",
                 name);
        return -1;
    }
    s->labels[i] = names_put(s->names, name + match[1].rm_so,
                             (size_t)(match[1].rm_eo - match[1].rm_so));
    return 0;
}

static int label_all(struct wav *s, char why[WHY_MAX])
{
    regex_t re;
    int rc = 0;
    int all =
        s->o.label ? names_put(s->names, s->o.label, strlen(s->o.label)) : -1;
    for (size_t i = 0; i < s->n; i++)
        s->labels[i] = all;
    if (!s->o.pattern)
        return 0;
    bool compiled = regcomp(&re, s->o.pattern, REG_EXTENDED) == 0;
    if (!compiled || re.re_nsub < 1) {
        if (compiled)
            regfree(&re);
        snprintf(why, WHY_MAX,
                 "--label-from-name \"%.100s\" is no regular expression with "
                 "a group, as in '^([a-z]+)_'",
                 s->o.pattern);
        return -1;
    }
    for (size_t i = 0; rc == 0 && i < s->n; i++)
        rc = label_by_pattern(s, &re, i, why);
    regfree(&re);
    return rc;
}

static void start_pass(struct wav *s)
{
    order_make(s->perm, s->n, s->o.order, s->labels, s->names,
               s->o.seed + s->pass);
    s->pass++;
    s->file = 0;
}

static int check(struct wav *s, const char *path, char why[WHY_MAX])
{
    const struct riff *r = &s->riff;
    if (s->rate && r->rate != s->rate) {
        snprintf(why, WHY_MAX,
                 "%.200s has %zu values a second, and the model's stream.rate "
                 "is %zu; ffmpeg -i FILE -ar %zu -ac 1 OUT.wav converts it",
                 path, r->rate, s->rate, s->rate);
        return -1;
    }
    if (r->channels > 1 && !s->noted) {
        snprintf(s->base.note, WHY_MAX,
                 "%.200s has %zu channels: of such files the first is taken",
                 path, r->channels);
        s->noted = true;
    }
    return 0;
}

/* Read the next file that holds something: 1, 0 at the end, -1. */
static int next_file(struct wav *s, char why[WHY_MAX])
{
    do {
        if (s->file == s->n) {
            if (s->n == 0 || s->pass == s->o.repeat)
                return 0;
            start_pass(s);
        }
        const char *path = s->o.paths[s->o.offset + s->perm[s->file++]];
        riff_release(&s->riff);
        if (riff_read(&s->riff, path, why) < 0 || check(s, path, why) < 0)
            return -1;
        if (s->riff.n == 0)
            snprintf(s->base.note, WHY_MAX, "%.200s holds no sound: left out",
                     path);
    } while (s->riff.n == 0);
    s->at = 0;
    return 1;
}

static void cut(const struct wav *s, void *frame)
{
    for (size_t i = 0; i < s->shape->values; i++) {
        size_t at = s->at + i;
        int16_t v = 0;
        if (at < s->riff.n)
            v = s->riff.pcm[at];
        if (s->shape->f32)
            ((float *)frame)[i] = (float)v / 32768.0F;
        else
            ((int16_t *)frame)[i] = v;
    }
}

static int wav_next(struct source *base, void *frame, struct mark *mark,
                    char why[WHY_MAX])
{
    struct wav *s = (struct wav *)base;
    if (s->at >= s->riff.n) {
        int got = next_file(s, why);
        if (got <= 0)
            return got;
    }
    cut(s, frame);
    s->at += s->shape->values;
    size_t i = s->perm[s->file - 1];
    *mark = (struct mark){.label = s->labels[i],
                          .key = -1,
                          .recording = (int)(s->o.offset + i),
                          .end = s->at >= s->riff.n};
    return 1;
}

static void wav_free(struct source *base)
{
    struct wav *s = (struct wav *)base;
    riff_release(&s->riff);
    free(s->labels);
    free(s->perm);
    free(s);
}

struct source *wav_open(const struct wav_options *o,
                        const struct ffc_model *shape,
                        const struct stream_shape *streams, struct names *names,
                        char why[WHY_MAX])
{
    if (!shape->i16 && !shape->f32) {
        snprintf(why, WHY_MAX,
                 "a WAV file holds i16, and the model takes u8; make one with "
                 "input: {shape: [80], dtype: i16}");
        return NULL;
    }
    if (streams->rate == 0 && shape->values > 1) {
        snprintf(why, WHY_MAX,
                 "a sample of the model is %zu values of one moment, and sound "
                 "has one; make it with stream: {sound: log_mel} or mfcc, or "
                 "input: {shape: [1], dtype: i16}",
                 shape->values);
        return NULL;
    }
    if (o->offset > o->n) {
        snprintf(why, WHY_MAX, "there are %zu files, and --offset is %zu", o->n,
                 o->offset);
        return NULL;
    }
    struct wav *s = must_alloc(1, sizeof *s);
    s->base.next = wav_next;
    s->base.free = wav_free;
    s->base.count = COUNT_UNKNOWN;
    s->o = *o;
    s->shape = shape;
    s->rate = streams->rate;
    s->names = names;
    s->n = o->n - o->offset < o->limit ? o->n - o->offset : o->limit;
    s->labels = must_alloc(s->n, sizeof *s->labels);
    s->perm = must_alloc(s->n, sizeof *s->perm);
    s->file = s->n; /* the first pass has not begun */
    if (label_all(s, why) < 0) {
        wav_free(&s->base);
        return NULL;
    }
    return &s->base;
}
