#include "daemon/call.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/conn.h"
#include "daemon/daemon.h"

#define STEAL_BYTES ((size_t)64 * 1024) /* larger messages are not copied */
#define KEEP_BYTES  ((size_t)8 * 1024)  /* of a recycled call */
#define KEEP_CALLS  256
#define REPLY_MAX   FFP_MAX_OUTPUT_BYTES

static struct ffd_call *fresh(struct ffd_call_pool *p)
{
    struct ffd_call *call = p->calls;

    if (call) {
        p->calls = call->next;
        p->free_calls--;
        return call;
    }
    call = calloc(1, sizeof(*call));
    if (!call)
        return NULL;
    ffp_decoder_init(&call->decoder);
    ffp_buf_init(&call->reply, REPLY_MAX);
    return call;
}

static void discard(struct ffd_call *call)
{
    ffp_decoder_release(&call->decoder);
    ffp_buf_release(&call->reply);
    free(call->block);
    free(call);
}

/* The message's bytes, owned by the call from now on. */
static const uint8_t *take_bytes(struct ffd_call *call, struct ffd_conn *c,
                                 const uint8_t *message, size_t n)
{
    size_t room = c->in.room;

    if (n > STEAL_BYTES) {
        uint8_t *block = ffd_conn_steal(c);

        if (!block)
            return NULL;
        free(call->block);
        call->block = block;
        call->room = room;
        return message;
    }
    if (call->room < n) {
        uint8_t *block = realloc(call->block, n);

        if (!block)
            return NULL;
        call->block = block;
        call->room = n;
    }
    memcpy(call->block, message, n);
    return call->block;
}

struct ffd_call *ffd_call_new(struct ffd_conn *c, const uint8_t *message,
                              size_t n)
{
    struct ffd_call *call = fresh(&c->d->calls);
    const uint8_t *bytes;
    struct ffp_error err;

    if (!call)
        return NULL;
    bytes = take_bytes(call, c, message, n);
    if (!bytes || ffp_decode(&call->decoder, bytes, n, &call->request, &err) !=
                      FFP_REQUEST) {
        discard(call);
        return NULL;
    }
    call->next = NULL;
    call->conn = c->number;
    call->since_us = ffd_now_us();
    call->made = false;
    call->frames = call->done = 0;
    call->fresh_after = 0;
    memset(&call->intake, 0, sizeof(call->intake));
    memset(&call->columns, 0, sizeof(call->columns));
    memset(&call->writing, 0, sizeof(call->writing));
    c->calls += call->room;
    c->d->memory += call->room;
    ffd_conn_begin(c);
    call->placed = true;
    return call;
}

void ffd_call_ask_about(struct ffd_daemon *d, struct ffd_call *call,
                        uint8_t *block, size_t n)
{
    struct ffd_conn *c = ffd_conn_find(d, call->conn);
    struct ffp_request *r = &call->request;

    if (c)
        c->calls += n - call->room;
    d->memory += n - call->room;
    free(call->block);
    call->block = block;
    call->room = n;
    call->made = true;
    call->typicality = NAN;
    r->frames.form = FFP_FORM_BIN;
    r->frames.data = block;
    r->frames.data_bytes = n;
    r->model = r->opts.stream = r->opts.prompt = (struct ffp_str){NULL, 0};
}

int ffd_call_write(struct ffd_daemon *d, struct ffd_call *call, size_t n)
{
    struct ffd_conn *c = ffd_conn_find(d, call->conn);
    struct ffd_writing *w = &call->writing;

    w->class_ = calloc(n, sizeof(*w->class_));
    if (!w->class_)
        return -1;
    w->bytes = n * sizeof(*w->class_);
    if (c)
        c->calls += w->bytes;
    d->memory += w->bytes;
    call->frames = n;
    return 0;
}

void ffd_call_leave_place(struct ffd_daemon *d, struct ffd_call *call)
{
    if (!call->placed)
        return;
    call->placed = false;
    ffd_conn_end(d, call->conn);
}

void ffd_call_end(struct ffd_daemon *d, struct ffd_call *call)
{
    struct ffd_call_pool *p = &d->calls;
    struct ffd_conn *c = ffd_conn_find(d, call->conn);

    ffd_call_leave_place(d, call);
    if (c)
        c->calls -= call->room + call->writing.bytes;
    d->memory -= call->room + call->writing.bytes;
    ffd_intake_release(&call->intake);
    free(call->columns.block);
    free(call->writing.class_);
    if (p->free_calls >= KEEP_CALLS) {
        discard(call);
        return;
    }
    if (call->room > KEEP_BYTES) {
        free(call->block);
        call->block = NULL;
        call->room = 0;
    }
    if (call->reply.room > KEEP_BYTES) {
        ffp_buf_release(&call->reply);
        ffp_buf_init(&call->reply, REPLY_MAX);
    }
    ffp_buf_clear(&call->reply);
    call->next = p->calls;
    p->calls = call;
    p->free_calls++;
}

struct ffd_ticket *ffd_ticket_new(struct ffd_daemon *d)
{
    struct ffd_ticket *t = d->calls.tickets;

    if (t) {
        d->calls.tickets = t->next;
        memset(t, 0, sizeof(*t));
        return t;
    }
    return calloc(1, sizeof(*t));
}

void ffd_ticket_free(struct ffd_daemon *d, struct ffd_ticket *t)
{
    t->next = d->calls.tickets;
    d->calls.tickets = t;
}

void ffd_calls_push(struct ffd_calls *q, struct ffd_call *call)
{
    call->next = NULL;
    if (q->tail)
        q->tail->next = call;
    else
        q->head = call;
    q->tail = call;
    q->n++;
}

struct ffd_call *ffd_calls_pop(struct ffd_calls *q)
{
    struct ffd_call *call = q->head;

    if (!call)
        return NULL;
    q->head = call->next;
    if (!q->head)
        q->tail = NULL;
    q->n--;
    call->next = NULL;
    return call;
}

void ffd_call_pool_release(struct ffd_call_pool *p)
{
    while (p->calls) {
        struct ffd_call *call = p->calls;

        p->calls = call->next;
        discard(call);
    }
    while (p->tickets) {
        struct ffd_ticket *t = p->tickets;

        p->tickets = t->next;
        free(t);
    }
}
