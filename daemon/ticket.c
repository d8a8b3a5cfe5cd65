#include "daemon/ticket.h"

#include <math.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/model.h"
#include "proto/pack.h"

static void answer_batch(struct ffd_daemon *d, const struct ffd_ticket *t)
{
    struct ffd_answer a;

    if (!ffd_answer_begin(&a, d, t->conn, t->msgid))
        return;
    ffp_pack_map(a.buf, 8);
    ffd_kv_id(a.buf, "first_id", t->epoch, t->first_id);
    ffp_kv_uint(a.buf, "n", t->n);
    if (t->taken) {
        ffp_kv_uint(a.buf, "seq", t->seq);
        ffp_kv_uint(a.buf, "step", t->step);
    } else {
        ffp_kv_nil(a.buf, "seq"); /* all were dropped */
        ffp_kv_nil(a.buf, "step");
    }
    ffp_kv_uint(a.buf, "learned", t->learned);
    ffp_kv_uint(a.buf, "labelled", t->labelled);
    ffp_kv_uint(a.buf, "right", t->right);
    ffp_kv_uint(a.buf, "dropped", t->dropped);
    ffd_answer_end(&a);
}

static void answer_single(struct ffd_daemon *d, const struct ffd_ticket *t)
{
    struct ffd_answer a;

    if (t->dropped) {
        ffd_answer_error(d, t->conn, t->msgid, FFP_DROPPED,
                         "the model could not keep up, and its overload policy "
                         "dropped the frame");
        return;
    }
    if (!ffd_answer_begin(&a, d, t->conn, t->msgid))
        return;
    ffp_pack_map(a.buf, 6 + !isnan(t->typicality));
    ffd_kv_id(a.buf, "id", t->epoch, t->first_id);
    ffp_kv_uint(a.buf, "seq", t->seq);
    ffp_kv_uint(a.buf, "step", t->step);
    ffp_kv_bool(a.buf, "learned", t->learned > 0);
    ffp_kv_bool(a.buf, "labelled", t->labelled > 0);
    ffp_kv_uint(a.buf, "right", t->right);
    if (!isnan(t->typicality))
        ffp_kv_float(a.buf, "typicality", t->typicality);
    ffd_answer_end(&a);
}

static void answer_late(struct ffd_daemon *d, const struct ffd_ticket *t)
{
    struct ffd_answer a;

    if (t->missed)
        ffd_answer_error(d, t->conn, t->msgid, FFP_UNKNOWN_ID,
                         "no frame %llu:%llu waits for a label (any more)",
                         (unsigned long long)t->epoch,
                         (unsigned long long)t->first_id);
    else if (t->dropped)
        ffd_answer_error(d, t->conn, t->msgid, FFP_DROPPED,
                         "the model could not keep up, and its overload policy "
                         "dropped the label");
    else if (ffd_answer_begin(&a, d, t->conn, t->msgid)) {
        ffp_pack_map(a.buf, 0);
        ffd_answer_end(&a);
    }
}

static void answer_hand(struct ffd_daemon *d, const struct ffd_ticket *t)
{
    struct ffd_answer a;

    if (!ffd_answer_begin(&a, d, t->conn, t->msgid))
        return;
    ffp_pack_map(a.buf, 1);
    ffp_kv_uint(a.buf, "record", t->seq);
    ffd_answer_end(&a);
}

void ffd_ticket_answer(struct ffd_daemon *d, struct ffd_ticket *t)
{
    if (t->failed)
        ffd_answer_error(d, t->conn, t->msgid, ffd_code_of(t->status),
                         "%zu of %zu frames could not be learned: %s",
                         t->failed, t->n, ff_strerror(t->status));
    else if (t->hand)
        answer_hand(d, t);
    else if (t->late)
        answer_late(d, t);
    else if (t->batch)
        answer_batch(d, t);
    else
        answer_single(d, t);
    ffd_conn_end(d, t->conn);
    ffd_ticket_free(d, t);
}

static void settle(struct ffd_model *m, struct ffd_ticket *t)
{
    if (t->settled < t->n)
        return;
    if (t->durable && t->taken > 0)
        ffd_commit_await(m->d, t);
    else
        ffd_ticket_answer(m->d, t);
}

void ffd_ticket_learned(struct ffd_model *m, struct ffd_ticket *t,
                        const struct ffd_outcome *o, uint64_t now_us)
{
    t->settled++;
    if (o->taken) {
        t->taken++;
        t->learned += o->fate == FF_FATE_LEARNED;
        t->missed += o->fate == FF_FATE_MISSED;
        t->seq = o->seq;
        t->step = o->step;
        t->labelled += o->judged;
        t->right += o->right;
        t->typicality = o->typicality;
    } else {
        t->failed++;
        t->status = o->status;
    }
    if (t->settled == t->n)
        ffd_histogram_add(&m->learn_us, now_us - t->since_us);
    settle(m, t);
}

void ffd_ticket_dropped(struct ffd_model *m, struct ffd_ticket *t, size_t n)
{
    t->settled += n;
    t->dropped += n;
    settle(m, t);
}

void ffd_ticket_cut(struct ffd_model *m, struct ffd_ticket *t, size_t n)
{
    t->n = n;
    settle(m, t);
}

void ffd_ticket_received(struct ffd_model *m, uint64_t conn, uint32_t msgid,
                         uint64_t first_id, size_t n, size_t dropped, int batch)
{
    struct ffd_answer a;

    if (!batch && dropped) {
        ffd_answer_error(m->d, conn, msgid, FFP_DROPPED,
                         "the model could not keep up, and its overload policy "
                         "dropped the frame");
        return;
    }
    if (!ffd_answer_begin(&a, m->d, conn, msgid))
        return;
    ffp_pack_map(a.buf, batch ? 5 : 3);
    ffd_kv_id(a.buf, batch ? "first_id" : "id", m->d->epoch, first_id);
    if (batch)
        ffp_kv_uint(a.buf, "n", n);
    ffp_kv_nil(a.buf, "seq"); /* not learned yet */
    ffp_kv_nil(a.buf, "step");
    if (batch)
        ffp_kv_uint(a.buf, "dropped", dropped);
    ffd_answer_end(&a);
}
