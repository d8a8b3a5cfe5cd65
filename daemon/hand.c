#include "daemon/hand.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/follow.h"
#include "daemon/model.h"
#include "daemon/model_dir.h"
#include "daemon/rollback.h"
#include "daemon/snapshot_file.h"
#include "daemon/stream.h"
#include "daemon/ticket.h"
#include "proto/pack.h"

bool ffd_hand_holds(const struct ffd_model *m)
{
    return m->ops &&
           (m->ops->kind == FFD_OP_HAND || m->ops->kind == FFD_OP_ROLLBACK);
}

bool ffd_hand_ready(const struct ffd_model *m)
{
    return ffd_hand_holds(m) && m->life == FFD_LIVE && m->home &&
           m->inbox.waiting == 0 && m->fit == FFD_FIT_NONE &&
           !m->predictor.busy && !m->forgetting.on && ffd_commit_open(m->d);
}

static void refuse(struct ffd_model *m, uint64_t conn, uint32_t msgid,
                   enum ffp_code code, const char *why)
{
    ffd_answer_error(m->d, conn, msgid, code, "%.300s", why);
    ffd_conn_end(m->d, conn);
}

void ffd_hand_refuse(struct ffd_model *m, enum ffp_code code, const char *why)
{
    struct ffd_op **at = &m->ops;
    bool loading = !m->home && m->work.kind == FFD_WORK_LOAD;

    m->ops_tail = NULL;
    while (*at) {
        struct ffd_op *op = *at;

        if (op->kind == FFD_OP_HAND ||
            (op->kind == FFD_OP_ROLLBACK && !(loading && op == m->ops))) {
            *at = op->next;
            refuse(m, op->conn, op->msgid, code, why);
            free(op);
            continue;
        }
        m->ops_tail = op;
        at = &op->next;
    }
}

/* When the record is on the disk: who changed a label must not find it undone
   by a kill. */
static void answer_record(struct ffd_model *m, uint64_t conn, uint32_t msgid)
{
    struct ffd_ticket *t = ffd_ticket_new(m->d);

    if (!t) {
        refuse(m, conn, msgid, FFP_NO_MEMORY,
               "it was done, but there is no memory to tell when it is on the "
               "disk");
        return;
    }
    t->conn = conn;
    t->msgid = msgid;
    t->hand = true;
    t->seq = ff_model_record(m->ff);
    if (!ffd_commit_keeps(m->d)) {
        ffd_ticket_answer(m->d, t);
        return;
    }
    ffd_commit_await(m->d, t);
    ffd_commit_hurry(m->d);
}

/* What waited for this goes on. */
static void let_go(struct ffd_model *m)
{
    size_t budget = FFD_INTAKE_BUDGET;

    ffd_predict_published(m);
    ffd_intake_run_waiting(m, &budget);
    ffd_follow_took(m);
    if (m->leader) {
        ffd_intake_run_waiting(m->leader, &budget);
        ffd_follow_took(m->leader);
    }
    ffd_scheduler_want(m);
}

/* ---- labels -------------------------------------------------------------- */

static int do_hand(struct ffd_model *m, const struct ffd_hand *h, int from,
                   int to)
{
    struct ffd_records *r = ffd_commit_keeps(m->d) ? &m->records : NULL;
    int status = FF_OK;

    /* Room first: what was done must be written down. */
    if (ffd_records_reserve(r, 64 + h->to_n) < 0)
        return FF_ENOMEM;
    switch (h->kind) {
    case FFD_RECORD_RENAME:
        status = ff_label_rename(m->ff, from, h->to, h->to_n);
        if (status == FF_OK)
            ffd_record_rename(r, m->ff, from, h->to, h->to_n);
        break;
    case FFD_RECORD_MERGE:
        status = ff_label_merge(m->ff, from, to);
        if (status == FF_OK)
            ffd_record_merge(r, m->ff, from, to);
        break;
    default:
        status = ff_label_forget(m->ff, from);
        if (status == FF_OK)
            ffd_record_forget(r, m->ff, from);
        break;
    }
    return status;
}

/* The code and sentence of what is wrong with it, or FFP_CODES. */
static enum ffp_code check(const struct ffd_model *m, const struct ffd_hand *h,
                           int from, int to, const char **why)
{
    /* A label whose frames were all dropped is not the model's yet. */
    if (from < 0 || !ff_label_shown(m->ff, from)) {
        *why = "the model has learned no frame of that label (from)";
        return FFP_UNKNOWN_LABEL;
    }
    if (h->kind == FFD_RECORD_MERGE && (to < 0 || !ff_label_shown(m->ff, to))) {
        *why = "the model has learned no frame of that label (to); rename "
               "gives a new one";
        return FFP_UNKNOWN_LABEL;
    }
    if (h->kind == FFD_RECORD_MERGE && to == from) {
        *why = "from and to are the same label";
        return FFP_BAD_PARAMS;
    }
    if (h->kind != FFD_RECORD_RENAME &&
        ffd_stream_of_symbols(&m->config.spec)) {
        *why = "symbols of a sequence are neither merged nor forgotten";
        return FFP_BAD_PARAMS;
    }
    if (h->kind == FFD_RECORD_RENAME && to >= 0) {
        *why = "the model has a label of the new name already; merge lets all "
               "that has one have the other";
        return FFP_LABEL_EXISTS;
    }
    return FFP_CODES;
}

static void begin_forgetting(struct ffd_model *m, const struct ffd_op *op)
{
    const struct ffd_op save = {.kind = FFD_OP_SAVE, .forgets = true};

    m->forgetting = (struct ffd_forgetting){.on = true,
                                            .owed = true,
                                            .asked = true,
                                            .conn = op->conn,
                                            .msgid = op->msgid,
                                            .record = ff_model_record(m->ff)};
    /* Before another op of this kind, which waits for the end of this. */
    if (ffd_model_ask_first(m, &save) < 0)
        ffd_hand_saved(m, 0, -1, "no memory for a snapshot without it");
}

static void run(struct ffd_model *m, const struct ffd_op *op)
{
    const struct ffd_hand *h = &op->hand;
    int from = ff_label_find(m->ff, h->from, h->from_n);
    int to = ff_label_find(m->ff, h->to, h->to_n), status;
    const char *why = "";
    enum ffp_code code = check(m, h, from, to, &why);
    const char *done = h->kind == FFD_RECORD_RENAME  ? "renamed"
                       : h->kind == FFD_RECORD_MERGE ? "merged"
                                                     : "forgotten";

    if (code != FFP_CODES) {
        refuse(m, op->conn, op->msgid, code, why);
        return;
    }
    status = do_hand(m, h, from, to);
    if (status != FF_OK) {
        refuse(m, op->conn, op->msgid, ffd_code_of(status),
               ff_strerror(status));
        return;
    }
    ffd_commit_take(m, &m->records);
    m->record = ff_model_record(m->ff);
    ff_model_stats(m->ff, &m->stats);
    /* Not by its name, here and there: it may be forgotten. */
    ffd_log(FFD_LOG_NOTICE, "model %s: a label was %s by hand", m->name, done);
    ffd_model_mark(m, "label", "a label was %s", done);
    if (h->kind != FFD_RECORD_FORGET) {
        answer_record(m, op->conn, op->msgid);
        return;
    }
    ffd_portrait_forget(m);
    begin_forgetting(m, op);
}

void ffd_hand_look(struct ffd_model *m)
{
    struct ffd_op *op = m->ops;

    if (!ffd_hand_ready(m) || op->kind != FFD_OP_HAND ||
        ffd_commit_ready(m) < 0)
        return;
    m->ops = op->next;
    if (!m->ops)
        m->ops_tail = NULL;
    run(m, op);
    free(op);
    let_go(m);
}

/* ---- what follows when a label is forgotten ------------------------------ */

void ffd_hand_saved(struct ffd_model *m, size_t versions, int rc,
                    const char *why)
{
    struct ffd_forgetting *f = &m->forgetting;
    char dir[FFD_PATH_MAX], mark[FFD_PATH_MAX];

    f->versions = versions;
    ffd_model_dir(m->d->config.state, m->name, dir);
    ffd_path(mark, "%s/" FFD_FORGET_FILE, dir);
    if (rc == 0 && ffd_commit_erase(m, f->record, mark) == 0)
        return;
    ffd_hand_erased(m, -1, rc == 0 ? "no memory to erase its records" : why);
}

static void answer_forgetting(struct ffd_model *m, int rc, const char *why)
{
    const struct ffd_forgetting *f = &m->forgetting;
    struct ffd_answer a;

    if (rc != 0) {
        ffd_answer_error(m->d, f->conn, f->msgid, FFP_STORAGE,
                         "the model has forgotten it, but older snapshots or "
                         "the journal still hold frames of it (%.200s); that "
                         "is tried again with every snapshot",
                         why);
    } else if (ffd_answer_begin(&a, m->d, f->conn, f->msgid)) {
        ffp_pack_map(a.buf, 2);
        ffp_kv_uint(a.buf, "record", f->record);
        ffp_kv_uint(a.buf, "versions", f->versions);
        ffd_answer_end(&a);
    }
    ffd_conn_end(m->d, f->conn);
}

void ffd_hand_erased(struct ffd_model *m, int rc, const char *why)
{
    struct ffd_forgetting *f = &m->forgetting;

    f->on = false;
    f->owed = rc != 0;
    if (rc != 0)
        ffd_log(FFD_LOG_ERROR,
                "model %s: the label is forgotten, but not erased from what is "
                "stored: %s; it is tried again with every snapshot",
                m->name, why);
    if (f->asked)
        answer_forgetting(m, rc, why);
    f->asked = false;
    ffd_scheduler_want(m);
}

/* ---- rollback ------------------------------------------------------------ */

int ffd_model_rollback(struct ffd_model *m, const char *path, uint64_t conn,
                       uint32_t msgid)
{
    struct ffd_op op = {
        .kind = FFD_OP_ROLLBACK, .asked = true, .conn = conn, .msgid = msgid};

    if (strlen(path) >= sizeof(op.path))
        return -1;
    memcpy(op.path, path, strlen(path) + 1);
    return ffd_model_ask(m, &op);
}

void ffd_hand_loaded(struct ffd_model *m, const struct ffd_op *op)
{
    struct ffd_work *w = &m->work;

    if (w->status != FF_OK) {
        refuse(m, op->conn, op->msgid,
               w->status == FF_ESPEC ? FFP_BAD_SPEC : ffd_code_of(w->status),
               w->why);
        return;
    }
    ff_model_free(m->ff);
    m->ff = w->loaded;
    w->loaded = NULL;
    ffd_predict_replaced(m);
    m->record = ff_model_record(m->ff);
    m->tune = true; /* the configuration's options, not the snapshot's */
    ff_model_stats(m->ff, &m->stats);
    ffd_sleeper_learned(&m->sleeper, m->stats.debt);
    m->published_seq = m->stats.seq;
    m->unpublished = false;
    ffd_log(FFD_LOG_NOTICE,
            "model %s: rolled back to seq %llu, step %llu, as record %llu",
            m->name, (unsigned long long)m->stats.seq,
            (unsigned long long)m->stats.step,
            (unsigned long long)ff_model_record(m->ff));
    ffd_model_mark(m, "rollback", "rolled back to frame %llu",
                   (unsigned long long)m->stats.seq);
    answer_record(m, op->conn, op->msgid);
}
