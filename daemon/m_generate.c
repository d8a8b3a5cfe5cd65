/*
 * generate: from a message to the predictor's queue.
 */
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/generate.h"
#include "daemon/model.h"
#include "daemon/stream.h"
#include "daemon/symbols.h"

#define SYMBOLS 200 /* when n is not given */

/* What it follows is a stream's newest frame, to be looked up when the model
   is at rest, or the prompt alone. */
static int begin(struct ffd_model *m, struct ffd_call *call)
{
    struct ffp_request *r = &call->request;
    uint8_t *frame;

    if (ffd_call_write(m->d, call,
                       r->opts.length ? (size_t)r->opts.length : SYMBOLS) < 0)
        return -1;
    r->frames.form = FFP_FORM_NIL;
    if (r->opts.stream.at)
        return 0;
    frame = calloc(1, FFD_SYMBOLS_SEEN);
    if (!frame)
        return -1;
    ffd_generate_follow(m, call, frame);
    ffd_call_ask_about(m->d, call, frame, FFD_SYMBOLS_SEEN);
    return 0;
}

void ffd_m_generate(const struct ffd_ask *ask)
{
    struct ffd_model *m = ffd_asked_model(ask);
    struct ffd_call *call;

    if (!m)
        return;
    if (!ffd_stream_of_symbols(&m->config.spec)) {
        ffd_refuse(ask, FFP_BAD_PARAMS,
                   "model: is not of symbols (stream.features), so it can "
                   "dream and not write");
        return;
    }
    call = ffd_call_new(ask->conn, ask->message, ask->n);
    if (call && begin(m, call) == 0) {
        ffd_predict_ask(m, call);
        return;
    }
    ffd_refuse(ask, FFP_NO_MEMORY, "no memory to hold the request");
    if (call)
        ffd_call_end(ask->d, call);
}
