#include "daemon/memory.h"

#include <poll.h>

#include "daemon/daemon.h"
#include "proto/reply.h"

#define MUCH      ((size_t)64 * 1024)
#define IDLE_MOST ((size_t)256 * 1024) /* more than an idle one keeps */

static bool near_limit(const struct ffd_daemon *d)
{
    return d->memory >= d->config.memory_limit / 8 * 7;
}

/* Whether so much is held by connections alone that their waiting for others
   would not help them. */
static bool stuck(const struct ffd_daemon *d)
{
    uint64_t held = 0;

    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++)
        held += d->conns.slot[i] ? d->conns.slot[i]->memory : 0;
    return held >= d->config.memory_limit / 4 * 3;
}

static struct ffd_conn *largest(const struct ffd_daemon *d)
{
    struct ffd_conn *most = NULL;

    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        struct ffd_conn *c = d->conns.slot[i];

        if (c && !c->closing && (!most || c->memory > most->memory))
            most = c;
    }
    return most;
}

static size_t holds(const struct ffd_conn *c)
{
    return c->in.end - c->in.start + c->calls + ffd_conn_waiting(c);
}

/* Whether the peer has said its last word, though there may be bytes to read
   before it. */
static bool sends_no_more(const struct ffd_conn *c)
{
    struct pollfd p = {.events = POLLRDHUP};

    return uv_fileno(&c->uv.handle, &p.fd) == 0 && poll(&p, 1, 0) > 0;
}

/* Let a connection be read or not, as `near` the limit it is. */
static void throttle(struct ffd_conn *c, bool near)
{
    bool now;

    if (near && c->throttled && !c->last_bytes)
        c->last_bytes = sends_no_more(c);
    now = near && holds(c) > MUCH && !c->last_bytes;
    if (c->throttled == now)
        return;
    c->throttled = now;
    if (now)
        c->d->throttled++;
    else
        c->d->throttled--;
    ffd_conn_touch(c);
}

/* False: none has buffers that it would help to free. */
static bool close_largest(struct ffd_daemon *d)
{
    struct ffd_conn *c = largest(d);

    if (!c || c->memory <= IDLE_MOST)
        return false;
    ffd_log_some(FFD_LOG_WARNING, "memory", ffd_now_ms(d),
                 "at memory_limit: connection %llu, which holds %zu bytes, "
                 "is closed",
                 (unsigned long long)c->number, c->memory);
    ffd_count_refused(d, FFP_OVERLOADED);
    /* Its own answers are what is in the way: they go, the last word stays,
       if the socket takes it at once. */
    if (!c->write_busy) {
        ffp_buf_clear(&c->out);
        c->plain_at = c->plain.n;
        ffp_reply_error(&c->out, 0, FFP_OVERLOADED,
                        "the server is at its memory limit; the connection is "
                        "closed");
        ffd_conn_try_write(c);
    }
    ffd_conn_close(c);
    return true;
}

void ffd_memory_look(struct ffd_daemon *d)
{
    bool near;

    while (d->memory > d->config.memory_limit || (near_limit(d) && stuck(d))) {
        if (!close_largest(d))
            break;
    }
    near = near_limit(d);
    if (!near && d->throttled == 0)
        return;
    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        if (d->conns.slot[i] && !d->conns.slot[i]->closing)
            throttle(d->conns.slot[i], near);
    }
}
