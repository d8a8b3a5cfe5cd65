#include "daemon/scheduler.h"

#include <string.h>

#include "daemon/daemon.h"
#include "daemon/home.h"
#include "daemon/model.h"

#define NOTHING    (-1)
#define STARVED_MS 100

/* Whether the first thing asked for can be done now. */
static bool op_ready(struct ffd_model *m)
{
    if (!m->ops)
        return false;
    switch (m->ops->kind) {
    case FFD_OP_CREATE:
    case FFD_OP_IMPORT:
    case FFD_OP_DREAMS:
    case FFD_OP_DIGEST:
    case FFD_OP_PORTRAIT:
        return true;
    case FFD_OP_SAVE: /* a fit on its way is not in a snapshot; of a model that
                         goes it is not taken in any more */
        return !m->save.busy &&
               (m->fit == FFD_FIT_NONE ||
                (m->fit == FFD_FIT_READY && m->life == FFD_DROPPING));
    case FFD_OP_HAND:
        return false; /* done on the loop, see hand.h */
    case FFD_OP_ROLLBACK:
        return ffd_hand_ready(m);
    case FFD_OP_DROP:
        return !m->save.busy && !m->predictor.busy && m->looks == 0 &&
               m->fit != FFD_FIT_RUNS && !m->forgetting.on &&
               ffd_commit_forsake(m);
    }
    return false;
}

static int work_of_op(const struct ffd_op *op)
{
    switch (op->kind) {
    case FFD_OP_CREATE:
        return FFD_WORK_CREATE;
    case FFD_OP_IMPORT:
        return FFD_WORK_IMPORT;
    case FFD_OP_SAVE:
        return FFD_WORK_SAVE;
    case FFD_OP_DREAMS:
        return FFD_WORK_DREAMS;
    case FFD_OP_DIGEST:
        return FFD_WORK_DIGEST;
    case FFD_OP_PORTRAIT:
        return FFD_WORK_PORTRAIT;
    case FFD_OP_ROLLBACK:
        return FFD_WORK_LOAD;
    case FFD_OP_HAND:
        break;
    case FFD_OP_DROP:
        return FFD_WORK_DROP;
    }
    return NOTHING;
}

/* Frames that may be learned before it must sleep. Who drains learns all that
   waits; the sleep it owes for that is kept in the snapshot. */
static uint64_t may_learn(const struct ffd_model *m)
{
    return m->d->phase == FFD_SERVING ? ffd_sleeper_may_learn(&m->sleeper)
                                      : FFD_NEVER;
}

/* Its slices publish too. */
static bool asleep(const struct ffd_model *m)
{
    return m->d->phase == FFD_SERVING && m->sleeper.state == FFD_ASLEEP;
}

static bool may_sleep(struct ffd_model *m, uint64_t now_ms)
{
    return m->d->phase == FFD_SERVING &&
           ffd_sleeper_wait_ms(&m->sleeper, now_ms) == 0;
}

static int next_work(struct ffd_model *m)
{
    uint64_t now_ms = ffd_now_ms(m->d);
    bool open = ffd_commit_open(m->d);

    if (op_ready(m))
        return work_of_op(m->ops);
    if (m->life != FFD_LIVE)
        return NOTHING;
    /* Whether or not the journal takes it now: snapshots, which may be what it
       waits for, and the end of the daemon wait for the fit. */
    if (m->fit == FFD_FIT_READY)
        return FFD_WORK_INSTALL;
    if (m->inbox.waiting > 0 && open && may_learn(m) > 0)
        return FFD_WORK_LEARN;
    /* Where nothing is learned now, and nobody sleeps, nothing else would. */
    if (m->unpublished && (!open || (m->inbox.waiting == 0 && !asleep(m))) &&
        now_ms >= m->retry_publish_ms)
        return FFD_WORK_PUBLISH;
    if (open && may_sleep(m, now_ms))
        return FFD_WORK_SLEEP;
    return NOTHING;
}

void ffd_scheduler_want(struct ffd_model *m)
{
    struct ffd_scheduler *s = &m->d->scheduler;

    if (!m->home || m->queued || next_work(m) == NOTHING)
        return;
    m->queued = true;
    m->next_queued = NULL;
    if (s->tail)
        s->tail->next_queued = m;
    else
        s->head = m;
    s->tail = m;
}

static struct ffd_model *pop(struct ffd_scheduler *s)
{
    struct ffd_model *m = s->head;

    s->head = m->next_queued;
    if (!s->head)
        s->tail = NULL;
    m->queued = false;
    return m;
}

static void on_pool(uv_work_t *req)
{
    struct ffd_model *m = req->data;

    ffd_work_run(&m->work);
}

static void on_home(uv_work_t *req, int status)
{
    struct ffd_model *m = req->data;
    struct ffd_daemon *d = m->d;

    (void)status; /* nothing cancels it */
    d->scheduler.running--;
    m->home = true;
    ffd_home(m); /* may free a model that was dropped */
}

static void pack_frames(struct ffd_model *m)
{
    struct ffd_work *w = &m->work;
    uint64_t may = may_learn(m);

    w->n = ffd_inbox_take(&m->inbox, w->rows,
                          may < FFD_LEARN_MAX ? (size_t)may : FFD_LEARN_MAX);
    for (size_t i = 0; i < w->n; i++) {
        const struct ffd_row *row = &m->inbox.rows[w->rows[i]];

        w->frames[i] =
            row->late ? NULL : ffd_inbox_frame(&m->inbox, w->rows[i]);
        w->classes[i] = row->class_;
        w->ids[i] = row->id;
        w->origins[i] = row->origin;
        w->owner[i] = row->ticket;
    }
}

static void pack_op(struct ffd_model *m)
{
    struct ffd_work *w = &m->work;

    w->dreams = m->ops->count;
    w->msgid = m->ops->msgid;
    memcpy(w->from, m->ops->path, sizeof(w->from));
    w->pictures = m->portrait.pictures;
    if (m->ops->kind == FFD_OP_DREAMS || m->ops->kind == FFD_OP_PORTRAIT)
        w->dream_seed = m->d->next_id + m->stats.step;
    memcpy(w->state, m->d->config.state, sizeof(w->state));
    w->name = m->name;
}

static void send_out(struct ffd_model *m, enum ffd_work_kind kind)
{
    struct ffd_work *w = &m->work;

    if (ffd_commit_ready(m) < 0) {
        ffd_log_some(FFD_LOG_ERROR, "no-memory", ffd_now_ms(m->d),
                     "model %s waits: no memory to write down what it does",
                     m->name);
        m->d->scheduler.starved = true;
        return;
    }
    w->kind = kind;
    w->keeps = ffd_commit_keeps(m->d);
    w->name = m->name;
    w->digests = m->d->digests;
    w->ff = m->ff;
    w->spec = &m->config.spec;
    w->published_us = m->published_us;
    w->moved = m->unpublished;
    w->began_us = ffd_now_us();
    w->req.data = m;
    if (kind == FFD_WORK_LEARN)
        pack_frames(m);
    else if (m->ops && (int)kind == work_of_op(m->ops))
        pack_op(m);
    m->home = false;
    m->d->scheduler.running++;
    uv_queue_work(&m->d->loop, &w->req, on_pool, on_home);
}

static void on_timer(uv_timer_t *timer)
{
    struct ffd_daemon *d = timer->data;

    d->scheduler.starved = false;
    for (struct ffd_model *m = d->models; m; m = m->next)
        ffd_scheduler_want(m);
}

/* The soonest moment at which a model at home may have something to do of
   itself: fall asleep in quiet, or try again to publish or to find memory. */
static void set_timer(struct ffd_daemon *d)
{
    uint64_t now_ms = ffd_now_ms(d);
    uint64_t soonest = d->scheduler.starved ? STARVED_MS : FFD_NEVER;

    for (struct ffd_model *m = d->models; m; m = m->next) {
        uint64_t wait;

        if (d->phase != FFD_SERVING || m->life != FFD_LIVE || !m->home ||
            m->queued)
            continue;
        wait = ffd_commit_open(d) ? ffd_sleeper_wait_ms(&m->sleeper, now_ms)
                                  : FFD_NEVER;
        if (m->unpublished && m->retry_publish_ms > now_ms &&
            m->retry_publish_ms - now_ms < wait)
            wait = m->retry_publish_ms - now_ms;
        if (wait == 0)
            wait = 1; /* it fell asleep as we looked */
        if (wait < soonest)
            soonest = wait;
    }
    if (soonest == FFD_NEVER)
        uv_timer_stop(&d->scheduler.timer);
    else if (!uv_is_active((uv_handle_t *)&d->scheduler.timer) ||
             uv_timer_get_due_in(&d->scheduler.timer) > soonest)
        uv_timer_start(&d->scheduler.timer, on_timer, soonest, 0);
}

void ffd_scheduler_pump(struct ffd_daemon *d)
{
    struct ffd_scheduler *s = &d->scheduler;

    while (s->head && s->running < s->learners) {
        struct ffd_model *m = pop(s);
        int kind = next_work(m);

        if (kind != NOTHING)
            send_out(m, (enum ffd_work_kind)kind);
    }
    set_timer(d);
}

int ffd_scheduler_start(struct ffd_daemon *d, unsigned learners)
{
    d->scheduler.learners = learners;
    d->scheduler.timer.data = d;
    return uv_timer_init(&d->loop, &d->scheduler.timer);
}

void ffd_scheduler_stop(struct ffd_daemon *d)
{
    uv_close((uv_handle_t *)&d->scheduler.timer, NULL);
}

const struct ffd_model *ffd_scheduler_stuck(const struct ffd_daemon *d,
                                            uint64_t limit_us)
{
    uint64_t now_us = ffd_now_us();

    for (const struct ffd_model *m = d->models; m; m = m->next) {
        if (!m->home && now_us - m->work.began_us > limit_us)
            return m;
    }
    return NULL;
}
