#include "daemon/work.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/digest.h"
#include "daemon/dreams.h"
#include "daemon/import.h"
#include "daemon/model_dir.h"
#include "daemon/portrait.h"
#include "daemon/snapshot_file.h"

#define PUBLISH_AWAKE_US  20000
#define PUBLISH_ASLEEP_US 50000

static uint64_t now_us(void)
{
    return uv_hrtime() / 1000;
}

static void note_published(struct ffd_work *w)
{
    struct ff_stats stats;

    ff_model_stats(w->ff, &stats);
    w->published = true;
    w->moved = false;
    w->published_seq = stats.seq;
    w->published_us = now_us();
}

static void publish(struct ffd_work *w)
{
    /* While every view is being read it stays moved, and is tried again. */
    if (ff_publish(w->ff) == FF_OK)
        note_published(w);
}

/* Where to write down what is done; NULL: only count it. */
static struct ffd_records *records(struct ffd_work *w)
{
    return w->keeps ? &w->records : NULL;
}

/* The step, if anybody wants to know. */
static uint64_t step_of(const struct ffd_work *w)
{
    struct ff_stats stats = {0};

    if (w->digests[0])
        ff_model_stats(w->ff, &stats);
    return stats.step;
}

static void tell_digest(const struct ffd_work *w, uint64_t before)
{
    if (w->digests[0] && ffd_digest_due(before, step_of(w)))
        ffd_digest_tell(w->digests, w->name, w->ff);
}

static void not_learned(struct ffd_work *w, size_t from, size_t n, int status)
{
    w->status = status;
    for (size_t i = 0; i < n; i++)
        w->outcome[from + i] = (struct ffd_outcome){.status = status};
}

static void learn_batch(struct ffd_work *w, size_t from, size_t n)
{
    const void *const *frames = w->frames + from;
    const int *classes = w->classes + from;
    const uint64_t *ids = w->ids + from;
    const struct ff_origin *origins = w->origins + from;
    uint64_t before = step_of(w);
    struct ff_learned out;
    int status = FF_ENOMEM;

    if (ffd_record_learn(records(w), w->ff, frames, classes, ids, origins, n) ==
        0)
        status = ff_learn_stream(w->ff, frames, classes, ids, origins, n, &out);
    if (status != FF_OK) {
        not_learned(w, from, n, status);
        return;
    }
    tell_digest(w, before);
    w->moved = true;
    if (out.drift)
        w->drift_error = out.drift_error;
    w->drift |= out.drift;
    for (size_t i = 0; i < n; i++)
        w->outcome[from + i] = (struct ffd_outcome){
            .seq = out.seq - n + 1 + i,
            .step = out.step,
            .taken = true,
            .fate = (enum ff_fate)out.fate[i],
            .judged = out.judged[i],
            .right = out.correct[i],
            .typicality = out.typicality ? out.typicality[i] : NAN,
            .alarm = out.alarm && out.alarm[i],
        };
}

static void learn(struct ffd_work *w)
{
    size_t batch = ff_model_spec(w->ff)->batch;

    for (size_t from = 0; from < w->n; from += batch) {
        size_t n = w->n - from < batch ? w->n - from : batch;

        learn_batch(w, from, n);
        if (w->moved && now_us() - w->published_us >= PUBLISH_AWAKE_US)
            publish(w);
    }
}

static void sleep_slice(struct ffd_work *w)
{
    uint64_t before = step_of(w);
    struct ff_slept out = {0};

    /* Both records or none: what would be tried for ever must end. */
    if (ffd_records_reserve(records(w), 256) < 0 ||
        ffd_record_sleep(records(w), w->ff, FFD_SLICE_UPDATES) < 0) {
        w->status = FF_ENOMEM;
        return;
    }
    w->status = ff_sleep(w->ff, FFD_SLICE_UPDATES, &out);
    w->moved = w->moved || out.updates > 0;
    /* Nothing to dream of, or nothing it may do: the debt is forgiven, or it
       would be tried for ever. */
    w->stuck = w->status != FF_OK || (out.updates == 0 && out.debt > 0);
    if (w->stuck &&
        ffd_record_plain(records(w), w->ff, FFD_RECORD_FORGIVE) == 0)
        ff_sleep_forgive(w->ff);
    tell_digest(w, before);
    if (w->moved &&
        (out.debt == 0 || now_us() - w->published_us >= PUBLISH_ASLEEP_US))
        publish(w);
}

/* Here it only takes its copy; the long part runs beside learning. */
static void begin_fit(struct ffd_work *w)
{
    w->fit_begun = ff_fit_due(w->ff) &&
                   ffd_records_reserve(records(w), 64) == 0 &&
                   ff_fit_begin(w->ff) == FF_OK;
    if (!w->fit_begun)
        return;
    ffd_record_plain(records(w), w->ff, FFD_RECORD_FIT_BEGIN);
    note_published(w);
}

static void install_fit(struct ffd_work *w)
{
    w->status = FF_ENOMEM;
    if (ffd_record_plain(records(w), w->ff, FFD_RECORD_FIT_INSTALL) < 0)
        return; /* it stays ready, and is tried again */
    w->status = ff_fit_install(w->ff);
    w->installed = true;
    w->moved = true; /* answers change, if no weight */
    publish(w);
}

static void digest(struct ffd_work *w)
{
    w->status = ff_model_digest(w->ff, w->digest);
}

/* The weights of a snapshot, as the model's next record. */
static void load(struct ffd_work *w)
{
    uint8_t *bytes = NULL;
    char why[FF_WHY_MAX] = "";
    size_t n = 0;

    w->loaded = NULL;
    w->status = FF_ECORRUPT;
    if (ffd_file_read(w->from, &bytes, &n, w->why) != 0)
        return;
    w->status = ff_model_load(&w->loaded, bytes, n, why);
    snprintf(w->why, sizeof(w->why), "%s",
             why[0] ? why : ff_strerror(w->status));
    if (w->status == FF_OK &&
        !ff_spec_same_structure(ff_model_spec(w->ff), ff_model_spec(w->loaded),
                                why)) {
        w->status = FF_ESPEC;
        snprintf(w->why, sizeof(w->why), "%s", why);
    }
    if (w->status == FF_OK && w->keeps && n > FFD_RECORD_BYTES_MAX - 16) {
        w->status = FF_ENOMEM;
        snprintf(w->why, sizeof(w->why),
                 "the journal cannot hold a snapshot of %zu bytes; with "
                 "durability: off it can be rolled back to",
                 n);
    }
    if (w->status == FF_OK) {
        ff_model_set_record(w->loaded, ff_model_record(w->ff));
        if (ffd_record_load(records(w), w->loaded, bytes, n) < 0) {
            w->status = FF_ENOMEM;
            snprintf(w->why, sizeof(w->why), "%s", ff_strerror(w->status));
        }
    }
    if (w->status != FF_OK) {
        ff_model_free(w->loaded);
        w->loaded = NULL;
    }
    free(bytes);
}

static void create(struct ffd_work *w)
{
    w->status = ff_model_new(&w->ff, w->spec);
    if (w->status != FF_OK)
        return;
    if (ffd_record_spec(records(w), w->ff, FFD_RECORD_CREATE, w->spec) < 0)
        w->status = FF_ENOMEM;
    else
        w->status = ff_model_save(w->ff, &w->bytes, &w->bytes_n);
    if (w->status != FF_OK) {
        ff_model_free(w->ff);
        w->ff = NULL;
    }
}

void ffd_work_run(struct ffd_work *w)
{
    w->status = FF_OK;
    w->published = false;
    w->stuck = false;
    w->fit_begun = false;
    w->installed = false;
    w->drift = 0;
    w->why[0] = '\0';
    switch (w->kind) {
    case FFD_WORK_LEARN:
        learn(w);
        begin_fit(w);
        break;
    case FFD_WORK_INSTALL:
        install_fit(w);
        break;
    case FFD_WORK_SLEEP:
        sleep_slice(w);
        begin_fit(w);
        break;
    case FFD_WORK_PUBLISH:
        publish(w);
        break;
    case FFD_WORK_CREATE:
        create(w);
        break;
    case FFD_WORK_IMPORT:
        ffd_import_take(w);
        break;
    case FFD_WORK_SAVE:
        w->status = ff_model_save(w->ff, &w->bytes, &w->bytes_n);
        break;
    case FFD_WORK_DREAMS:
        ffd_dreams_answer(&w->reply, w->msgid, w->ff, w->dreams, w->dream_seed);
        break;
    case FFD_WORK_PORTRAIT:
        ffd_portrait_make(&w->reply, w->ff, w->name, w->pictures,
                          w->dream_seed);
        break;
    case FFD_WORK_DIGEST:
        digest(w);
        break;
    case FFD_WORK_LOAD:
        load(w);
        break;
    case FFD_WORK_DROP:
        ffd_model_dir_drop(w->state, w->name, w->why);
        ff_model_free(w->ff);
        w->ff = NULL;
        break;
    }
    if (w->ff)
        ff_model_stats(w->ff, &w->stats);
}
