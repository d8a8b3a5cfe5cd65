#include "daemon/conn_parts.h"
#include "daemon/daemon.h"

#define KEEP_BYTES  ((size_t)64 * 1024) /* of an idle buffer */
#define TOLD_A_TURN 64                  /* connections; some 3 us each */

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
static void write_later(struct ffd_conn *c, struct ffp_buf *from)
{
    struct ffp_buf spare = c->writing;
    uv_buf_t buf;

    c->writing = *from;
    *from = spare;
    ffp_buf_clear(from);
    buf = uv_buf_init((char *)c->writing.data, (unsigned)c->writing.n);
    c->write.data = c;
    if (uv_write(&c->write, &c->uv.stream, &buf, 1, on_written) < 0)
        ffd_conn_close(c);
    else
        c->write_busy = true;
}

static void write_from(struct ffd_conn *c, struct ffp_buf *from)
{
    uv_buf_t buf;
    int n;

    if (from->n == 0 || c->write_busy)
        return;
    buf = uv_buf_init((char *)from->data, (unsigned)from->n);
    n = uv_try_write(&c->uv.stream, &buf, 1);
    if (n < 0 && n != UV_EAGAIN) {
        ffd_conn_close(c);
        return;
    }
    if (n > 0 && (size_t)n == from->n) {
        ffp_buf_clear(from);
        return;
    }
    if (n > 0)
        ffp_buf_shift(from, (size_t)n);
    write_later(c, from);
}

/* Two slices in a turn: libuv tells of the second in the next. */
static void write_sealed(struct ffd_conn *c)
{
    if (c->write_busy)
        return;
    if (ffd_conn_seal(c) < 0) {
        ffd_conn_close(c);
        return;
    }
    write_from(c, &c->sealed);
    if (c->closing || c->write_busy)
        return;
    if (ffd_conn_seal(c) < 0)
        ffd_conn_close(c);
    else if (c->sealed.n > 0)
        write_later(c, &c->sealed);
}

static void write_out(struct ffd_conn *c)
{
    if (c->tls)
        write_sealed(c);
    else
        write_from(c, &c->out);
}

void ffd_conn_try_write(struct ffd_conn *c)
{
    struct ffp_buf *from = c->tls ? &c->sealed : &c->out;
    uv_buf_t buf;

    if (c->write_busy || (c->tls && ffd_conn_seal(c) < 0) || from->n == 0)
        return;
    buf = uv_buf_init((char *)from->data, (unsigned)from->n);
    uv_try_write(&c->uv.stream, &buf, 1);
}

/* The end that the peer expects of TLS, if the socket takes it. */
static void close_well(struct ffd_conn *c)
{
    if (c->tls) {
        ffd_tls_shut(c->tls);
        ffd_conn_try_write(c);
    }
    ffd_conn_close(c);
}

static void give_back(struct ffp_buf *b)
{
    if (b->n > 0 || b->room <= KEEP_BYTES)
        return;
    ffp_buf_release(b);
    ffp_buf_init(b, FFP_MAX_OUTPUT_BYTES);
}

static void give_back_memory(struct ffd_conn *c)
{
    give_back(&c->out);
    give_back(&c->plain);
    give_back(&c->sealed);
    if (!c->write_busy)
        give_back(&c->writing);
    if (c->in.start == c->in.end && c->in.room > KEEP_BYTES)
        ffp_stream_shrink(&c->in);
    ffd_conn_account(c);
}

/* Whether bytes that were read wait to be looked at, or to be opened. */
static bool unseen(const struct ffd_conn *c)
{
    return c->in.walked < c->in.end || c->backlog;
}

static void settle(struct ffd_conn *c)
{
    c->taken = 0;
    write_out(c);
    if (c->closing)
        return;
    if (c->last_word || (c->ended && c->in_flight == 0 && !unseen(c))) {
        if (!c->write_busy && ffd_conn_waiting(c) == 0)
            close_well(c);
        return;
    }
    if (!ffd_conn_must_wait(c) && unseen(c) && !c->backlog)
        ffd_conn_set_backlog(c, true);
    if (c->reading && (ffd_conn_must_wait(c) || c->ended || c->backlog)) {
        ffd_conn_read_stop(c);
    } else if (!c->reading && !ffd_conn_must_wait(c) && !c->ended &&
               !c->backlog) {
        ffd_conn_read_start(c);
    }
    give_back_memory(c);
}

void ffd_conns_flush(struct ffd_daemon *d)
{
    while (d->conns.dirty) {
        struct ffd_conn *c = d->conns.dirty;

        d->conns.dirty = c->next_dirty;
        if (c->next_dirty)
            c->next_dirty->prev_dirty = NULL;
        c->dirty = false;
        settle(c);
    }
    for (size_t n = 0; n < TOLD_A_TURN && d->conns.told; n++) {
        struct ffd_conn *c = d->conns.told;

        d->conns.told = c->next_told;
        if (d->conns.told)
            d->conns.told->prev_told = NULL;
        else
            d->conns.told_end = NULL;
        c->told = false;
        settle(c);
    }
}
