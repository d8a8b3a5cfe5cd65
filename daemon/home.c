#include "daemon/home.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/event.h"
#include "daemon/follow.h"
#include "daemon/hand.h"
#include "daemon/import.h"
#include "daemon/model.h"
#include "daemon/ticket.h"

#define RETRY_PUBLISH_MS 5

static void tell_drift(struct ffd_model *m)
{
    static const char *const detectors[] = {"error_adwin", "error_page_hinkley",
                                            "level_adwin",
                                            "level_page_hinkley"};
    const struct ffd_work *w = &m->work;

    for (unsigned i = 0; i < 4; i++) {
        if (!(w->drift & 1u << i))
            continue;
        if (isnan(w->drift_error)) /* no labels yet */
            ffd_log(FFD_LOG_NOTICE, "model %s: drift, says %s", m->name,
                    detectors[i]);
        else
            ffd_log(FFD_LOG_NOTICE,
                    "model %s: drift, says %s; errors are %.1f %%", m->name,
                    detectors[i], 100 * w->drift_error);
        ffd_event_drift(m, detectors[i], w->drift_error);
        ffd_model_mark(m, "drift", "drift, says %s", detectors[i]);
    }
}

static void learned(struct ffd_model *m)
{
    struct ffd_work *w = &m->work;
    uint64_t now_us = ffd_now_us();
    size_t n = 0;

    for (size_t i = 0; i < w->n; i++) {
        struct ffd_ticket *t = m->inbox.rows[w->rows[i]].ticket;

        n += w->outcome[i].taken;
        if (w->outcome[i].alarm)
            ffd_event_anomaly(m, &m->inbox.rows[w->rows[i]], &w->outcome[i],
                              ffd_now_ms(m->d));
        if (t)
            ffd_ticket_learned(m, t, &w->outcome[i], now_us);
    }
    ffd_inbox_put_back(&m->inbox, w->rows, w->n);
    ffd_model_learned(m, n, now_us);
    if (n < w->n)
        ffd_model_lost(m, FFD_LOST_BAD, w->n - n);
    ffd_sleeper_learned(&m->sleeper, w->stats.debt);
    w->n = 0;
    tell_drift(m);
}

static void slept(struct ffd_model *m)
{
    if (m->work.stuck)
        ffd_log_some(FFD_LOG_NOTICE, m->name, ffd_now_ms(m->d),
                     "model %s has nothing to sleep on; what it owed is "
                     "forgiven",
                     m->name);
    ffd_sleeper_slept(&m->sleeper, m->work.stuck ? 0 : m->work.stats.debt);
}

/* Nothing is taken now, so what does not wait is settled. A view made on the
   way, before the last frames were learned, surely holds what was settled when
   the work went out. */
static void mark(struct ffd_model *m)
{
    struct ffd_mark *k = &m->marks;

    if (m->work.published)
        k->published = k->settled;
    k->settled = k->in - m->inbox.waiting;
    if (!m->unpublished)
        k->published = k->settled;
}

static void published(struct ffd_model *m)
{
    struct ffd_work *w = &m->work;

    m->unpublished = w->moved;
    m->published_us = w->published_us;
    if (w->kind == FFD_WORK_PUBLISH && !w->published)
        m->retry_publish_ms = ffd_now_ms(m->d) + RETRY_PUBLISH_MS;
    if (w->published)
        m->published_seq = w->published_seq;
    mark(m);
    ffd_predict_published(m);
}

static struct ffd_op *pop_op(struct ffd_model *m)
{
    struct ffd_op *op = m->ops;

    m->ops = op->next;
    if (!m->ops)
        m->ops_tail = NULL;
    return op;
}

/* Bytes are here; on to the disk with them. */
static void to_disk(struct ffd_model *m, const struct ffd_op *op)
{
    struct ffd_work *w = &m->work;
    struct ffd_save *s = &m->save;

    if (w->status != FF_OK) {
        ffd_log(FFD_LOG_ERROR, "model %s: no snapshot: %s", m->name,
                ff_strerror(w->status));
        if (op->asked) {
            ffd_answer_error(m->d, op->conn, op->msgid, ffd_code_of(w->status),
                             "%s", ff_strerror(w->status));
            ffd_conn_end(m->d, op->conn);
        }
        if (op->forgets)
            ffd_hand_saved(m, 0, -1, ff_strerror(w->status));
        return;
    }
    s->bytes = w->bytes;
    s->n = w->bytes_n;
    w->bytes = NULL;
    s->seq = w->stats.seq;
    s->step = w->stats.step;
    s->unsaved = m->unsaved;
    s->version = (struct ffd_version){.record = m->record, .bytes = s->n};
    memcpy(s->version.name, op->name, sizeof(op->name));
    /* What is owed of a forgetting goes with the next that is written. */
    s->forgets = op->forgets || (m->forgetting.owed && !m->forgetting.on);
    m->forgetting.on = m->forgetting.on || s->forgets;
    s->creating = op->kind == FFD_OP_CREATE;
    s->asked = op->asked;
    s->conn = op->conn;
    s->msgid = op->msgid;
    ffd_save_start(m);
}

/* True when the model lives; false when it is gone. */
static bool created(struct ffd_model *m, const struct ffd_op *op)
{
    int status = m->work.status;

    if (status == FF_OK && ffd_model_live(m, m->work.ff) == 0) {
        ffd_commit_take(m, &m->work.records);
        to_disk(m, op);
        return true;
    }
    if (status == FF_OK)
        status = FF_ENOMEM;
    free(m->work.bytes);
    m->work.bytes = NULL;
    if (op->asked) {
        ffd_answer_error(m->d, op->conn, op->msgid, ffd_code_of(status), "%s",
                         ff_strerror(status));
        ffd_conn_end(m->d, op->conn);
    }
    ffd_model_free(m);
    return false;
}

static void dreamt(struct ffd_model *m, const struct ffd_op *op)
{
    struct ffp_buf *reply = &m->work.reply;

    if (reply->failed)
        ffd_answer_error(m->d, op->conn, op->msgid, FFP_TOO_LARGE,
                         "so many dreams do not fit in one answer");
    else
        ffd_answer_bytes(m->d, op->conn, op->msgid, reply->data, reply->n);
    ffp_buf_clear(reply);
    ffd_conn_end(m->d, op->conn);
}

/* Something of it is on the disk still, and the next start finds it: until then
   nobody may have its name, or that start would take one for the other. */
static void keep_name(struct ffd_model *m)
{
    m->forgetting.on = false;
    ffd_log(FFD_LOG_NOTICE, "model %s: its name is taken until the next start",
            m->name);
}

/* Its directory is where it was, and so its records stay, too. */
static void not_dropped(struct ffd_model *m, const struct ffd_op *op)
{
    ffd_log(FFD_LOG_ERROR,
            "model %s is dropped, but will be back at the next start: %s",
            m->name, m->work.why);
    if (op->asked) {
        ffd_answer_error(m->d, op->conn, op->msgid, FFP_STORAGE,
                         "it will be back at the next start: %.200s",
                         m->work.why);
        ffd_conn_end(m->d, op->conn);
    }
    keep_name(m);
}

/* The weights and snapshots are gone; now its records in the journal, or it
   would rise again. */
static void dropped(struct ffd_model *m, const struct ffd_op *op)
{
    m->ff = NULL;
    m->fit = FFD_FIT_NONE;
    if (m->work.why[0]) {
        not_dropped(m, op);
        return;
    }
    m->forgetting = (struct ffd_forgetting){
        .on = true, .asked = op->asked, .conn = op->conn, .msgid = op->msgid};
    if (ffd_commit_erase(m, UINT64_MAX, NULL) < 0)
        ffd_model_erased(m, -1, "no memory");
}

static void gone(struct ffd_model *m, int rc, const char *why)
{
    const struct ffd_forgetting *f = &m->forgetting;

    if (rc != 0)
        ffd_log(FFD_LOG_ERROR, "model %s: its records in the journal stay: %s",
                m->name, why);
    if (f->asked && rc == 0)
        ffd_answer_name(m->d, f->conn, f->msgid, m->name);
    else if (f->asked)
        ffd_answer_error(m->d, f->conn, f->msgid, FFP_STORAGE,
                         "the model is gone, but its records stay in the "
                         "journal: %.200s",
                         why);
    if (f->asked)
        ffd_conn_end(m->d, f->conn);
    ffd_log(FFD_LOG_NOTICE, "model %s dropped", m->name);
    if (rc == 0) {
        ffd_model_free(m);
        return;
    }
    m->saved_record = FFD_NEVER_SAVED - 1; /* nobody needs its records */
    keep_name(m);
}

void ffd_model_erased(struct ffd_model *m, int rc, const char *why)
{
    struct ffd_daemon *d = m->d;

    if (m->life == FFD_DROPPING)
        gone(m, rc, why);
    else
        ffd_hand_erased(m, rc, why);
    ffd_stop_look(d);
}

static void digested(struct ffd_model *m, const struct ffd_op *op)
{
    if (m->work.status == FF_OK)
        ffd_status_answer(m, op->conn, op->msgid, m->work.digest);
    else
        ffd_answer_error(m->d, op->conn, op->msgid, ffd_code_of(m->work.status),
                         "%s", ff_strerror(m->work.status));
    ffd_conn_end(m->d, op->conn);
}

/* False when the model is gone. */
static bool op_done(struct ffd_model *m)
{
    struct ffd_op *op = pop_op(m);
    bool here = true;

    switch (op->kind) {
    case FFD_OP_CREATE:
        here = created(m, op);
        break;
    case FFD_OP_IMPORT:
        here = ffd_import_home(m, op);
        break;
    case FFD_OP_SAVE:
        to_disk(m, op);
        break;
    case FFD_OP_DREAMS:
        dreamt(m, op);
        break;
    case FFD_OP_DIGEST:
        digested(m, op);
        break;
    case FFD_OP_PORTRAIT:
        ffd_portrait_home(m);
        break;
    case FFD_OP_ROLLBACK:
        ffd_hand_loaded(m, op);
        break;
    case FFD_OP_HAND:
        break; /* done on the loop, see hand.h */
    case FFD_OP_DROP:
        dropped(m, op); /* it may be gone now */
        here = false;
        break;
    }
    free(op);
    return here;
}

void ffd_home(struct ffd_model *m)
{
    struct ffd_daemon *d = m->d;
    size_t budget = FFD_INTAKE_BUDGET;

    if (m->work.ff) {
        m->stats = m->work.stats;
        m->record = ff_model_record(m->work.ff);
    }
    if (m->life != FFD_CREATING)
        ffd_commit_take(m, &m->work.records);
    switch (m->work.kind) {
    case FFD_WORK_LEARN:
        learned(m);
        ffd_model_remember(m);
        break;
    case FFD_WORK_SLEEP:
        slept(m);
        ffd_model_remember(m);
        break;
    case FFD_WORK_PUBLISH:
        break;
    case FFD_WORK_INSTALL:
        if (m->work.installed)
            m->fit = FFD_FIT_NONE;
        break;
    case FFD_WORK_CREATE:
    case FFD_WORK_IMPORT:
    case FFD_WORK_SAVE:
    case FFD_WORK_DREAMS:
    case FFD_WORK_DIGEST:
    case FFD_WORK_PORTRAIT:
    case FFD_WORK_LOAD:
    case FFD_WORK_DROP:
        if (!op_done(m)) {
            ffd_stop_look(d);
            return;
        }
        break;
    }
    if (m->work.fit_begun)
        ffd_model_fit(m);
    published(m);
    ffd_predict_home(m);
    ffd_model_at_home(m);
    ffd_intake_run_waiting(m, &budget);
    ffd_follow_took(m);
    if (m->leader) { /* its frames may have waited for room here */
        ffd_intake_run_waiting(m->leader, &budget);
        ffd_follow_took(m->leader);
    }
    ffd_stop_look(d);
}
