#include "daemon/conn.h"

#include <stdlib.h>

#include "daemon/conn_parts.h"
#include "daemon/daemon.h"

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
    c->prev_dirty = NULL;
    c->next_dirty = c->d->conns.dirty;
    if (c->next_dirty)
        c->next_dirty->prev_dirty = c;
    c->d->conns.dirty = c;
}

static void forget_dirty(struct ffd_conn *c)
{
    if (!c->dirty)
        return;
    if (c->prev_dirty)
        c->prev_dirty->next_dirty = c->next_dirty;
    else
        c->d->conns.dirty = c->next_dirty;
    if (c->next_dirty)
        c->next_dirty->prev_dirty = c->prev_dirty;
    c->dirty = false;
}

void ffd_conn_touch_told(struct ffd_conn *c)
{
    struct ffd_conns *all = &c->d->conns;

    if (c->told || c->closing)
        return;
    c->told = true;
    c->next_told = NULL;
    c->prev_told = all->told_end;
    if (all->told_end)
        all->told_end->next_told = c;
    else
        all->told = c;
    all->told_end = c;
}

static void forget_told(struct ffd_conn *c)
{
    struct ffd_conns *all = &c->d->conns;

    if (!c->told)
        return;
    if (c->prev_told)
        c->prev_told->next_told = c->next_told;
    else
        all->told = c->next_told;
    if (c->next_told)
        c->next_told->prev_told = c->prev_told;
    else
        all->told_end = c->prev_told;
    c->told = false;
}

size_t ffd_conn_waiting(const struct ffd_conn *c)
{
    return c->out.n + ffd_conn_sealing(c) + c->uv.stream.write_queue_size;
}

void ffd_conn_account(struct ffd_conn *c)
{
    size_t now = c->in.room + c->out.room + c->writing.room;

    if (c->tls)
        now += c->plain.room + c->sealed.room + FFD_TLS_BYTES;

    if (c->closing)
        return;
    c->d->memory += now;
    c->d->memory -= c->memory;
    c->memory = now;
}

void ffd_conn_set_backlog(struct ffd_conn *c, bool on)
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
    ffp_buf_release(&c->plain);
    ffp_buf_release(&c->sealed);
    if (c->tls)
        ffd_tls_release(c->tls);
    free(c->tls);
    all->slot[c->number % FFP_MAX_CONNECTIONS] = NULL;
    all->freed[all->n_freed++] = (uint16_t)(c->number % FFP_MAX_CONNECTIONS);
    all->open--;
    free(c);
}

void ffd_conn_close(struct ffd_conn *c)
{
    if (c->closing)
        return;
    ffd_conn_set_backlog(c, false);
    ffd_events_set(c, 0);
    forget_told(c);
    forget_dirty(c);
    ffd_guard_left(c);
    if (c->tls)
        c->d->guard.failed += c->tls->state == FFD_TLS_SHAKING;
    c->closing = true;
    /* Free before this turn of the loop is over. */
    c->d->memory -= c->memory;
    c->memory = 0;
    c->d->throttled -= c->throttled;
    c->throttled = false;
    uv_close(&c->uv.handle, on_closed);
}

void ffd_conn_close_after(struct ffd_conn *c)
{
    c->last_word = true;
    ffd_conn_touch(c);
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

/* A slot that is free is one that was freed, or one never used. */
static int take_slot(struct ffd_conns *all)
{
    if (all->n_freed > 0)
        return all->freed[--all->n_freed];
    return (int)all->n_used++;
}

static void on_refused(uv_handle_t *handle)
{
    free(handle);
}

static void init_handle(struct ffd_daemon *d, struct ffd_conn *c,
                        enum ffd_way way)
{
    if (way == FFD_WAY_UNIX)
        uv_pipe_init(&d->loop, &c->uv.pipe, 0);
    else
        uv_tcp_init(&d->loop, &c->uv.tcp);
}

/* Accepted and closed at once: left in the backlog it would look alive. */
static bool refuse(struct ffd_daemon *d, uv_stream_t *listener,
                   enum ffd_way way)
{
    struct ffd_conn *c = calloc(1, sizeof(*c));

    if (!c)
        return false;
    d->conns.refused++;
    init_handle(d, c, way);
    uv_accept(listener, &c->uv.stream);
    uv_close(&c->uv.handle, on_refused);
    ffd_log_some(FFD_LOG_WARNING, "connections", ffd_now_ms(d),
                 "more than %d connections, or no memory: one more was closed",
                 FFP_MAX_CONNECTIONS);
    return true;
}

/* NULL without memory. */
static struct ffd_conn *new_conn(struct ffd_daemon *d, enum ffd_way way)
{
    struct ffd_conn *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    if (way == FFD_WAY_TLS) {
        c->tls = calloc(1, sizeof(*c->tls));
        if (!c->tls || ffd_tls_init(c->tls, d->guard.held.tls) < 0) {
            free(c->tls);
            free(c);
            return NULL;
        }
    }
    c->d = d;
    c->way = way;
    ffp_stream_init(&c->in, FFP_MAX_GREETING_BYTES);
    ffp_decoder_init(&c->decoder);
    ffp_buf_init(&c->out, FFP_MAX_OUTPUT_BYTES);
    ffp_buf_init(&c->writing, FFP_MAX_OUTPUT_BYTES);
    ffp_buf_init(&c->plain, FFP_MAX_OUTPUT_BYTES);
    ffp_buf_init(&c->sealed, FFP_MAX_OUTPUT_BYTES);
    return c;
}

bool ffd_conn_accept(struct ffd_daemon *d, uv_stream_t *listener,
                     enum ffd_way way)
{
    struct ffd_conns *all = &d->conns;
    struct ffd_conn *c =
        all->open < FFP_MAX_CONNECTIONS ? new_conn(d, way) : NULL;
    int slot;

    if (!c)
        return refuse(d, listener, way);
    slot = take_slot(all);
    c->number = ++all->generation * FFP_MAX_CONNECTIONS + (uint64_t)slot;
    all->slot[slot] = c;
    all->open++;
    all->accepted++;
    init_handle(d, c, way);
    c->uv.handle.data = c;
    if (uv_accept(listener, &c->uv.stream) < 0) {
        ffd_conn_close(c);
        return true;
    }
    if (way != FFD_WAY_UNIX) {
        uv_tcp_nodelay(&c->uv.tcp, 1);
        uv_tcp_keepalive(&c->uv.tcp, 1, 60);
    }
    ffd_conn_account(c);
    ffd_guard_came(c);
    ffd_conn_touch(c);
    return true;
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
