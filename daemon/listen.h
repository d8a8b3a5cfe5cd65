/*
 * listen.h -- where peers come in: Unix sockets, loopback TCP, and TLS.
 *
 * A socket file's mode (0660) comes from the umask before bind; a chmod after
 * it would leave a moment in which anybody may connect. A file left over by a
 * daemon that died is removed only when a connect to it is refused: if
 * somebody answers, it is theirs. Neither is done for a socket that systemd
 * opened (inherit.h).
 *
 * Of a storm of connections so many are accepted in a turn; the next waits, and
 * libuv with it, until the turn after. The others wait in the system's backlog.
 */
#ifndef FFD_LISTEN_H
#define FFD_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "daemon/config.h"
#include "daemon/peer.h"

struct ffd_daemon;

struct ffd_listener {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tcp_t tcp;
    } uv; /* data: the daemon */
    enum ffd_way way;
    bool waiting; /* a connection was offered and not yet taken */
};

struct ffd_listeners {
    struct ffd_listener at[FFD_LISTEN_MAX];
    size_t n;
    size_t waiting;  /* listeners that are */
    size_t accepted; /* in this turn */
};

/* Listen on all of the configuration's addresses. 0, or -1 and a sentence. */
int ffd_listen_start(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX]);

/* A new turn: take connections that wait. */
void ffd_listen_go_on(struct ffd_daemon *d);

/* Take no new connection; socket files of our own are removed. */
void ffd_listen_stop(struct ffd_daemon *d);

#endif
