/*
 * A record, done again. Nothing in it is trusted: sizes are checked against its
 * bytes, classes and lengths against the model.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/bytes.h"
#include "daemon/record.h"
#include "daemon/record_parts.h"

struct reading {
    struct ffd_replay *p;
    uint64_t n;
    const uint8_t *at;
    size_t left;
    char *why;
};

__attribute__((format(printf, 2, 3))) static enum ffd_applied
damaged(struct reading *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(r->why, FF_WHY_MAX, format, args);
    va_end(args);
    return FFD_APPLY_DAMAGED;
}

/* A status of ff.h as the outcome of a record that must have succeeded when it
   was made. */
static enum ffd_applied outcome(struct reading *r, int status)
{
    if (status == FF_OK)
        return FFD_APPLIED;
    snprintf(r->why, FF_WHY_MAX, "%s", ff_strerror(status));
    return status == FF_ENOMEM ? FFD_APPLY_NO_MEMORY : FFD_APPLY_DAMAGED;
}

static const uint8_t *take(struct reading *r, size_t n)
{
    const uint8_t *at = r->at;

    r->at += n;
    r->left -= n;
    return at;
}

/* ---- LEARN --------------------------------------------------------------- */

struct rows {
    size_t n, frame_bytes;
    const void **frames;       /* (n) owned */
    int *classes;              /* (n) owned */
    uint64_t *ids;             /* (n) owned */
    struct ff_origin *origins; /* (n) owned; zeros without streams */
    uint8_t *aligned; /* owned; the frames, where a learner may read them */
};

static void release_rows(struct rows *rows)
{
    free(rows->frames);
    free(rows->classes);
    free(rows->ids);
    free(rows->origins);
    free(rows->aligned);
}

static enum ffd_applied take_label(struct reading *r)
{
    uint32_t class_, bytes;

    if (r->left < 8)
        return damaged(r, "a label is cut short");
    class_ = ffd_get_u32(r->at);
    bytes = ffd_get_u32(r->at + 4);
    take(r, 8);
    if (bytes > r->left || bytes > FF_LABEL_MAX)
        return damaged(r, "a label is cut short");
    if (class_ >= ff_model_spec(r->p->ff)->classes)
        return damaged(r, "a label is of a class that the model has not");
    return outcome(r, ff_label_place(r->p->ff, (int)class_,
                                     (const char *)take(r, bytes), bytes));
}

static int allocate_rows(struct rows *rows)
{
    size_t row = (rows->frame_bytes + 63) / 64 * 64;

    rows->frames = calloc(rows->n, sizeof(*rows->frames));
    rows->classes = calloc(rows->n, sizeof(*rows->classes));
    rows->ids = calloc(rows->n, sizeof(*rows->ids));
    rows->origins = calloc(rows->n, sizeof(*rows->origins));
    rows->aligned = aligned_alloc(64, rows->n * row);
    return rows->frames && rows->classes && rows->ids && rows->origins &&
                   rows->aligned
               ? 0
               : -1;
}

static void take_origins(struct reading *r, struct rows *rows)
{
    const uint8_t *streams = take(r, 8 * rows->n);
    const uint8_t *flags = take(r, rows->n);

    for (size_t i = 0; i < rows->n; i++)
        rows->origins[i] =
            (struct ff_origin){ffd_get_u64(streams + 8 * i), flags[i]};
}

/* The rows, once their bytes are known to be there. */
static enum ffd_applied take_rows(struct reading *r, struct rows *rows)
{
    const struct ff_model *m = r->p->ff;
    const uint8_t *ids = take(r, 8 * rows->n);
    const uint8_t *classes = take(r, 4 * rows->n);
    const uint8_t *with = take(r, rows->n);
    size_t row = (rows->frame_bytes + 63) / 64 * 64;

    if (ff_model_spec(m)->stream.keys > 0)
        take_origins(r, rows);
    for (size_t i = 0; i < rows->n; i++) {
        uint8_t *frame = rows->aligned + i * row;
        int class_ = (int)ffd_get_u32(classes + 4 * i);

        rows->ids[i] = ffd_get_u64(ids + 8 * i);
        rows->classes[i] = class_;
        if (class_ >= 0 && (size_t)class_ >= ff_label_count(m))
            return damaged(r, "a frame is of a class without a label");
        if (class_ < -1 || (class_ >= 0 && !ff_label_name(m, class_)))
            return damaged(r, "a frame is of a class without a label");
        if (!with[i])
            continue;
        if (r->left < rows->frame_bytes)
            return damaged(r, "its frames are cut short");
        memcpy(frame, take(r, rows->frame_bytes), rows->frame_bytes);
        rows->frames[i] = frame;
    }
    return r->left ? damaged(r, "it is longer than its frames") : FFD_APPLIED;
}

static enum ffd_applied learn_rows(struct reading *r, struct rows *rows)
{
    enum ffd_applied done = take_rows(r, rows);
    struct ff_learned out;
    int status;

    if (done != FFD_APPLIED)
        return done;
    status = ff_learn_stream(r->p->ff, rows->frames, rows->classes, rows->ids,
                             rows->origins, rows->n, &out);
    /* A batch with a gradient that is not finite moved nothing then, nor does
       it now. */
    return status == FF_EFINITE ? FFD_APPLIED : outcome(r, status);
}

static enum ffd_applied learn(struct reading *r)
{
    const struct ff_spec *spec = ff_model_spec(r->p->ff);
    struct rows rows = {0};
    enum ffd_applied done = FFD_APPLIED;
    size_t row_bytes =
        FFD_LEARN_ROW + (spec->stream.keys > 0 ? FFD_LEARN_ORIGIN : 0);
    uint32_t labels;

    if (r->left < FFD_LEARN_HEAD)
        return damaged(r, "it is cut short");
    rows.n = ffd_get_u32(r->at);
    labels = ffd_get_u32(r->at + 4);
    rows.frame_bytes = ffd_get_u32(r->at + 8);
    take(r, FFD_LEARN_HEAD);
    if (rows.n < 1 || rows.n > spec->batch)
        return damaged(r, "it has %zu rows, and the model learns up to %zu",
                       rows.n, spec->batch);
    if (rows.frame_bytes != ff_spec_sample_bytes(spec))
        return damaged(r, "its frames are not the model's");
    for (uint32_t i = 0; i < labels && done == FFD_APPLIED; i++)
        done = take_label(r);
    if (done != FFD_APPLIED)
        return done;
    if (r->left < row_bytes * rows.n)
        return damaged(r, "it is cut short");
    if (allocate_rows(&rows) < 0)
        done = outcome(r, FF_ENOMEM);
    else
        done = learn_rows(r, &rows);
    release_rows(&rows);
    return done;
}

/* ---- the others ---------------------------------------------------------- */

static enum ffd_applied sleep_slice(struct reading *r)
{
    struct ff_slept out;
    uint32_t updates;
    int status;

    if (r->left != 4)
        return damaged(r, "a slice of sleep has another size");
    updates = ffd_get_u32(r->at);
    if (updates > FFD_RECORD_UPDATES_MAX)
        return damaged(r, "a slice of sleep is of %" PRIu32 " updates",
                       updates);
    status = ff_sleep(r->p->ff, updates, &out);
    /* It could do nothing then; what followed from that is a record too. */
    return status == FF_ENOMEM ? outcome(r, status) : FFD_APPLIED;
}

static enum ffd_applied begin_fit(struct reading *r)
{
    int status = ff_fit_begin(r->p->ff);

    if (status != FF_OK)
        return outcome(r, status);
    ff_fit_run(r->p->ff); /* what came of it, ff_fit_install tells */
    r->p->fit_ready = true;
    return FFD_APPLIED;
}

static enum ffd_applied install_fit(struct reading *r)
{
    if (!r->p->fit_ready)
        return damaged(r, "it takes in a fit that was not begun");
    ff_fit_install(r->p->ff); /* a fit that failed leaves the last one */
    r->p->fit_ready = false;
    return FFD_APPLIED;
}

static enum ffd_applied load(struct reading *r)
{
    struct ff_model *ff = NULL;
    int status = ff_model_load(&ff, r->at, r->left, r->why);

    if (status != FF_OK)
        return status == FF_ENOMEM ? FFD_APPLY_NO_MEMORY : FFD_APPLY_DAMAGED;
    ff_model_free(r->p->ff);
    r->p->ff = ff;
    r->p->fit_ready = false;
    return FFD_APPLIED;
}

static enum ffd_applied spec(struct reading *r, enum ffd_record_kind kind)
{
    struct ff_spec wanted;
    int status =
        ff_spec_from_text(&wanted, (const char *)r->at, r->left, r->why);

    if (status == FF_ENOMEM)
        return FFD_APPLY_NO_MEMORY;
    if (status != FF_OK)
        return FFD_APPLY_DAMAGED;
    if (kind == FFD_RECORD_CREATE)
        return outcome(r, ff_model_new(&r->p->ff, &wanted));
    if (!ff_spec_same_structure(ff_model_spec(r->p->ff), &wanted, r->why))
        return FFD_APPLY_DAMAGED;
    return outcome(r, ff_model_tune(r->p->ff, &wanted));
}

static enum ffd_applied hand(struct reading *r, enum ffd_record_kind kind)
{
    struct ff_model *m = r->p->ff;
    size_t classes = ff_model_spec(m)->classes;
    uint32_t class_ = r->left >= 4 ? ffd_get_u32(r->at) : UINT32_MAX, to;

    if (class_ >= classes)
        return damaged(r, "it is of a class that the model has not");
    take(r, 4);
    switch (kind) {
    case FFD_RECORD_RENAME:
        return outcome(
            r, ff_label_rename(m, (int)class_, (const char *)r->at, r->left));
    case FFD_RECORD_MERGE:
        to = r->left == 4 ? ffd_get_u32(r->at) : UINT32_MAX;
        if (to >= classes)
            return damaged(r, "it is of a class that the model has not");
        return outcome(r, ff_label_merge(m, (int)class_, (int)to));
    default:
        return outcome(r, ff_label_forget(m, (int)class_));
    }
}

static enum ffd_applied apply(struct reading *r, enum ffd_record_kind kind)
{
    struct ff_model *m = r->p->ff;

    switch (kind) {
    case FFD_RECORD_CREATE:
        return m ? damaged(r, "the model is there already") : spec(r, kind);
    case FFD_RECORD_LOAD:
        return load(r);
    case FFD_RECORD_LEARN:
        return learn(r);
    case FFD_RECORD_SLEEP:
        return sleep_slice(r);
    case FFD_RECORD_FORGIVE:
        ff_sleep_forgive(m);
        return FFD_APPLIED;
    case FFD_RECORD_OWE:
        if (r->left != 8)
            return damaged(r, "what is owed has another size");
        ff_sleep_owe(m, ffd_get_u64(r->at));
        return FFD_APPLIED;
    case FFD_RECORD_TUNE:
        return spec(r, kind);
    case FFD_RECORD_FIT_BEGIN:
        return begin_fit(r);
    case FFD_RECORD_FIT_INSTALL:
        return install_fit(r);
    case FFD_RECORD_RENAME:
    case FFD_RECORD_MERGE:
    case FFD_RECORD_FORGET:
        return hand(r, kind);
    }
    return damaged(r, "its kind, %d, is not known", (int)kind);
}

/* Frames of a model with streams come with whose they are. */
static int version_of(const struct ffd_replay *p, int kind)
{
    return kind == FFD_RECORD_LEARN && p->ff &&
                   ff_model_spec(p->ff)->stream.keys > 0
               ? FFD_LEARN_STREAMS
               : FFD_RECORD_VERSION;
}

enum ffd_applied ffd_record_apply(struct ffd_replay *p, uint64_t n,
                                  const uint8_t *body, size_t bytes,
                                  char why[FF_WHY_MAX])
{
    struct reading r = {p, n, body + FFD_RECORD_HEAD, bytes - FFD_RECORD_HEAD,
                        why};
    enum ffd_applied done;
    int kind;

    if (bytes < FFD_RECORD_HEAD)
        return damaged(&r, "it is cut short");
    kind = body[0];
    if (body[1] != version_of(p, kind))
        return damaged(&r, "its version is %d, and must be %d", body[1],
                       version_of(p, kind));
    if (p->ff && n != ff_model_record(p->ff) + 1)
        return damaged(&r, "it does not follow the one before");
    if (!p->ff && kind != FFD_RECORD_CREATE && kind != FFD_RECORD_LOAD)
        return damaged(&r, "it is of a model that is not there");
    done = apply(&r, (enum ffd_record_kind)kind);
    if (done == FFD_APPLIED)
        ff_model_set_record(p->ff, n);
    return done;
}
