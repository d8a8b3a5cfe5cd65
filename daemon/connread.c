#include <stdlib.h>
#include <string.h>

#include "daemon/conn_parts.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "proto/reply.h"

#define UNREAD_MAX      ((size_t)1024 * 1024)
#define MESSAGES_A_TURN 512
#define TURN_BYTES      ((size_t)256 * 1024)
#define TURN_NS         ((uint64_t)300 * 1000) /* for messages of all */

bool ffd_conn_must_wait(const struct ffd_conn *c)
{
    return c->closing || c->last_word || c->throttled ||
           c->d->phase != FFD_SERVING ||
           c->in_flight >= FFP_MAX_CONNECTION_REQUESTS ||
           c->d->conns.in_flight >= FFP_MAX_REQUESTS ||
           ffd_conn_waiting(c) > UNREAD_MAX;
}

static void refuse_bytes(struct ffd_conn *c)
{
    ffd_count_refused(c->d, FFP_BAD_MESSAGE);
    ffd_log_some(FFD_LOG_NOTICE, "bad-message", ffd_now_ms(c->d),
                 "connection %llu: %s; closed", (unsigned long long)c->number,
                 ffp_walk_text(c->in.walk));
    ffp_reply_error(&c->out, 0,
                    c->in.walk == FFP_WALK_BAD_BYTE ? FFP_BAD_MESSAGE
                                                    : FFP_TOO_LARGE,
                    "%s; the connection is closed", ffp_walk_text(c->in.walk));
    ffd_conn_close_after(c);
}

/* Whether messages have had their share of this turn: some ask for answers that
   are long to write, and a few peers that send nothing else would hold up
   everybody. */
static bool turn_is_spent(const struct ffd_conn *c, uint64_t began_ns)
{
    return c->d->turn.message_ns + (uv_hrtime() - began_ns) > TURN_NS;
}

/* Look at what was read, as far as it may be taken now. The first message of a
   connection that has none waiting always is: who asks one thing at a time is
   not behind those who flood. */
static void process(struct ffd_conn *c)
{
    uint64_t began_ns = uv_hrtime();
    size_t budget = MESSAGES_A_TURN;
    bool owed = !c->backlog;

    ffd_conn_set_backlog(c, false);
    if (c->tls)
        ffd_conn_unseal(c);
    while (!ffd_conn_must_wait(c)) {
        const uint8_t *message;
        size_t n;

        if (budget == 0 || (!owed && turn_is_spent(c, began_ns))) {
            ffd_conn_set_backlog(c, true);
            break;
        }
        budget--;
        owed = false;
        switch (ffp_stream_next(&c->in, &message, &n)) {
        case FFP_STREAM_MESSAGE:
            ffd_dispatch(c, message, n);
            continue;
        case FFP_STREAM_MORE:
            break;
        case FFP_STREAM_REFUSED:
            refuse_bytes(c);
            break;
        }
        break;
    }
    c->d->turn.message_ns += uv_hrtime() - began_ns;
    ffd_conn_touch(c);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct ffd_conn *c = handle->data;
    uint8_t *at;
    size_t n;

    (void)suggested;
    if (c->tls) {
        *buf = uv_buf_init((char *)c->d->conns.ciphertext,
                           (unsigned)FFD_CONN_READ_MAX);
        return;
    }
    *buf = uv_buf_init(NULL, 0); /* read answers UV_ENOBUFS */
    if (ffp_stream_reserve(&c->in, &at, &n) == 0)
        *buf = uv_buf_init(
            (char *)at,
            (unsigned)(n < FFD_CONN_READ_MAX ? n : FFD_CONN_READ_MAX));
    ffd_conn_account(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct ffd_conn *c = stream->data;

    if (n > 0 && c->tls && ffd_tls_feed(c->tls, buf->base, (size_t)n) < 0)
        n = UV_ENOMEM;
    if (n > 0) {
        if (!c->tls)
            ffp_stream_commit(&c->in, (size_t)n);
        c->taken += (size_t)n;
        process(c);
        /* libuv would go on reading from a fast peer, and from one that has
           messages waiting already. */
        if ((c->taken >= TURN_BYTES || c->backlog) && c->reading && !c->closing)
            ffd_conn_read_stop(c);
    } else if (n == UV_EOF) {
        c->ended = true;
        ffd_conn_touch(c);
    } else if (n < 0) {
        ffd_conn_close(c);
    }
}

void ffd_conn_read_start(struct ffd_conn *c)
{
    c->reading = uv_read_start(&c->uv.stream, on_alloc, on_read) == 0;
}

void ffd_conn_read_stop(struct ffd_conn *c)
{
    uv_read_stop(&c->uv.stream);
    c->reading = false;
}

uint8_t *ffd_conn_steal(struct ffd_conn *c)
{
    struct ffp_stream *s = &c->in;
    size_t rest = s->end - s->start;
    uint8_t *block = s->data, *next = malloc(rest ? rest : 1);

    if (!next)
        return NULL;
    memcpy(next, s->data + s->start, rest);
    s->data = next;
    s->room = rest ? rest : 1;
    s->walked -= s->start;
    s->end = rest;
    s->start = 0;
    ffd_conn_account(c);
    return block;
}

void ffd_conns_run_backlog(struct ffd_daemon *d)
{
    size_t from = d->conns.backlog_from++;

    for (size_t i = 0; i < FFP_MAX_CONNECTIONS && d->conns.backlogs; i++) {
        struct ffd_conn *c = d->conns.slot[(from + i) % FFP_MAX_CONNECTIONS];

        if (c && c->backlog)
            process(c);
    }
}

void ffd_conns_run_all(struct ffd_daemon *d)
{
    /* What was read is finite, and nothing is read meanwhile. */
    for (int rounds = 0; rounds < 10000 && d->conns.backlogs > 0; rounds++) {
        d->turn.message_ns = 0;
        ffd_conns_run_backlog(d);
    }
}
