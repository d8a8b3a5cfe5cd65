/* Records out of all segments of a journal, in order. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/journal_dir.h"

struct reading {
    const char *model;
    int (*each)(void *ctx, const struct ffd_journal_row *row);
    void *ctx;
    struct ffd_journal_found *found;
    int stopped; /* what each() said */
    char *why;
};

/* Of a segment: true to read on. */
static bool went_well(struct reading *r, int is)
{
    if (is != FFD_SEGMENT_DAMAGED)
        return is == FFD_SEGMENT_OK && !r->stopped && !r->found->damaged;
    r->found->damaged = true;
    snprintf(r->found->what, sizeof(r->found->what), "%s", r->why);
    return false;
}

/* A record that a write failed for may be here and in the next segment. */
static void give(struct reading *r, const struct ffd_segment *s,
                 const struct ffd_journal_row *row)
{
    struct ffd_journal_found *f = r->found;

    if (row->n <= f->last)
        return;
    if (row->n != f->last + 1) {
        f->damaged = true;
        snprintf(f->what, sizeof(f->what),
                 "%.300s: record %" PRIu64 " of model %.64s is missing; "
                 "the next is %" PRIu64,
                 s->path, f->last + 1, r->model, row->n);
        return;
    }
    r->stopped = r->each(r->ctx, row);
    if (r->stopped)
        return;
    f->last = row->n;
    f->rows++;
    f->bytes += row->bytes;
}

static int read_segment(struct reading *r, const char *path)
{
    struct ffd_segment s;
    struct ffd_journal_row row;
    bool got = true;
    int is = ffd_segment_look(&s, path, r->why);

    if (is != FFD_SEGMENT_OK)
        return is;
    is = ffd_segment_select(&s, r->model, r->found->last, r->why);
    while (is == FFD_SEGMENT_OK && got && !r->stopped && !r->found->damaged) {
        is = ffd_segment_next(&s, &row, &got, r->why);
        if (is == FFD_SEGMENT_OK && got)
            give(r, &s, &row);
    }
    ffd_segment_close(&s, false);
    return is;
}

int ffd_journal_read(const char *dir, const char *model, uint64_t after,
                     int (*each)(void *ctx, const struct ffd_journal_row *row),
                     void *ctx, struct ffd_journal_found *found,
                     char why[FFD_CONFIG_WHY_MAX])
{
    struct reading r = {
        .model = model, .each = each, .ctx = ctx, .found = found, .why = why};
    char path[FFD_SEGMENT_PATH_MAX];
    uint64_t *numbers, highest;
    size_t n;
    int is = FFD_SEGMENT_OK;

    memset(found, 0, sizeof(*found));
    found->last = after;
    if (ffd_journal_list(dir, &numbers, &n, &highest, why) < 0)
        return -1;
    for (size_t i = 0; i < n && went_well(&r, is); i++) {
        ffd_journal_path(path, dir, numbers[i]);
        is = read_segment(&r, path);
    }
    went_well(&r, is);
    free(numbers);
    return r.stopped ? r.stopped : is == FFD_SEGMENT_FAILED ? -1 : 0;
}
