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
    c->next_dirty = c->d->conns.dirty;
    c->d->conns.dirty = c;
}

void ffd_conn_touch_told(struct ffd_conn *c)
{
    struct ffd_conns *all = &c->d->conns;

    if (c->told || c->closing)
        return;
    c->told = true;
    c->next_told = NULL;
    if (all->told_end)
        all->told_end->next_told = c;
    else
        all->told = c;
    all->told_end = c;
}

static void forget_told(struct ffd_conn *c)
{
    struct ffd_conns *all = &c->d->conns;
    struct ffd_conn *before = NULL;

    if (!c->told)
        return;
    for (struct ffd_conn *at = all->told; at != c; at = at->next_told)
        before = at;
    if (before)
        before->next_told = c->next_told;
    else
        all->told = c->next_told;
    if (all->told_end == c)
        all->told_end = before;
    c->told = false;
}

size_t ffd_conn_waiting(const struct ffd_conn *c)
{
    return c->out.n + c->uv.stream.write_queue_size;
}

void ffd_conn_account(struct ffd_conn *c)
{
    size_t now = c->in.room + c->out.room + c->writing.room;

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
    all->slot[c->number % FFP_MAX_CONNECTIONS] = NULL;
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
    for (struct ffd_conn **at = &c->d->conns.dirty; c->dirty && *at;
         at = &(*at)->next_dirty) {
        if (*at == c) {
            *at = c->next_dirty;
            break;
        }
    }
    c->dirty = false;
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
