/*
 * learn, learn_batch and label: from a message to rows of an inbox.
 */
#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/follow.h"
#include "daemon/model.h"
#include "daemon/stream.h"
#include "daemon/ticket.h"

/* What cannot be done now is done from a call, in its turn. */
static void wait_in_line(const struct ffd_ask *ask, struct ffd_model *m,
                         struct ffd_intake *in)
{
    struct ffd_call *call = ffd_call_new(ask->conn, ask->message, ask->n);

    if (!call) {
        /* Frames that are in already keep their ticket; it settles for
           them alone. */
        if (in->ticket && in->next > 0) {
            ffd_ticket_cut(m, in->ticket, in->next);
        } else {
            if (in->ticket) {
                ffd_conn_end(ask->d, ask->conn->number);
                ffd_ticket_free(ask->d, in->ticket);
            }
            ffd_refuse(ask, FFP_NO_MEMORY, "no memory to hold the request");
        }
        ffd_intake_release(in);
        return;
    }
    ffd_intake_move(&call->intake, in, &call->request);
    if (call->intake.ticket)
        ffd_call_leave_place(ask->d, call);
    ffd_calls_push(&m->intakes, call);
}

static void take(const struct ffd_ask *ask, struct ffd_model *m, size_t n)
{
    size_t budget = FFD_INTAKE_BUDGET;
    struct ffd_intake in;
    enum ffd_intake_step step = FFD_INTAKE_NO_ROOM;
    struct ffp_error err;

    if (!ffd_intake_can_promise(ask->d, ask->r, &err)) {
        ffd_refuse_as(ask, &err);
        return;
    }
    ffd_follow_request(m, ffd_now_ms(ask->d));
    ffd_intake_init(&in, m, ask->r, ask->conn->number, n, ffd_now_us());
    if (!m->intakes.head)
        step = ffd_intake_run(&in, &budget);
    if (step == FFD_INTAKE_AGAIN)
        ask->d->slow_intakes = true;
    if (step == FFD_INTAKE_DONE)
        ffd_intake_release(&in);
    else
        wait_in_line(ask, m, &in);
    ffd_follow_took(m);
}

/* The model that is asked for, unless another feeds it. */
static struct ffd_model *asked_learner(const struct ffd_ask *ask)
{
    struct ffd_model *m = ffd_asked_model(ask);

    if (!m || !m->config.follows[0])
        return m;
    ffd_refuse(ask, FFP_FOLLOWS,
               "model %s follows %s and learns what that one is sent; send it "
               "there",
               m->name, m->config.follows);
    return NULL;
}

void ffd_m_learn(const struct ffd_ask *ask)
{
    struct ffd_model *m = asked_learner(ask);
    struct ffp_error err;
    size_t n;

    if (!m)
        return;
    if (ffp_frames_check(&ask->r->frames, &m->type, &n, &err) < 0 ||
        ffd_stream_check(&m->config.spec, ask->r, n, &err) < 0) {
        ffd_model_lost(m, FFD_LOST_BAD, 1);
        ffd_refuse_as(ask, &err);
        return;
    }
    take(ask, m, n);
}

void ffd_m_learn_batch(const struct ffd_ask *ask)
{
    struct ffd_model *m = asked_learner(ask);
    struct ffp_error err;
    size_t n = 1;

    if (!m)
        return;
    if (ffp_frames_check(&ask->r->frames, &m->type, &n, &err) < 0 ||
        ffp_labels_check(ask->r, n, &err) < 0 ||
        ffd_stream_check(&m->config.spec, ask->r, n, &err) < 0) {
        ffd_model_lost(m, FFD_LOST_BAD, n);
        ffd_refuse_as(ask, &err);
        return;
    }
    take(ask, m, n);
}

/* A label that comes late has its place among the frames. */
void ffd_m_label(const struct ffd_ask *ask)
{
    struct ffd_model *m = asked_learner(ask);

    if (m)
        take(ask, m, 1);
}
