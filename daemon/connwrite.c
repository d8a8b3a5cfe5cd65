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
    ffd_conn_account(c);
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
        c->dirty = false;
        settle(c);
    }
    for (size_t n = 0; n < TOLD_A_TURN && d->conns.told; n++) {
        struct ffd_conn *c = d->conns.told;

        d->conns.told = c->next_told;
        if (!d->conns.told)
            d->conns.told_end = NULL;
        c->told = false;
        settle(c);
    }
}
