#include "daemon/conn.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "proto/reply.h"

#define READ_MAX        ((size_t)64 * 1024)
#define KEEP_BYTES      ((size_t)64 * 1024) /* of an idle buffer */
#define UNREAD_MAX      ((size_t)1024 * 1024)
#define MESSAGES_A_TURN 512
#define TURN_BYTES      ((size_t)256 * 1024)

struct ffd_conn *ffd_conn_find(struct ffd_daemon *d, uint64_t number)
{
    struct ffd_conn *c = d->conns.slot[number % FFP_MAX_CONNECTIONS];

    return c && c->number == number && !c->closing ? c : NULL;
}

void ffd_conn_touch(struct ffd_conn *c)
{
    if (c->dirty || c->closing)
        return;
    c->dirty = true;
    c->next_dirty = c->d->conns.dirty;
    c->d->conns.dirty = c;
}

static void account(struct ffd_conn *c)
{
    size_t now = c->in.room + c->out.room + c->writing.room;

    c->d->memory += now;
    c->d->memory -= c->memory;
    c->memory = now;
}

static void set_backlog(struct ffd_conn *c, bool on)
{
    if (c->backlog == on)
        return;
    c->backlog = on;
    if (on)
        c->d->conns.backlogs++;
    else
        c->d->conns.backlogs--;
}

/* ---- closing ------------------------------------------------------------ */

static void on_closed(uv_handle_t *handle)
{
    struct ffd_conn *c = handle->data;
    struct ffd_conns *all = &c->d->conns;

    ffp_stream_release(&c->in);
    ffp_decoder_release(&c->decoder);
    ffp_buf_release(&c->out);
    ffp_buf_release(&c->writing);
    c->d->memory -= c->memory;
    all->slot[c->number % FFP_MAX_CONNECTIONS] = NULL;
    all->open--;
    free(c);
}

void ffd_conn_close(struct ffd_conn *c)
{
    if (c->closing)
        return;
    set_backlog(c, false);
    for (struct ffd_conn **at = &c->d->conns.dirty; c->dirty && *at;
         at = &(*at)->next_dirty) {
        if (*at == c) {
            *at = c->next_dirty;
            break;
        }
    }
    c->dirty = false;
    c->closing = true;
    uv_close(&c->uv.handle, on_closed);
}

void ffd_conn_close_after(struct ffd_conn *c)
{
    c->last_word = true;
    ffd_conn_touch(c);
}

/* ---- messages in ------------------------------------------------------- */

static bool must_wait(const struct ffd_conn *c)
{
    return c->closing || c->last_word || c->throttled ||
           c->d->phase != FFD_SERVING ||
           c->in_flight >= FFP_MAX_CONNECTION_REQUESTS ||
           c->d->conns.in_flight >= FFP_MAX_REQUESTS ||
           c->out.n + c->writing.n > UNREAD_MAX;
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

/* Look at what was read, as far as it may be taken now. */
static void process(struct ffd_conn *c)
{
    size_t budget = MESSAGES_A_TURN;

    set_backlog(c, false);
    while (!must_wait(c)) {
        const uint8_t *message;
        size_t n;

        if (budget-- == 0) {
            set_backlog(c, true);
            break;
        }
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
    ffd_conn_touch(c);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct ffd_conn *c = handle->data;
    uint8_t *at;
    size_t n;

    (void)suggested;
    *buf = uv_buf_init(NULL, 0); /* read answers UV_ENOBUFS */
    if (ffp_stream_reserve(&c->in, &at, &n) == 0)
        *buf = uv_buf_init((char *)at, (unsigned)(n < READ_MAX ? n : READ_MAX));
    account(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct ffd_conn *c = stream->data;

    (void)buf;
    if (n > 0) {
        ffp_stream_commit(&c->in, (size_t)n);
        c->taken += (size_t)n;
        process(c);
        /* libuv would go on reading from a fast peer. */
        if (c->taken >= TURN_BYTES && c->reading && !c->closing) {
            uv_read_stop(stream);
            c->reading = false;
        }
    } else if (n == UV_EOF) {
        c->ended = true;
        ffd_conn_touch(c);
    } else if (n < 0) {
        ffd_conn_close(c);
    }
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
    account(c);
    return block;
}

/* ---- answers out -------------------------------------------------------- */

static void on_written(uv_write_t *req, int status)
{
    struct ffd_conn *c = req->data;

    c->write_busy = false;
    ffp_buf_clear(&c->writing);
    if (status < 0 && !c->closing)
        ffd_conn_close(c);
    else
        ffd_conn_touch(c);
}

/* Give to libuv what the socket did not take. */
static void write_later(struct ffd_conn *c)
{
    struct ffp_buf spare = c->writing;
    uv_buf_t buf;

    c->writing = c->out;
    c->out = spare;
    ffp_buf_clear(&c->out);
    buf = uv_buf_init((char *)c->writing.data, (unsigned)c->writing.n);
    c->write.data = c;
    if (uv_write(&c->write, &c->uv.stream, &buf, 1, on_written) < 0)
        ffd_conn_close(c);
    else
        c->write_busy = true;
}

static void write_out(struct ffd_conn *c)
{
    uv_buf_t buf;
    int n;

    if (c->out.n == 0 || c->write_busy)
        return;
    buf = uv_buf_init((char *)c->out.data, (unsigned)c->out.n);
    n = uv_try_write(&c->uv.stream, &buf, 1);
    if (n < 0 && n != UV_EAGAIN) {
        ffd_conn_close(c);
        return;
    }
    if (n > 0 && (size_t)n == c->out.n) {
        ffp_buf_clear(&c->out);
        return;
    }
    if (n > 0)
        ffp_buf_shift(&c->out, (size_t)n);
    write_later(c);
}

static void give_back_memory(struct ffd_conn *c)
{
    if (c->out.n == 0 && c->out.room > KEEP_BYTES) {

        ffp_buf_release(&c->out);
        ffp_buf_init(&c->out, FFP_MAX_OUTPUT_BYTES);
    }
    if (!c->write_busy && c->writing.room > KEEP_BYTES) {
        ffp_buf_release(&c->writing);
        ffp_buf_init(&c->writing, FFP_MAX_OUTPUT_BYTES);
    }
    if (c->in.start == c->in.end && c->in.room > KEEP_BYTES)
        ffp_stream_shrink(&c->in);
    account(c);
}

/* Whether bytes that were read wait to be looked at. */
static bool unseen(const struct ffd_conn *c)
{
    return c->in.walked < c->in.end;
}

static void settle(struct ffd_conn *c)
{
    c->taken = 0;
    write_out(c);
    if (c->closing)
        return;
    if (c->last_word || (c->ended && c->in_flight == 0 && !unseen(c))) {
        if (!c->write_busy && c->out.n == 0)
            ffd_conn_close(c);
        return;
    }
    if (!must_wait(c) && unseen(c) && !c->backlog)
        set_backlog(c, true);
    if (c->reading && (must_wait(c) || c->ended || c->backlog)) {
        uv_read_stop(&c->uv.stream);
        c->reading = false;
    } else if (!c->reading && !must_wait(c) && !c->ended && !c->backlog) {
        c->reading = uv_read_start(&c->uv.stream, on_alloc, on_read) == 0;
    }
    give_back_memory(c);
}

void ffd_conns_flush(struct ffd_daemon *d)
{
    while (d->conns.dirty) {
        struct ffd_conn *c = d->conns.dirty;

        d->conns.dirty = c->next_dirty;
        c->dirty = false;
        settle(c);
    }
}

void ffd_conns_run_backlog(struct ffd_daemon *d)
{
    for (size_t i = 0; i < FFP_MAX_CONNECTIONS && d->conns.backlogs; i++) {
        if (d->conns.slot[i] && d->conns.slot[i]->backlog)
            process(d->conns.slot[i]);
    }
}

/* ---- requests in flight ------------------------------------------------- */

void ffd_conn_begin(struct ffd_conn *c)
{
    c->in_flight++;
    c->d->conns.in_flight++;
}

void ffd_conn_end(struct ffd_daemon *d, uint64_t number)
{
    struct ffd_conn *c = ffd_conn_find(d, number);

    /* Somebody may have waited for everybody. */
    if (d->conns.in_flight-- == FFP_MAX_REQUESTS) {
        for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
            if (d->conns.slot[i])
                ffd_conn_touch(d->conns.slot[i]);
        }
    }
    if (c) {
        c->in_flight--;
        ffd_conn_touch(c);
    }
}

/* ---- beginning and end -------------------------------------------------- */

static int free_slot(const struct ffd_conns *all)
{
    for (int i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        if (!all->slot[i])
            return i;
    }
    return -1;
}

static void on_refused(uv_handle_t *handle)
{
    free(handle);
}

/* Accepted and closed at once: left in the backlog it would look alive. */
static void refuse(struct ffd_daemon *d, uv_stream_t *listener, bool is_tcp)
{
    struct ffd_conn *c = calloc(1, sizeof(*c));

    d->conns.refused++;
    if (!c)
        return;
    if (is_tcp)
        uv_tcp_init(&d->loop, &c->uv.tcp);
    else
        uv_pipe_init(&d->loop, &c->uv.pipe, 0);
    uv_accept(listener, &c->uv.stream);
    uv_close(&c->uv.handle, on_refused);
    ffd_log_some(FFD_LOG_WARNING, "connections", ffd_now_ms(d),
                 "more than %d connections: one more was closed",
                 FFP_MAX_CONNECTIONS);
}

static unsigned roles_of(bool is_tcp)
{
    unsigned roles =
        1u << FFP_ROLE_NONE | 1u << FFP_ROLE_QUERY | 1u << FFP_ROLE_FEED;

    /* The socket file's mode lets in the group; TCP lets in everybody here. */
    return is_tcp ? roles : roles | 1u << FFP_ROLE_ADMIN;
}

void ffd_conn_accept(struct ffd_daemon *d, uv_stream_t *listener, bool is_tcp)
{
    struct ffd_conns *all = &d->conns;
    int slot = free_slot(all);
    struct ffd_conn *c = slot < 0 ? NULL : calloc(1, sizeof(*c));

    if (!c) {
        refuse(d, listener, is_tcp);
        return;
    }
    c->d = d;
    c->number = ++all->generation * FFP_MAX_CONNECTIONS + (uint64_t)slot;
    c->roles = roles_of(is_tcp);
    ffp_stream_init(&c->in, FFP_MAX_MESSAGE_BYTES);
    ffp_decoder_init(&c->decoder);
    ffp_buf_init(&c->out, FFP_MAX_OUTPUT_BYTES);
    ffp_buf_init(&c->writing, FFP_MAX_OUTPUT_BYTES);
    all->slot[slot] = c;
    all->open++;
    all->accepted++;
    if (is_tcp)
        uv_tcp_init(&d->loop, &c->uv.tcp);
    else
        uv_pipe_init(&d->loop, &c->uv.pipe, 0);
    c->uv.handle.data = c;
    if (uv_accept(listener, &c->uv.stream) < 0) {
        ffd_conn_close(c);
        return;
    }
    if (is_tcp) {
        uv_tcp_nodelay(&c->uv.tcp, 1);
        uv_tcp_keepalive(&c->uv.tcp, 1, 60);
    }
    ffd_conn_touch(c);
}

void ffd_conns_stop_reading(struct ffd_daemon *d)
{
    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        if (d->conns.slot[i])
            ffd_conn_touch(d->conns.slot[i]);
    }
}

void ffd_conns_close(struct ffd_daemon *d)
{
    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        if (d->conns.slot[i])
            ffd_conn_close_after(d->conns.slot[i]);
    }
}
