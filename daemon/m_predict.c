/*
 * predict and predict_batch: from a message to the predictor's queue.
 */
#include "daemon/answers.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/model.h"

static bool too_large(const struct ffd_ask *ask, const struct ffd_model *m,
                      size_t n)
{
    struct ffp_error err;

    if (n <= ffd_answers_most(m->ff))
        return false;
    ffd_answers_too_many(&err, m->ff, n);
    ffd_refuse_as(ask, &err);
    return true;
}

static void ask_model(const struct ffd_ask *ask)
{
    struct ffd_model *m = ffd_asked_model(ask);
    struct ffd_call *call;
    struct ffp_error err;
    size_t n;

    if (!m)
        return;
    if (ffp_frames_check(&ask->r->frames, &m->type, &n, &err) < 0) {
        ffd_refuse_as(ask, &err);
        return;
    }
    if (ask->r->frames.many && too_large(ask, m, n))
        return;
    call = ffd_call_new(ask->conn, ask->message, ask->n);
    if (!call) {
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory to hold the request");
        return;
    }
    call->frames = n;
    if (call->request.frames.many &&
        ffd_answers_reserve(call, ff_model_spec(m->ff), n) < 0) {
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the answer");
        ffd_call_end(ask->d, call);
        return;
    }
    ffd_predict_ask(m, call);
}

void ffd_m_predict(const struct ffd_ask *ask)
{
    ask_model(ask);
}

void ffd_m_predict_batch(const struct ffd_ask *ask)
{
    ask_model(ask);
}
