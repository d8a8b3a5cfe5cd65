/*
 * listen.h -- where peers come in: Unix sockets and loopback TCP.
 *
 * A socket file's mode (0660) comes from the umask before bind; a chmod after
 * it would leave a moment in which anybody may connect. A file left over by a
 * daemon that died is removed only when a connect to it is refused: if
 * somebody answers, it is theirs. Neither is done for a socket that systemd
 * opened (inherit.h).
 */
#ifndef FFD_LISTEN_H
#define FFD_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "daemon/config.h"

struct ffd_daemon;

struct ffd_listener {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tcp_t tcp;
    } uv; /* data: the daemon */
    bool is_tcp;
};

struct ffd_listeners {
    struct ffd_listener at[FFD_LISTEN_MAX];
    size_t n;
};

/* Listen on all of the configuration's addresses. 0, or -1 and a sentence. */
int ffd_listen_start(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX]);

/* Take no new connection; socket files of our own are removed. */
void ffd_listen_stop(struct ffd_daemon *d);

#endif
