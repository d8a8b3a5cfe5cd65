/*
 * exchange.c -- requests go out, answers come in, matched by id.
 *
 * Sending never stops reading: a daemon whose answers nobody takes would stop
 * reading our requests, and both would wait for ever.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clients/c/alloc.h"
#include "clients/c/client.h"
#include "clients/c/socket.h"
#include "clients/c/tls.h"

int ffc_begin(struct ffc *c, const char *method, size_t n)
{
    if (c->broken)
        return ffc_fail(c, FFC_ELOST,
                        "the connection is lost; open another one");
    if (c->n_under_way + c->n_arrived >= FFC_PIPELINE_MAX)
        return ffc_fail(c, FFC_EARGUMENT,
                        "%d requests are under way; collect an answer first",
                        FFC_PIPELINE_MAX);
    if (++c->last_id == 0)
        c->last_id = 1; /* 0 stands for any */
    ffp_buf_clear(&c->out);
    ffp_call_begin(&c->out, c->last_id, method, n);
    return FFC_OK;
}

/* Take id out of those under way; whether it was there. */
static bool answered(struct ffc *c, uint32_t id)
{
    for (size_t i = 0; i < c->n_under_way; i++) {
        if (c->under_way[i] == id) {
            c->under_way[i] = c->under_way[--c->n_under_way];
            return true;
        }
    }
    return false;
}

/* One message into c->arrived, copied: the stream's bytes move on. */
static int keep(struct ffc *c, const uint8_t *bytes, size_t n)
{
    struct ffc_reply *r = ffc_alloc(sizeof *r + n);
    if (!r)
        return ffc_break(c, FFC_ENOMEM, "out of memory for an answer");
    memcpy(r->bytes, bytes, n);
    r->n = n;
    r->next = NULL;
    ffp_decoder_init(&r->decoder);
    switch (ffp_receive(&r->decoder, r->bytes, n, &r->response)) {
    case FFP_RESPONSE:
        break;
    case FFP_NOTIFIED:
        ffc_event_keep(c, r);
        return FFC_OK;
    case FFP_GARBLED:
        ffc_reply_free(r);
        return ffc_break(c, FFC_EPROTOCOL,
                         "the peer does not speak MessagePack-RPC; is this "
                         "the address of ffd?");
    }
    if (!answered(c, r->response.msgid)) {
        ffc_reply_free(r);
        return ffc_break(c, FFC_EPROTOCOL,
                         "an answer came to a question that was not asked");
    }
    struct ffc_reply **end = &c->arrived;
    while (*end)
        end = &(*end)->next;
    *end = r;
    c->n_arrived++;
    return FFC_OK;
}

static int take_messages(struct ffc *c)
{
    for (;;) {
        const uint8_t *message;
        size_t n;
        switch (ffp_stream_next(&c->in, &message, &n)) {
        case FFP_STREAM_MORE:
            return FFC_OK;
        case FFP_STREAM_REFUSED:
            return ffc_break(c, FFC_EPROTOCOL, "cannot read the answer: %s",
                             ffp_walk_text(c->in.walk));
        case FFP_STREAM_MESSAGE: {
            int rc = keep(c, message, n);
            if (rc < 0)
                return rc;
            break;
        }
        }
    }
}

static int broke(struct ffc *c)
{
    return ffc_break(c, FFC_ELOST, "the connection broke: %s",
                     c->tls && errno == EPROTO ? ffc_tls_why(c->tls)
                                               : strerror(errno));
}

static int receive_once(struct ffc *c)
{
    uint8_t *at;
    size_t room;
    if (ffp_stream_reserve(&c->in, &at, &room) < 0)
        return ffc_break(c, FFC_ENOMEM, "out of memory for an answer");
    ssize_t n =
        c->tls ? ffc_tls_recv(c->tls, at, room) : recv(c->fd, at, room, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return FFC_OK;
    if (n < 0)
        return broke(c);
    if (n == 0)
        return ffc_break(c, FFC_ELOST,
                         "ffd closed the connection; its log says why "
                         "(journalctl -u ffd)");
    ffp_stream_commit(&c->in, (size_t)n);
    return take_messages(c);
}

int ffc_receive(struct ffc *c)
{
    int rc;
    /* poll knows nothing of what TLS has read already. */
    do
        rc = receive_once(c);
    while (rc == FFC_OK && c->tls && ffc_tls_holds(c->tls));
    return rc;
}

static int wait_for(struct ffc *c, short events)
{
    int got = ffc_socket_wait(c->fd, events, c->answer_timeout_ms);
    if (got < 0)
        return ffc_break(c, FFC_ELOST, "cannot wait for the socket: %s",
                         strerror(errno));
    if (got == 0)
        return ffc_break(c, FFC_ELOST,
                         "ffd was silent for %d s; ask again, or see "
                         "ffctl status",
                         c->answer_timeout_ms / 1000);
    if (got & (POLLIN | POLLHUP | POLLERR))
        return ffc_receive(c);
    return FFC_OK;
}

static int write_out(struct ffc *c)
{
    size_t done = 0;
    while (done < c->out.n) {
        const uint8_t *from = c->out.data + done;
        ssize_t n = c->tls ? ffc_tls_send(c->tls, from, c->out.n - done)
                           : send(c->fd, from, c->out.n - done, MSG_NOSIGNAL);
        if (n >= 0) {
            done += (size_t)n;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            return broke(c);
        int rc = wait_for(c, POLLIN | POLLOUT);
        if (rc < 0)
            return rc;
    }
    return FFC_OK;
}

int ffc_send(struct ffc *c, uint32_t *id)
{
    if (c->out.failed)
        return ffc_fail(c, FFC_EARGUMENT,
                        "the request does not fit into %d MiB, or there is no "
                        "memory for it; send fewer frames at once",
                        FFP_MAX_MESSAGE_BYTES >> 20);
    c->under_way[c->n_under_way++] = c->last_id;
    *id = c->last_id;
    return write_out(c);
}

static struct ffc_reply *take(struct ffc *c, uint32_t id)
{
    for (struct ffc_reply **at = &c->arrived; *at; at = &(*at)->next) {
        struct ffc_reply *r = *at;
        if (id == 0 || r->response.msgid == id) {
            *at = r->next;
            r->next = NULL;
            c->n_arrived--;
            return r;
        }
    }
    return NULL;
}

/* "BUSY: ...; retry_after_ms 20" into its parts. */
static void note_refusal(struct ffc *c, const struct ffp_response *r)
{
    memset(&c->refusal, 0, sizeof c->refusal);
    (void)ffc_fail(c, FFC_EREFUSED, "%.*s", (int)r->error.n, r->error.at);
    size_t n = strcspn(c->why, ":");
    if (n >= sizeof c->refusal.code)
        n = sizeof c->refusal.code - 1;
    memcpy(c->refusal.code, c->why, n);
    const char *at = strstr(c->why, "retry_after_ms");
    if (!at)
        return;
    at += strcspn(at, "0123456789");
    c->refusal.retry_after_ms = strtoull(at, NULL, 10);
}

int ffc_await(struct ffc *c, uint32_t *id, struct ffc_reply **out)
{
    struct ffc_reply *r;
    while (!(r = take(c, *id))) {
        if (c->broken)
            return ffc_fail(c, FFC_ELOST,
                            "the connection is lost; open another one");
        int rc = wait_for(c, POLLIN);
        if (rc < 0) { /* what came before the break still counts */
            r = take(c, *id);
            if (!r)
                return rc;
            break;
        }
    }
    *id = r->response.msgid;
    if (r->response.is_error) {
        note_refusal(c, &r->response);
        ffc_reply_free(r);
        return FFC_EREFUSED;
    }
    *out = r;
    return FFC_OK;
}

int ffc_exchange(struct ffc *c, struct ffc_reply **out)
{
    uint32_t id;
    struct ffc_reply *reply = NULL;
    int rc = ffc_send(c, &id);
    if (rc == FFC_OK)
        rc = ffc_await(c, &id, &reply);
    if (rc < 0)
        return rc;
    if (out)
        *out = reply;
    else
        ffc_reply_free(reply);
    return FFC_OK;
}

size_t ffc_pending(const struct ffc *c)
{
    return c->n_under_way + c->n_arrived;
}

int ffc_collect(struct ffc *c, uint32_t *id, struct ffc_reply **out)
{
    if (ffc_pending(c) == 0)
        return ffc_fail(c, FFC_EARGUMENT, "no request is under way");
    *id = 0;
    return ffc_await(c, id, out);
}
