/*
 * predict and predict_batch: from a message to the predictor's queue.
 */
#include <stdlib.h>

#include "daemon/answers.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/model.h"
#include "daemon/stream.h"

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

/* Whether it brings no frame, but what came before as symbols. */
static bool is_context(const struct ffd_ask *ask, const struct ffd_model *m)
{
    return ask->r->frames.form == FFP_FORM_BIN && !ask->r->frames.many &&
           ffd_stream_of_symbols(&m->config.spec);
}

static int check_context(const struct ffp_frames *f, size_t length,
                         struct ffp_error *err)
{
    if (f->data_bytes >= 1 && f->data_bytes <= length)
        return 0;
    return ffp_error_set(err, FFP_BAD_FRAME,
                         "frame: holds %zu symbols, the model takes 1 to %zu",
                         f->data_bytes, length);
}

/* How many frames it asks about, if the model can be asked about them. */
static int check(const struct ffd_ask *ask, const struct ffd_model *m,
                 size_t *n, struct ffp_error *err)
{
    const struct ffp_frames *f = &ask->r->frames;
    const struct ff_stream_spec *stream = &m->config.spec.stream;

    *n = 1;
    if (f->form != FFP_FORM_NIL && ask->r->opts.given & 1u << FFP_O_STREAM)
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "opts.stream: goes with a frame of nil");
    if (f->form == FFP_FORM_NIL && stream->keys == 0)
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "frame: is nil, and the model has no streams (no "
                             "stream section in its configuration)");
    if (f->form == FFP_FORM_NIL)
        return 0;
    if (is_context(ask, m))
        return check_context(f, stream->length, err);
    return ffp_frames_check(f, &m->asked, n, err);
}

/* The frame that layers see of these symbols, in the call. */
static int make_frame(struct ffd_model *m, struct ffd_call *call)
{
    const struct ffp_frames *f = &call->request.frames;
    size_t length = ff_spec_frame_bytes(&m->config.spec);
    uint8_t *frame = malloc(length);

    if (!frame)
        return -1;
    ffd_symbols_frame(&m->symbols, m->ff, f->data, f->data_bytes, frame);
    ffd_call_ask_about(m->d, call, frame, length);
    return 0;
}

static void ask_model(const struct ffd_ask *ask)
{
    struct ffd_model *m = ffd_asked_model(ask);
    struct ffd_call *call;
    struct ffp_error err;
    size_t n;

    if (!m)
        return;
    if (check(ask, m, &n, &err) < 0) {
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
    if (is_context(ask, m) && make_frame(m, call) < 0) {
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the frame");
        ffd_call_end(ask->d, call);
        return;
    }
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
