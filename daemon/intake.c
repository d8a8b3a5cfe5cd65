#include "daemon/intake.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/floats.h"
#include "daemon/follow.h"
#include "daemon/labelset.h"
#include "daemon/model.h"
#include "daemon/stream.h"
#include "daemon/ticket.h"

#define LABEL_COST 64 /* of the budget, for looking a label up */

void ffd_intake_init(struct ffd_intake *in, struct ffd_model *m,
                     const struct ffp_request *request, uint64_t conn, size_t n,
                     uint64_t since_us)
{
    *in = (struct ffd_intake){
        .model = m,
        .request = request,
        .conn = conn,
        .n = n,
        .since_us = since_us,
        .late = request->method == FFP_M_label,
        .stage = FFD_STAGE_SCAN,
    };
    /* Whole numbers are always finite. */
    if (in->late || !ffd_stream_rejects(&m->config.spec))
        in->stage = FFD_STAGE_LABELS;
    if (!in->late)
        in->stream = ffd_stream_key(request->opts.stream);
}

void ffd_intake_release(struct ffd_intake *in)
{
    free(in->fresh);
    in->fresh = NULL;
}

void ffd_intake_move(struct ffd_intake *to, struct ffd_intake *from,
                     const struct ffp_request *request)
{
    *to = *from;
    to->request = request;
    /* What it knows of labels borrows from the message's old place. */
    if (to->stage == FFD_STAGE_LABELS) {
        ffd_intake_release(to);
        to->next = 0;
    }
    from->fresh = NULL;
}

static void refuse(struct ffd_intake *in, const struct ffp_error *err)
{
    struct ffd_model *m = in->model;

    ffd_model_lost(m, err->code == FFP_BUSY ? FFD_LOST_BUSY : FFD_LOST_BAD,
                   in->n);
    if (in->request->notification)
        ffd_count_refused(m->d, err->code);
    else
        ffd_answer_refusal(m->d, in->conn, in->request->msgid, err);
}

/* ---- SCAN ---------------------------------------------------------------- */

/* The greatest value that may come in. Samples of streams are summed up
   (front.h), so that one client's would be the end of all that share a
   micro-batch with it. */
static float greatest(const struct ffd_model *m)
{
    return m->config.spec.stream.keys > 0 ? FF_SAMPLE_MAX : FLT_MAX;
}

/* Frame i as the model takes it; borrowed, maybe unaligned. */
static const uint8_t *frame_at(struct ffd_intake *in, size_t i)
{
    struct ffd_model *m = in->model;
    const uint8_t *all = ffp_frames_contiguous(&in->request->frames);

    if (all)
        return all + i * m->inbox.frame_bytes;
    ffp_frames_copy(&in->request->frames, &m->type, i, m->spare);
    return m->spare;
}

static bool spend(size_t *budget, size_t bytes)
{
    *budget = bytes < *budget ? *budget - bytes : 0;
    return *budget > 0;
}

static enum ffd_intake_step scan(struct ffd_intake *in, size_t *budget)
{
    bool sample = in->model->config.spec.stream.keys > 0;
    float most = greatest(in->model);
    struct ffp_error err;

    while (in->next < in->n) {
        if (!ffd_floats_within(frame_at(in, in->next),
                               ffp_frame_values(&in->model->type), most)) {
            ffp_error_set(
                &err, FFP_BAD_FRAME,
                "frame %zu holds a value that is not finite%s; "
                "nothing was learned%s",
                in->next, sample ? ", or beyond 1e15" : "",
                sample ? "; stream.missing: hold or mean would take it" : "");
            refuse(in, &err);
            return FFD_INTAKE_DONE;
        }
        in->next++;
        if (!spend(budget, in->model->inbox.frame_bytes))
            return FFD_INTAKE_AGAIN;
    }
    in->stage = FFD_STAGE_LABELS;
    in->next = 0;
    return FFD_INTAKE_AGAIN;
}

/* ---- LABELS -------------------------------------------------------------- */

static struct ffp_str label_at(const struct ffd_intake *in, size_t i)
{
    return in->request->frames.many ? ffp_labels_at(in->request, i)
                                    : in->request->label;
}

/* The label that a model learns a frame by: the one that came with it, or a
   symbol's own. frame NULL: a late label. */
static struct ffp_str label_of(const struct ffd_model *m, struct ffp_str came,
                               const uint8_t *frame)
{
    if (came.at || !frame || !ffd_stream_of_symbols(&m->config.spec))
        return came;
    return ffd_symbol_label(&m->symbols, *frame);
}

/* The class that it has in the model's table already, or -1. */
static int class_of(struct ffd_model *m, struct ffp_str came,
                    const uint8_t *frame)
{
    struct ffp_str label = label_of(m, came, frame);

    if (label.at && !came.at)
        return ffd_symbol_find(&m->symbols, m->ff, *frame);
    return label.at ? ff_label_find(m->ff, label.at, label.n) : -1;
}

/* Whether the label, if there is one, may be learned; a new one is counted. */
static bool label_fits(struct ffd_intake *in, size_t i, struct ffp_error *err)
{
    struct ff_model *ff = in->model->ff;
    bool is_own = !in->late && ffd_stream_of_symbols(&in->model->config.spec);
    const uint8_t *frame = is_own ? frame_at(in, i) : NULL;
    struct ffp_str came = label_at(in, i);
    struct ffp_str label = label_of(in->model, came, frame);

    if (!label.at)
        return true;
    if (label.n < 1 || label.n > FF_LABEL_MAX ||
        !ffp_text_valid(label.at, label.n)) {
        ffp_error_set(err, FFP_BAD_PARAMS,
                      "the label of frame %zu must be 1 to %d bytes of UTF-8",
                      i, FF_LABEL_MAX);
        return false;
    }
    if (class_of(in->model, came, frame) >= 0)
        return true;
    if (!in->fresh)
        in->fresh = ffd_label_set_new();
    if (!in->fresh) {
        ffp_error_set(err, FFP_NO_MEMORY, "no memory for the labels");
        return false;
    }
    if (ffd_label_set_add(in->fresh, label) <= ff_label_room(ff))
        return true;
    ffp_error_set(err, FFP_LABELS_FULL,
                  "the model has %zu classes and a label for %zu of them; "
                  "there is no room for the new one of frame %zu; nothing was "
                  "learned",
                  ff_model_spec(ff)->classes,
                  ff_model_spec(ff)->classes - ff_label_room(ff), i);
    return false;
}

static void give_ids(struct ffd_intake *in)
{
    if (in->late)
        return;
    in->first_id = in->model->d->next_id;
    in->model->d->next_id += in->n;
}

/* How long until half of the inbox is learned, as it goes now. */
static unsigned retry_after_ms(const struct ffd_model *m)
{
    double rate = ffd_model_rate(m, ffd_now_us());
    double ms = rate > 1 ? 500.0 * (double)m->inbox.waiting / rate : 100;

    return ms < 1 ? 1 : ms > 10000 ? 10000 : (unsigned)ms;
}

/* Room for all, where the policy promises all or nothing; with followers that
   block, in theirs too. */
static bool room_fits(struct ffd_intake *in, struct ffp_error *err)
{
    struct ffd_model *m = ffd_follow_fullest(in->model);

    if (in->model->config.overload != FFD_OVERLOAD_REJECT ||
        in->n <= ffd_inbox_room(&m->inbox))
        return true;
    if (in->n > m->inbox.size)
        ffp_error_set(err, FFP_TOO_MANY,
                      "%zu frames do not fit in the inbox of %zu with "
                      "overload: reject",
                      in->n, m->inbox.size);
    else
        ffp_error_set(err, FFP_BUSY, "the inbox is full; retry_after_ms: %u",
                      retry_after_ms(m));
    return false;
}

bool ffd_intake_can_promise(const struct ffd_daemon *d,
                            const struct ffp_request *r, struct ffp_error *err)
{
    const char *why;

    if (r->opts.ack != FFP_ACK_DURABLE)
        return true;
    if (!ffd_commit_keeps(d))
        ffp_error_set(err, FFP_NOT_DURABLE,
                      "the server keeps no journal (durability: off); ask for "
                      "ack: applied, or set durability: normal");
    else if (!ffd_commit_sound(d, &why))
        ffp_error_set(err, FFP_STORAGE,
                      "nothing can be made durable now: %s; nothing was "
                      "learned, send it again later",
                      why);
    else
        return true;
    return false;
}

/* Whoever is to be told when all is learned gets a ticket. */
static bool write_ticket(struct ffd_intake *in, struct ffp_error *err)
{
    const struct ffp_request *r = in->request;
    struct ffd_ticket *t;

    give_ids(in);
    if (r->notification || (r->opts.ack == FFP_ACK_RECEIVED && !in->late))
        return true;
    t = ffd_ticket_new(in->model->d);
    if (!t) {
        ffp_error_set(err, FFP_NO_MEMORY, "no memory for the request");
        return false;
    }
    t->conn = in->conn;
    t->msgid = r->msgid;
    t->batch = r->frames.many;
    t->late = in->late;
    t->durable = r->opts.ack == FFP_ACK_DURABLE;
    t->n = in->n;
    t->epoch = in->late ? r->id.epoch : in->model->d->epoch;
    t->first_id = in->late ? r->id.counter : in->first_id;
    t->since_us = in->since_us;
    in->ticket = t;
    return true;
}

static enum ffd_intake_step labels(struct ffd_intake *in, size_t *budget)
{
    struct ffp_error err;

    for (; in->next < in->n; in->next++) {
        if (!label_fits(in, in->next, &err)) {
            refuse(in, &err);
            return FFD_INTAKE_DONE;
        }
        if (!spend(budget, LABEL_COST)) {
            in->next++;
            return FFD_INTAKE_AGAIN;
        }
    }
    if (!ffd_intake_can_promise(in->model->d, in->request, &err) ||
        !room_fits(in, &err) || !write_ticket(in, &err)) {
        refuse(in, &err);
        return FFD_INTAKE_DONE;
    }
    if (in->ticket) {
        struct ffd_conn *c = ffd_conn_find(in->model->d, in->conn);

        /* The ticket has a place of its own, freed when it is settled. Of a
           connection that is gone only the count of all remains. */
        if (c)
            ffd_conn_begin(c);
        else
            in->model->d->conns.in_flight++;
    }
    ffd_intake_release(in);
    in->stage = FFD_STAGE_ADMIT;
    in->next = 0;
    return FFD_INTAKE_AGAIN;
}

/* ---- ADMIT --------------------------------------------------------------- */

/* One of its own frames is not taken. */
static void lose_own(struct ffd_intake *in, enum ffd_loss_reason reason)
{
    struct ffd_ticket *t = in->ticket;

    ffd_model_lost(in->model, reason, 1);
    in->dropped++;
    if (!t)
        return;
    if (in->next + 1 == in->n)
        in->ticket = NULL; /* it may be settled and gone now */
    ffd_ticket_dropped(in->model, t, 1);
}

static void lose_oldest(struct ffd_model *m)
{
    struct ffd_row row = ffd_inbox_drop_oldest(&m->inbox);

    ffd_model_lost(m, FFD_LOST_OLDEST, 1);
    if (row.ticket)
        ffd_ticket_dropped(m, row.ticket, 1);
}

enum place { TAKE, LOSE, WAIT };

/* Make room for one frame in a model's inbox, as its policy says; or why it is
   lost. */
static enum place make_place(struct ffd_model *m, enum ffd_loss_reason *why)
{
    bool room = ffd_inbox_room(&m->inbox) > 0;

    switch (m->config.overload) {
    case FFD_OVERLOAD_BLOCK:
    case FFD_OVERLOAD_REJECT:
        return room ? TAKE : WAIT;
    case FFD_OVERLOAD_DROP_OLDEST:
        if (!room && m->inbox.waiting > 0) {
            lose_oldest(m);
            room = true;
        }
        if (room)
            return TAKE;
        *why = FFD_LOST_OLDEST; /* all others are being learned */
        return LOSE;
    case FFD_OVERLOAD_SAMPLE:
        if (room && (m->inbox.waiting <= m->inbox.size / 2 ||
                     m->sample_count++ % m->config.sample_keep == 0))
            return TAKE;
        *why = FFD_LOST_SAMPLED;
        return LOSE;
    }
    return WAIT;
}

/* What goes into an inbox, and what a follower is given too. */
struct arrival {
    const uint8_t *frame; /* NULL: a late label */
    struct ffp_str label; /* as it came; at is NULL without one */
    uint64_t id, conn;
    struct ff_origin origin;
    struct ffp_str stream; /* its name; at is NULL without one */
};

/* Into the inbox, with a label that fits, or none; only this thread binds. */
static struct ffd_row *put(struct ffd_model *m, const struct arrival *a)
{
    struct ffd_row *row = ffd_inbox_add(&m->inbox, a->frame);
    struct ffp_str label = label_of(m, a->label, a->frame);

    row->class_ = class_of(m, a->label, a->frame);
    if (label.at && row->class_ < 0)
        ff_label_bind(m->ff, label.at, label.n, &row->class_);
    row->id = a->id;
    row->origin = a->origin;
    ffd_stream_names_note(&m->names, a->origin.stream, a->stream);
    ffd_model_took(m, a->conn);
    return row;
}

/* Whether a follower, which has labels and a way with what is missing of its
   own, can learn this one. */
static bool suits(struct ffd_model *m, const struct arrival *a)
{
    if (a->frame && ffd_stream_rejects(&m->config.spec) &&
        !ffd_floats_within(a->frame, ffp_frame_values(&m->type), greatest(m)))
        return false;
    return !label_of(m, a->label, a->frame).at ||
           class_of(m, a->label, a->frame) >= 0 || ff_label_room(m->ff) > 0;
}

/* The frame that the leader took, to one that follows it. */
static void give(struct ffd_model *m, const struct arrival *a)
{
    enum ffd_loss_reason why = FFD_LOST_BUSY; /* where nobody can wait */

    if (!suits(m, a))
        ffd_model_lost(m, FFD_LOST_BAD, 1);
    else if (make_place(m, &why) == TAKE)
        put(m, a);
    else
        ffd_model_lost(m, why, 1);
}

static struct ffp_str stream_at(const struct ffd_intake *in)
{
    const struct ffp_request *r = in->request;

    return r->opts.streams ? ffp_streams_at(r, in->next) : r->opts.stream;
}

static struct ff_origin origin_of(const struct ffd_intake *in)
{
    const struct ffp_request *r = in->request;

    return (struct ff_origin){
        .stream = r->opts.streams ? ffd_stream_key(ffp_streams_at(r, in->next))
                                  : in->stream,
        .flags = ffd_stream_flags(r, in->next + 1 == in->n),
    };
}

static void take(struct ffd_intake *in)
{
    struct ffd_model *m = in->model;
    struct ffp_id named = in->request->id;
    const struct arrival a = {
        .frame = in->late ? NULL : frame_at(in, in->next),
        .label = label_at(in, in->next),
        .id = in->late ? ffd_frame_id(named.epoch, named.counter)
                       : ffd_frame_id(m->d->epoch, in->first_id + in->next),
        .conn = in->conn,
        .origin = origin_of(in),
        .stream = stream_at(in),
    };

    put(m, &a)->ticket = in->ticket;
    for (struct ffd_model *f = m->followers; f; f = f->next_follower)
        give(f, &a);
}

/* What becomes of the next frame; one that is lost is lost already. */
static enum place place_next(struct ffd_intake *in)
{
    enum ffd_loss_reason why = FFD_LOST_BUSY;
    const struct ffd_model *fullest = ffd_follow_fullest(in->model);
    enum place place;

    if (fullest != in->model && ffd_inbox_room(&fullest->inbox) == 0)
        return WAIT;
    place = make_place(in->model, &why);
    if (place == LOSE)
        lose_own(in, why);
    return place;
}

static enum ffd_intake_step admit(struct ffd_intake *in, size_t *budget)
{
    for (; in->next < in->n; in->next++) {
        enum place place;

        if (*budget == 0)
            return FFD_INTAKE_AGAIN;
        place = place_next(in);
        if (place == WAIT)
            return FFD_INTAKE_NO_ROOM;
        if (place == TAKE)
            take(in);
        spend(budget, in->model->inbox.frame_bytes + LABEL_COST);
    }
    if (!in->late && !in->request->notification &&
        in->request->opts.ack == FFP_ACK_RECEIVED)
        ffd_ticket_received(in->model, in->conn, in->request->msgid,
                            in->first_id, in->n, in->dropped,
                            in->request->frames.many);
    return FFD_INTAKE_DONE;
}

/* While labels change by hand, nothing may be bound to a class. */
static bool held(const struct ffd_model *m)
{
    bool holds = ffd_hand_holds(m);

    for (const struct ffd_model *f = m->followers; f; f = f->next_follower)
        holds = holds || ffd_hand_holds(f);
    return holds;
}

enum ffd_intake_step ffd_intake_run(struct ffd_intake *in, size_t *budget)
{
    enum ffd_intake_step step = FFD_INTAKE_AGAIN;

    if (held(in->model))
        return FFD_INTAKE_NO_ROOM;
    while (step == FFD_INTAKE_AGAIN && *budget > 0) {
        switch (in->stage) {
        case FFD_STAGE_SCAN:
            step = scan(in, budget);
            break;
        case FFD_STAGE_LABELS:
            step = labels(in, budget);
            break;
        case FFD_STAGE_ADMIT:
            step = admit(in, budget);
            break;
        }
    }
    return step;
}

void ffd_intake_run_waiting(struct ffd_model *m, size_t *budget)
{
    while (m->life == FFD_LIVE && m->intakes.head) {
        struct ffd_call *call = m->intakes.head;
        enum ffd_intake_step step = ffd_intake_run(&call->intake, budget);

        if (call->intake.ticket)
            ffd_call_leave_place(m->d, call);
        switch (step) {
        case FFD_INTAKE_DONE:
            ffd_calls_pop(&m->intakes);
            ffd_call_end(m->d, call);
            continue;
        case FFD_INTAKE_AGAIN:
            m->d->slow_intakes = true;
            return;
        case FFD_INTAKE_NO_ROOM:
            return;
        }
    }
}
