/*
 * events.c -- what the daemon tells unasked.
 *
 * Events come between answers, whatever is being read for. They wait in
 * c->events until somebody asks for them; when nobody does, the oldest go, so
 * that a program which only looks now and then keeps a bounded past.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "clients/c/client.h"
#include "clients/c/socket.h"
#include "proto/event.h"
#include "proto/object.h"

static struct ffc_reply *pop(struct ffc *c)
{
    struct ffc_reply *r = c->events;
    if (!r)
        return NULL;
    c->events = r->next;
    if (!c->events)
        c->events_end = NULL;
    c->n_events--;
    r->next = NULL;
    return r;
}

void ffc_event_keep(struct ffc *c, struct ffc_reply *r)
{
    struct ffp_str topic;
    /* Another server's notification, or a newer kind: not ours to judge. */
    if (!ffp_str_is(r->response.method, FFP_EVENT) ||
        !ffp_as_text(ffp_at(ffc_result(r), 0), &topic)) {
        ffc_reply_free(r);
        return;
    }
    if (c->n_events == FFC_EVENTS_MAX) {
        ffc_reply_free(pop(c));
        c->events_lost++;
    }
    if (c->events_end)
        c->events_end->next = r;
    else
        c->events = r;
    c->events_end = r;
    c->n_events++;
}

void ffc_events_clear(struct ffc *c)
{
    while (c->events)
        ffc_reply_free(pop(c));
}

static int ask(struct ffc *c, const char *method, const char *const *topics,
               size_t n)
{
    int rc = ffc_begin(c, method, 1);
    if (rc < 0)
        return rc;
    ffp_pack_array(&c->out, n);
    for (size_t i = 0; i < n; i++)
        ffp_pack_str(&c->out, topics[i]);
    return ffc_exchange(c, NULL);
}

int ffc_subscribe(struct ffc *c, const char *const *topics, size_t n)
{
    return ask(c, "subscribe", topics, n);
}

int ffc_unsubscribe(struct ffc *c, const char *const *topics, size_t n)
{
    return ask(c, "unsubscribe", topics, n);
}

static void take(struct ffc_reply *r, struct ffc_event *out)
{
    const struct ffc_value *params = ffc_reply_value(r);
    size_t n;
    const char *topic = ffc_value_bytes(ffc_value_at(params, 0), &n);
    if (n >= sizeof out->topic)
        n = sizeof out->topic - 1;
    memcpy(out->topic, topic, n);
    out->topic[n] = '\0';
    out->payload = ffc_value_at(params, 1);
    out->reply = r;
}

int ffc_next_event(struct ffc *c, int timeout_ms, struct ffc_event *out)
{
    long long end = ffc_now_ms() + timeout_ms;
    struct ffc_reply *r;
    while (!(r = pop(c))) {
        if (c->broken)
            return ffc_fail(c, FFC_ELOST,
                            "the connection is lost; open another one");
        long long left = end - ffc_now_ms();
        int wait_ms = timeout_ms < 0 ? -1 : left > 0 ? (int)left : 0;
        int got = ffc_socket_poll(c->fd, POLLIN, wait_ms);
        if (got == 0 || (got < 0 && errno == EINTR))
            return ffc_fail(c, FFC_ETIMEOUT, "no event came in time");
        if (got < 0)
            return ffc_break(c, FFC_ELOST, "cannot wait for the socket: %s",
                             strerror(errno));
        int rc = ffc_receive(c);
        if (rc < 0 && !c->events) /* what came before the break still counts */
            return rc;
    }
    take(r, out);
    return FFC_OK;
}

void ffc_event_release(struct ffc_event *event)
{
    ffc_reply_free(event->reply);
    event->reply = NULL;
    event->payload = NULL;
}

uint64_t ffc_events_lost(const struct ffc *c)
{
    return c->events_lost;
}
