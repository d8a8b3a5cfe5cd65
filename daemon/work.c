#include "daemon/work.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/dreams.h"
#include "daemon/import.h"
#include "daemon/model_dir.h"

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

static void learn_batch(struct ffd_work *w, size_t from, size_t n)
{
    struct ff_learned out;
    int status = ff_learn(w->ff, w->frames + from, w->classes + from,
                          w->ids + from, n, &out);

    if (status != FF_OK) {
        w->status = status;
        memset(w->outcome + from, 0, n * sizeof(w->outcome[0]));
        return;
    }
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
            .right = out.correct[i],
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
    struct ff_slept out = {0};

    w->status = ff_sleep(w->ff, FFD_SLICE_UPDATES, &out);
    w->moved = w->moved || out.updates > 0;
    /* Nothing to dream of, or nothing it may do: the debt is forgiven, or it
       would be tried for ever. */
    w->stuck = w->status != FF_OK || (out.updates == 0 && out.debt > 0);
    if (w->stuck)
        ff_sleep_forgive(w->ff);
    if (w->moved &&
        (out.debt == 0 || now_us() - w->published_us >= PUBLISH_ASLEEP_US))
        publish(w);
}

/* Here it only takes its copy; the long part runs beside learning. */
static void begin_fit(struct ffd_work *w)
{
    w->fit_begun = ff_fit_due(w->ff) && ff_fit_begin(w->ff) == FF_OK;
    if (w->fit_begun)
        note_published(w);
}

static void create(struct ffd_work *w)
{
    w->status = ff_model_new(&w->ff, w->spec);
    if (w->status != FF_OK)
        return;
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
    w->drift = 0;
    w->why[0] = '\0';
    switch (w->kind) {
    case FFD_WORK_LEARN:
        learn(w);
        begin_fit(w);
        break;
    case FFD_WORK_INSTALL:
        w->status = ff_fit_install(w->ff);
        w->moved = true; /* answers change, if no weight */
        publish(w);
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
    case FFD_WORK_DROP:
        ffd_model_dir_drop(w->state, w->name, w->why);
        ff_model_free(w->ff);
        w->ff = NULL;
        break;
    }
    if (!w->ff)
        return;
    ff_model_stats(w->ff, &w->stats);
    w->record = ff_model_record(w->ff);
}
