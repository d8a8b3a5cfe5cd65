/*
 * replay.c -- a journal done again from its beginning, beside a daemon.
 *
 *   ffd_replay JOURNAL ARCHIVE
 *
 * Reads commands, a line each, and stays: what was applied is not applied
 * again, so all commands together are one pass over the records.
 *
 *   MODEL N    apply the model's records up to number N, or as far as they are
 *              there; for each, as it is done, what it held:
 *                frame MODEL N ID HEX      a frame; its first 8 bytes
 *                label MODEL N ID          a late label
 *              and after each that crossed a multiple of 100 steps
 *                digest MODEL N SEQ STEP DIGEST
 *              At the end, whatever it crossed:
 *                end MODEL N SEQ STEP DIGEST
 *
 * The last line of an answer is "end" or "error: ...". The archive is opened
 * only for what the journal does not hold any more. A daemon keeps its journal
 * to itself: JOURNAL is a copy, made while none ran.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core.h"
#include "daemon/journal.h"
#include "daemon/record.h"
#include "lib/ff.h"

#define MODELS        64
#define NAME_MAX_     64
#define STEPS         100 /* between two lines of digests */
#define LEARN_STREAMS 2   /* version of records of streams */
#define LEARN_HEAD    18  /* kind, version, n, l, f, zero */
#define FRAME_SHOWN   8

struct course {
    char name[NAME_MAX_ + 1];
    struct ffd_replay replay;
    uint64_t done, want; /* records */
    char why[FFD_CONFIG_WHY_MAX];
};

static struct course courses[MODELS];

static struct course *find(const char *name)
{
    for (size_t i = 0; i < MODELS; i++) {
        struct course *c = &courses[i];

        if (c->name[0] == '\0')
            snprintf(c->name, sizeof c->name, "%s", name);
        if (strcmp(c->name, name) == 0)
            return c;
    }
    return NULL;
}

static void tell(const char *word, const struct course *c)
{
    struct ff_stats stats;
    char hash[33];

    if (!c->replay.ff) {
        printf("%s %s 0 0 0 -\n", word, c->name);
        return;
    }
    ff_model_stats(c->replay.ff, &stats);
    if (ff_model_digest(c->replay.ff, hash) != FF_OK) {
        printf("error: no memory for a digest\n");
        return;
    }
    printf("%s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n", word, c->name,
           ff_model_record(c->replay.ff), stats.seq, stats.step, hash);
}

static uint64_t step_of(const struct course *c)
{
    struct ff_stats stats = {0};

    if (c->replay.ff)
        ff_model_stats(c->replay.ff, &stats);
    return stats.step;
}

/* ---- what a record of frames holds ----------------------------------------
 */

static uint32_t u32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

static uint64_t u64(const uint8_t *at)
{
    return u32(at) | (uint64_t)u32(at + 4) << 32;
}

static void tell_frame(const struct course *c, uint64_t n, uint64_t id,
                       const uint8_t *frame, size_t bytes)
{
    printf("frame %s %" PRIu64 " %" PRIu64 " ", c->name, n, id);
    for (size_t i = 0; i < FRAME_SHOWN && i < bytes; i++)
        printf("%02x", frame[i]);
    putchar('\n');
}

/* The body has been applied, so its lengths agree. */
static void tell_learn(const struct course *c, uint64_t n, const uint8_t *body)
{
    size_t rows = u32(body + 2), labels = u32(body + 6), f = u32(body + 10);
    const uint8_t *at = body + LEARN_HEAD, *ids, *kinds, *frames;

    for (size_t i = 0; i < labels; i++)
        at += 8 + u32(at + 4);
    ids = at;
    kinds = ids + rows * 12;
    frames = kinds + rows;
    if (body[1] == LEARN_STREAMS)
        frames += rows * 9; /* stream, flags */
    for (size_t i = 0; i < rows; i++) {
        uint64_t id = u64(ids + 8 * i);

        if (kinds[i] == 0) {
            printf("label %s %" PRIu64 " %" PRIu64 "\n", c->name, n, id);
            continue;
        }
        tell_frame(c, n, id, frames, f);
        frames += f;
    }
}

/* ---- applying --------------------------------------------------------------
 */

static int apply(void *ctx, const struct ffd_journal_row *row)
{
    struct course *c = ctx;
    uint64_t before = step_of(c);

    if (row->n > c->want)
        return 1;
    if (ffd_record_apply(&c->replay, row->n, row->body, row->bytes, c->why) !=
        0)
        return -2;
    c->done = row->n;
    if (row->bytes > 0 && row->body[0] == FFD_RECORD_LEARN)
        tell_learn(c, row->n, row->body);
    if (step_of(c) / STEPS != before / STEPS)
        tell("digest", c);
    return 0;
}

static int look(struct course *c, const char *dir)
{
    struct ffd_journal_found found;
    int rc = ffd_journal_read(dir, c->name, c->done, apply, c, &found, c->why);

    return rc < 0 ? -1 : 0;
}

/* What the journal does not hold any more is in the archive. */
static int run(struct course *c, const char *journal, const char *archive)
{
    if (look(c, journal) < 0)
        return -1;
    if (c->done == c->want)
        return 0;
    return look(c, archive) < 0 || look(c, journal) < 0 ? -1 : 0;
}

static void command(const char *line, const char *journal, const char *archive)
{
    char name[NAME_MAX_ + 1];
    struct course *c;
    uint64_t n;

    /* NOLINTNEXTLINE(cert-err34-c): the driver's own numbers */
    if (sscanf(line, "%64s %" SCNu64, name, &n) != 2 || !(c = find(name))) {
        printf("error: not a command: %s\n", line);
        return;
    }
    c->want = n;
    if (n < c->done)
        printf("error: %s is at record %" PRIu64 " already\n", name, c->done);
    else if (run(c, journal, archive) < 0)
        printf("error: %s\n", c->why);
    else
        tell("end", c);
}

int main(int argc, char **argv)
{
    char line[256];

    if (argc != 3) {
        fprintf(stderr, "usage: ffd_replay JOURNAL ARCHIVE\n");
        return 2;
    }
    ffd_choose_core(argv); /* digests are of one core's kernels */
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        command(line, argv[1], argv[2]);
        fflush(stdout);
    }
    for (size_t i = 0; i < MODELS; i++)
        ff_model_free(courses[i].replay.ff);
    return 0;
}
