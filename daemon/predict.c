#include "daemon/predict.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer.h"
#include "daemon/answers.h"
#include "daemon/daemon.h"
#include "daemon/event.h"
#include "daemon/floats.h"
#include "daemon/generate.h"
#include "daemon/model.h"
#include "daemon/stream.h"

#define ALIGN 64

int ffd_predictor_init(struct ffd_predictor *p, const struct ff_model *ff)
{
    const struct ff_spec *spec = ff_model_spec(ff);

    p->row_bytes = (ff_spec_frame_bytes(spec) + ALIGN - 1) / ALIGN * ALIGN;
    p->frames = aligned_alloc(ALIGN, FFD_PREDICT_MAX * p->row_bytes);
    p->scores = calloc(FFD_PREDICT_MAX * spec->classes, sizeof(float));
    p->goodness = calloc(FFD_PREDICT_MAX * spec->layers, sizeof(float));
    p->class_goodness =
        calloc(FFD_PREDICT_MAX * spec->layers * spec->classes, sizeof(float));
    if (!p->frames || !p->scores || !p->goodness || !p->class_goodness ||
        ff_scratch_new(&p->scratch, ff, FFD_PREDICT_MAX) != FF_OK) {
        ffd_predictor_release(p);
        return -1;
    }
    for (size_t i = 0; i < FFD_PREDICT_MAX; i++)
        p->frame[i] = p->frames + i * p->row_bytes;
    return 0;
}

void ffd_predictor_release(struct ffd_predictor *p)
{
    ff_scratch_free(p->scratch);
    free(p->frames);
    free(p->scores);
    free(p->goodness);
    free(p->class_goodness);
    p->scratch = NULL;
    p->frames = NULL;
    p->scores = NULL;
    p->goodness = NULL;
    p->class_goodness = NULL;
}

/* ---- beside the loop ------------------------------------------------------
 */

/* Copy a segment's frames to rows from `row` on; false if one is no good. */
static bool lay_out(struct ffd_model *m, struct ffd_segment *s, size_t row)
{
    struct ffd_predictor *p = &m->predictor;
    size_t values = ffp_frame_values(&m->asked);

    for (size_t i = 0; i < s->n; i++) {
        uint8_t *dst = p->frames + (row + i) * p->row_bytes;

        ffp_frames_copy(&s->call->request.frames, &m->asked, s->first + i, dst);
        if (m->asked.dtype == FFP_F32 &&
            !ffd_floats_within(dst, values, FLT_MAX)) {
            ffd_answers_bad(s->call, s->first + i);
            return false;
        }
    }
    return true;
}

/* One frame that a stream made is as usual as it was judged to be; that is no
   news of the answers (event.h). */
static void answer_segment(struct ffd_model *m, struct ffd_segment *s,
                           const struct ff_view *view, int status,
                           struct ff_answers *out, size_t from)
{
    float *typicality = &out->typicality[from], told = *typicality;

    if (s->call->made && !isnan(s->call->typicality))
        *typicality = s->call->typicality;
    ffd_answers_add(s->call, m->ff, view, status, out, from, s->n);
    *typicality = told;
}

static void on_pool(uv_work_t *req)
{
    struct ffd_model *m = req->data;
    struct ffd_predictor *p = &m->predictor;
    struct ff_answers out = {.label = p->label,
                             .confidence = p->confidence,
                             .novelty = p->novelty,
                             .typicality = p->typicality,
                             .scores = p->scores,
                             .goodness = p->goodness};
    const struct ff_view *view = ff_view_acquire(m->ff);
    size_t n = 0;
    int status = FF_OK;

    for (size_t i = 0; i < p->segments; i++) {
        p->segment[i].bad = !lay_out(m, &p->segment[i], n);
        if (!p->segment[i].bad)
            n += p->segment[i].n;
        if (p->segment[i].call->request.opts.detail)
            out.class_goodness = p->class_goodness;
    }
    if (n > 0)
        status = ff_predict(view, p->scratch, p->frame, n, &out);
    p->answered = status == FF_OK ? n : 0;
    n = 0;
    for (size_t i = 0; i < p->segments; i++) {
        struct ffd_segment *s = &p->segment[i];

        if (s->bad)
            continue;
        answer_segment(m, s, view, status, &out, n);
        n += s->n;
    }
    if (p->writer)
        ffd_generate_some(p->writer, m->ff, view);
    ff_view_release(view);
}

/* ---- on the loop ----------------------------------------------------------
 */

static void answer(struct ffd_model *m, struct ffd_call *call)
{
    struct ffd_daemon *d = m->d;

    if (call->reply.failed || call->reply.n == 0)
        ffd_answer_error(d, call->conn, call->request.msgid, FFP_TOO_LARGE,
                         "the answer does not fit in %d bytes; ask in smaller "
                         "batches",
                         FFP_MAX_OUTPUT_BYTES);
    else
        ffd_answer_bytes(d, call->conn, call->request.msgid, call->reply.data,
                         call->reply.n);
    if (!call->writing.class_)
        ffd_histogram_add(&m->predict_us, ffd_now_us() - call->since_us);
    ffd_call_end(d, call);
}

static void refuse(struct ffd_model *m, struct ffd_call *call,
                   enum ffp_code code, const char *why)
{
    ffd_answer_error(m->d, call->conn, call->request.msgid, code, "%s", why);
    ffd_call_end(m->d, call);
}

/* Whether nothing is taken from the queues any more, and so the call had no
   answer but this. */
static bool refused(struct ffd_model *m, struct ffd_call *call)
{
    if (m->life == FFD_LIVE)
        return false;
    refuse(m, call, FFP_UNKNOWN_MODEL, "the model was dropped");
    return true;
}

/* What it waits for next: each in its turn. */
static void written(struct ffd_model *m, struct ffd_call *call)
{
    if (call->reply.failed || call->reply.n > 0)
        answer(m, call);
    else if (!refused(m, call))
        ffd_calls_push(&m->writing, call);
}

/* Back to the head of the queue: more of its frames are to be answered. */
static void go_on(struct ffd_model *m, struct ffd_call *call)
{
    struct ffd_calls *q = &m->questions;

    if (refused(m, call))
        return;
    call->next = q->head;
    q->head = call;
    if (!q->tail)
        q->tail = call;
    q->n++;
}

static void on_home(uv_work_t *req, int status)
{
    struct ffd_model *m = req->data;
    struct ffd_predictor *p = &m->predictor;

    (void)status; /* nothing cancels it */
    p->busy = false;
    for (size_t i = 0; i < p->segments; i++) {
        struct ffd_segment *s = &p->segment[i];

        s->call->done += s->n;
        if (s->bad || s->call->done == s->call->frames)
            answer(m, s->call);
        else
            go_on(m, s->call); /* only the last segment can be a part */
    }
    p->segments = 0;
    if (p->writer)
        written(m, p->writer);
    p->writer = NULL;
    ffd_event_novelty(m, p->typicality, p->label, p->answered,
                      ffd_now_ms(m->d));
    ffd_scheduler_want(m); /* it may have waited for this, to be dropped */
    ffd_stop_look(m->d);
}

static struct ffd_call *next_writer(struct ffd_model *m)
{
    struct ffd_call *call;

    while ((call = ffd_calls_pop(&m->writing)) &&
           !ffd_conn_find(m->d, call->conn))
        ffd_call_end(m->d, call); /* nobody waits for it any more */
    return call;
}

void ffd_predict_pump(struct ffd_model *m)
{
    struct ffd_predictor *p = &m->predictor;
    size_t room = FFD_PREDICT_MAX;

    if (p->busy || m->life != FFD_LIVE ||
        (!m->questions.head && !m->writing.head) || ffd_hand_holds(m))
        return;
    p->writer = next_writer(m);
    while (room > 0 && m->questions.head) {
        struct ffd_call *call = ffd_calls_pop(&m->questions);
        size_t left = call->frames - call->done;
        struct ffd_segment *s;

        if (!ffd_conn_find(m->d, call->conn)) {
            ffd_call_end(m->d, call); /* nobody waits for it any more */
            continue;
        }
        s = &p->segment[p->segments++];
        *s = (struct ffd_segment){.call = call, .first = call->done};
        s->n = left < room ? left : room;
        room -= s->n;
    }
    if (p->segments == 0 && !p->writer)
        return;
    p->busy = true;
    p->req.data = m;
    uv_queue_work(&m->d->loop, &p->req, on_pool, on_home);
}

static void queue(struct ffd_model *m, struct ffd_call *call)
{
    ffd_calls_push(call->writing.class_ ? &m->writing : &m->questions, call);
}

/* The newest frame of its stream, copied: the model goes on. */
static void look_up(struct ffd_model *m, struct ffd_call *call)
{
    uint64_t stream = ffd_stream_key(call->request.opts.stream);
    const void *frame = ff_stream_newest(m->ff, stream);
    size_t n = ffp_frame_bytes(&m->asked);
    uint8_t *copy = frame ? malloc(n) : NULL;

    if (!frame) {
        refuse(m, call, FFP_NO_WINDOW,
               "no window of that stream is whole yet, or the stream is not "
               "kept (any more)");
        return;
    }
    if (!copy) {
        refuse(m, call, FFP_NO_MEMORY, "no memory for the frame");
        return;
    }
    memcpy(copy, frame, n);
    if (call->writing.class_)
        ffd_generate_follow(m, call, copy);
    ffd_call_ask_about(m->d, call, copy, n);
    call->typicality = ff_stream_typicality(m->ff, stream);
    queue(m, call);
}

/* Whatever it waited for is there. */
static void line_up(struct ffd_model *m, struct ffd_call *call)
{
    if (call->request.frames.form != FFP_FORM_NIL)
        queue(m, call);
    else if (m->home)
        look_up(m, call);
    else
        ffd_calls_push(&m->now, call);
}

void ffd_predict_home(struct ffd_model *m)
{
    struct ffd_call *call;

    while ((call = ffd_calls_pop(&m->now)))
        look_up(m, call);
}

void ffd_predict_ask(struct ffd_model *m, struct ffd_call *call)
{
    if (call->request.opts.fresh)
        call->fresh_after = ffd_model_fresh_after(m, call->conn);
    if (m->marks.published < call->fresh_after)
        ffd_calls_push(&m->fresh, call);
    else
        line_up(m, call);
}

/* The numbers of classes in a frame of symbols, and in what was answered or
   written so far, are those of the weights before. */
static bool is_of_before(const struct ffd_model *m, const struct ffd_call *call)
{
    return call->done > 0 ||
           (call->made && ffd_stream_of_symbols(&m->config.spec));
}

static void refuse_of_before(struct ffd_model *m, struct ffd_calls *q)
{
    for (size_t n = q->n; n > 0; n--) {
        struct ffd_call *call = ffd_calls_pop(q);

        if (is_of_before(m, call))
            refuse(m, call, FFP_NO_WINDOW,
                   "the model was rolled back; ask again");
        else
            ffd_calls_push(q, call);
    }
}

void ffd_predict_replaced(struct ffd_model *m)
{
    refuse_of_before(m, &m->questions);
    refuse_of_before(m, &m->writing);
    refuse_of_before(m, &m->fresh);
}

void ffd_predict_published(struct ffd_model *m)
{
    /* Each connection waits for frames of its own, so all are looked at. */
    for (size_t n = m->fresh.n; n > 0; n--) {
        struct ffd_call *call = ffd_calls_pop(&m->fresh);

        if (call->fresh_after > m->marks.published)
            ffd_calls_push(&m->fresh, call);
        else
            line_up(m, call);
    }
}
