#include "daemon/memory.h"

#include "daemon/daemon.h"
#include "proto/reply.h"

/* Who holds most, of those that are still read if `reading`. */
static struct ffd_conn *largest(struct ffd_daemon *d, bool reading)
{
    struct ffd_conn *most = NULL;

    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        struct ffd_conn *c = d->conns.slot[i];

        if (!c || c->closing || (reading && c->throttled))
            continue;
        if (!most || c->memory > most->memory)
            most = c;
    }
    return most;
}

static void release_all(struct ffd_daemon *d)
{
    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        struct ffd_conn *c = d->conns.slot[i];

        if (!c || !c->throttled)
            continue;
        c->throttled = false;
        ffd_conn_touch(c);
    }
    d->throttled = 0;
}

static void close_largest(struct ffd_daemon *d)
{
    struct ffd_conn *c = largest(d, false);

    if (!c || c->memory == 0)
        return;
    ffd_log_some(FFD_LOG_WARNING, "memory", ffd_now_ms(d),
                 "over memory_limit: connection %llu, which holds %zu bytes, "
                 "is closed",
                 (unsigned long long)c->number, c->memory);
    ffd_count_refused(d, FFP_OVERLOADED);
    /* Its own answers are what is in the way: they go, the last word stays,
       if the socket takes it at once. */
    if (!c->write_busy) {
        uv_buf_t buf;

        ffp_buf_clear(&c->out);
        ffp_reply_error(&c->out, 0, FFP_OVERLOADED,
                        "the server is at its memory limit; the connection is "
                        "closed");
        buf = uv_buf_init((char *)c->out.data, (unsigned)c->out.n);
        uv_try_write(&c->uv.stream, &buf, 1);
    }
    ffd_conn_close(c);
}

void ffd_memory_look(struct ffd_daemon *d)
{
    uint64_t limit = d->config.memory_limit;
    struct ffd_conn *c;

    if (d->memory < limit / 4 * 3) {
        if (d->throttled)
            release_all(d);
        return;
    }
    if (d->memory > limit) {
        close_largest(d);
        return;
    }
    if (d->memory < limit / 8 * 7)
        return;
    c = largest(d, true);
    if (!c)
        return;
    c->throttled = true;
    d->throttled++;
    ffd_conn_touch(c);
}
