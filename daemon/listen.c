#include "daemon/listen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/inherit.h"

#define ACCEPTS_A_TURN 32 /* then others have their turn */

static void take(struct ffd_daemon *d, struct ffd_listener *l)
{
    if (d->listeners.accepted < ACCEPTS_A_TURN) {
        d->listeners.accepted++;
        if (ffd_conn_accept(d, &l->uv.stream, l->way))
            return;
    }
    l->waiting = true;
    d->listeners.waiting++;
}

void ffd_listen_go_on(struct ffd_daemon *d)
{
    for (size_t i = 0; i < d->listeners.n && d->listeners.waiting; i++) {
        struct ffd_listener *l = &d->listeners.at[i];

        if (!l->waiting)
            continue;
        l->waiting = false;
        d->listeners.waiting--;
        take(d, l);
    }
}

static void on_connection(uv_stream_t *server, int status)
{
    struct ffd_listener *l = (struct ffd_listener *)server;
    struct ffd_daemon *d = server->data;

    if (status < 0) {
        ffd_log_some(FFD_LOG_WARNING, "accept", ffd_now_ms(d),
                     "a connection could not be accepted: %s",
                     uv_strerror(status));
        return;
    }
    take(d, l);
}

static int fail(char why[FFD_CONFIG_WHY_MAX], const char *address,
                const char *what, const char *reason)
{
    snprintf(why, FFD_CONFIG_WHY_MAX, "cannot listen on %s: %s%s%s", address,
             what, *what ? ": " : "", reason);
    return -1;
}

/* Remove a socket file that nobody listens on. */
static int remove_stale(const char *path, const char *address,
                        char why[FFD_CONFIG_WHY_MAX])
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    struct stat st;
    int fd, rc, error;

    if (lstat(path, &st) < 0)
        return 0; /* not there: good; anything else bind will tell */
    if (!S_ISSOCK(st.st_mode))
        return fail(why, address, "", "a file that is no socket is in the way");
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(why, address, "socket", strerror(errno));
    memcpy(sa.sun_path, path, strlen(path) + 1);
    rc = connect(fd, (const struct sockaddr *)&sa, sizeof(sa));
    error = errno;
    close(fd);
    if (rc == 0 || error == EAGAIN)
        return fail(why, address, "", "another daemon listens there");
    if (error != ECONNREFUSED)
        return fail(why, address, "the socket file that is there",
                    strerror(error));
    if (unlink(path) < 0)
        return fail(why, address, "a stale socket file", strerror(errno));
    ffd_log(FFD_LOG_NOTICE, "removed %s, which nobody listened on", path);
    return 0;
}

static int listen_unix(struct ffd_daemon *d, struct ffd_listener *l,
                       const char *address, char why[FFD_CONFIG_WHY_MAX])
{
    const char *path = address + strlen("unix:");
    mode_t old;
    int rc;

    if (remove_stale(path, address, why) < 0)
        return -1;
    rc = uv_pipe_init(&d->loop, &l->uv.pipe, 0);
    if (rc < 0)
        return fail(why, address, "", uv_strerror(rc));
    old = umask(0117);
    rc = uv_pipe_bind(&l->uv.pipe, path);
    umask(old);
    if (rc == UV_ENOENT)
        return fail(why, address, "",
                    "its directory does not exist; make it, or choose another "
                    "path under listen:");
    return rc < 0 ? fail(why, address, "", uv_strerror(rc)) : 0;
}

static int listen_tcp(struct ffd_daemon *d, struct ffd_listener *l,
                      const char *address, char why[FFD_CONFIG_WHY_MAX])
{
    struct sockaddr_storage sa;
    char host[64];
    int port, rc;

    if (ffd_address_split(address, host, &port) < 0)
        return fail(why, address, "", "must be tcp:HOST:PORT");
    rc = strchr(host, ':') ? uv_ip6_addr(host, port, (struct sockaddr_in6 *)&sa)
                           : uv_ip4_addr(host, port, (struct sockaddr_in *)&sa);
    if (rc == 0)
        rc = uv_tcp_init(&d->loop, &l->uv.tcp);
    if (rc == 0)
        rc = uv_tcp_bind(&l->uv.tcp, (const struct sockaddr *)&sa, 0);
    return rc < 0 ? fail(why, address, "", uv_strerror(rc)) : 0;
}

/* A socket that systemd opened: it is bound, and its file is not ours. */
static int adopt(struct ffd_daemon *d, struct ffd_listener *l, int fd,
                 const char *address, char why[FFD_CONFIG_WHY_MAX])
{
    bool local = l->way == FFD_WAY_UNIX;
    int rc = local ? uv_pipe_init(&d->loop, &l->uv.pipe, 0)
                   : uv_tcp_init(&d->loop, &l->uv.tcp);

    if (rc == 0)
        rc =
            local ? uv_pipe_open(&l->uv.pipe, fd) : uv_tcp_open(&l->uv.tcp, fd);
    return rc < 0 ? fail(why, address, "", uv_strerror(rc)) : 0;
}

/* Port 0 lets the system choose: say what it chose. */
static void log_address(const struct ffd_listener *l, const char *address)
{
    struct sockaddr_storage sa;
    int n = sizeof(sa), port;
    char host[64];

    if (l->way != FFD_WAY_UNIX &&
        ffd_address_split(address, host, &port) == 0 && port == 0 &&
        uv_tcp_getsockname(&l->uv.tcp, (struct sockaddr *)&sa, &n) == 0) {
        /* The port is at the same place for both families. */
        port = ntohs(((struct sockaddr_in *)&sa)->sin_port);
        ffd_log(FFD_LOG_NOTICE, "listening on %s, port %d", address, port);
        return;
    }
    ffd_log(FFD_LOG_NOTICE, "listening on %s", address);
}

static enum ffd_way way_of(const char *address)
{
    if (strncmp(address, "unix:", 5) == 0)
        return FFD_WAY_UNIX;
    return strncmp(address, "tls:", 4) == 0 ? FFD_WAY_TLS : FFD_WAY_TCP;
}

int ffd_listen_start(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_inherited in;

    if (ffd_inherit(&in, why) < 0)
        return -1;
    for (size_t i = 0; i < d->config.listens; i++) {
        const char *address = d->config.listen[i];
        struct ffd_listener *l = &d->listeners.at[i];
        int rc, fd = ffd_inherit_take(&in, address);

        l->way = way_of(address);
        if (fd >= 0)
            rc = adopt(d, l, fd, address, why);
        else
            rc = l->way == FFD_WAY_UNIX ? listen_unix(d, l, address, why)
                                        : listen_tcp(d, l, address, why);
        if (l->uv.handle.type != UV_UNKNOWN_HANDLE)
            d->listeners.n = i + 1; /* to be closed, whatever came of it */
        if (rc < 0)
            return -1;
        l->uv.handle.data = d;
        rc = uv_listen(&l->uv.stream, FFP_MAX_BACKLOG, on_connection);
        if (rc < 0)
            return fail(why, address, "", uv_strerror(rc));
        log_address(l, address);
    }
    return ffd_inherit_check(&in, why);
}

void ffd_listen_stop(struct ffd_daemon *d)
{
    for (size_t i = 0; i < d->listeners.n; i++)
        uv_close(&d->listeners.at[i].uv.handle, NULL);
    d->listeners.n = d->listeners.waiting = 0;
}
