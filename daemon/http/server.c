#include "daemon/http/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/daemon.h"

#define IDLE_S           30u /* of a connection that asks for nothing */
#define CONNECTION_BYTES ((size_t)32 * 1024) /* for headers and answers */
#define BACKLOG          64

/* ---- on the loop --------------------------------------------------------- */

static void on_timer(uv_timer_t *timer)
{
    ffd_http_run(timer->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    ffd_http_run(poll->data);
}

void ffd_http_soon(struct ffd_daemon *d)
{
    if (d->http.mhd)
        uv_timer_start(&d->http.timer, on_timer, 0, 0);
}

/* The next run makes them anew: what they tell of has moved. */
static void drop_shared(struct ffd_http *h)
{
    for (int i = 0; i < FFD_HTTP_SHARED; i++) {
        if (h->shared[i])
            MHD_destroy_response(h->shared[i]);
        h->shared[i] = NULL;
    }
    free(h->tick_text);
    h->tick_text = NULL;
}

void ffd_http_run(struct ffd_daemon *d)
{
    struct ffd_http *h = &d->http;
    MHD_UNSIGNED_LONG_LONG ms;
    bool full;

    if (!h->mhd)
        return;
    full = ffd_http_connections(d) >= FFD_HTTP_CONNECTIONS;
    MHD_run(h->mhd);
    if (full) /* it looks for new ones only at the beginning of a run */
        MHD_run(h->mhd);
    drop_shared(h);
    if (MHD_get_timeout(h->mhd, &ms) == MHD_YES)
        uv_timer_start(&h->timer, on_timer, ms, 0);
    else
        uv_timer_stop(&h->timer);
}

/* ---- requests ------------------------------------------------------------ */

static bool is_get(const char *method)
{
    return strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
           strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

/* Called when the headers are there, then for each part of a body, and at the
   end of it. *state is ours, for the request's life. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *c,
                                  const char *url, const char *method,
                                  const char *version, const char *body,
                                  size_t *body_bytes, void **state)
{
    static const char *const allow[] = {MHD_HTTP_HEADER_ALLOW, "GET, HEAD"};
    static char seen;
    struct ffd_daemon *d = cls;
    bool answered;

    (void)version;
    (void)body;
    if (!*state && is_get(method)) {
        *state = &seen;
        return MHD_YES;
    }
    if (*body_bytes > 0) { /* a GET has none; pass over it */
        *body_bytes = 0;
        return MHD_YES;
    }
    d->http.requests++;
    if (!is_get(method))
        answered =
            ffd_http_refuse(d, c, MHD_HTTP_METHOD_NOT_ALLOWED,
                            "UNKNOWN_METHOD: only GET and HEAD; to change "
                            "something, speak MessagePack-RPC (ffctl does)",
                            allow);
    else
        answered = ffd_http_route(d, c, url);
    return answered ? MHD_YES : MHD_NO;
}

/* No path of ours needs an escape, so none is undone: %00 would end a path. */
static size_t unescape_nothing(void *cls, struct MHD_Connection *c, char *text)
{
    (void)cls;
    (void)c;
    return strlen(text);
}

static void on_log(void *cls, const char *format, va_list args)
{
    struct ffd_daemon *d = cls;
    char line[256];

    vsnprintf(line, sizeof(line), format, args);
    line[strcspn(line, "\n")] = '\0';
    ffd_log_some(FFD_LOG_DEBUG, "http", ffd_now_ms(d), "http: %s", line);
}

/* ---- beginning and end --------------------------------------------------- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* A listening socket, or -1 and errno. */
static int bind_socket(const char *host, int port)
{
    union address sa;
    bool v6 = strchr(host, ':') != NULL;
    socklen_t n = v6 ? sizeof(sa.v6) : sizeof(sa.v4);
    const int kernel_bytes = 64 * 1024; /* that wait for one who reads slowly */
    int fd, on = 1;

    memset(&sa, 0, sizeof(sa));
    if (v6)
        uv_ip6_addr(host, port, &sa.v6);
    else
        uv_ip4_addr(host, port, &sa.v4);
    fd =
        socket(sa.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kernel_bytes, sizeof(kernel_bytes));
    if (bind(fd, &sa.any, n) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    on = errno;
    close(fd);
    errno = on;
    return -1;
}

static int bound_port(int fd)
{
    union address sa;
    socklen_t n = sizeof(sa);

    memset(&sa, 0, sizeof(sa));
    if (getsockname(fd, &sa.any, &n) < 0)
        return 0;
    return ntohs(sa.any.sa_family == AF_INET6 ? sa.v6.sin6_port
                                              : sa.v4.sin_port);
}

static bool begin(struct ffd_daemon *d, int fd)
{
    struct ffd_http *h = &d->http;
    const union MHD_DaemonInfo *info;

    h->mhd = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
            (strchr(h->host, ':') ? MHD_USE_IPv6 : 0u),
        0, NULL, NULL, on_request, d, MHD_OPTION_EXTERNAL_LOGGER, on_log, d,
        MHD_OPTION_UNESCAPE_CALLBACK, unescape_nothing, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)FFD_HTTP_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, MHD_OPTION_END);
    if (!h->mhd)
        return false;
    info = MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD);
    h->poll.data = h->timer.data = h->tick.data = d;
    uv_timer_init(&d->loop, &h->timer);
    uv_timer_init(&d->loop, &h->tick);
    return info && uv_poll_init(&d->loop, &h->poll, info->epoll_fd) == 0 &&
           uv_poll_start(&h->poll, UV_READABLE, on_ready) == 0;
}

int ffd_http_start(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_http *h = &d->http;
    const char *address = d->config.http;
    int fd;

    if (!address[0])
        return 0;
    (void)ffd_address_split(address, h->host, &h->port); /* was checked */
    address += strlen("tcp:");
    fd = bind_socket(h->host, h->port);
    if (fd < 0 && !d->config.http_given) {
        ffd_log(FFD_LOG_WARNING,
                "no dashboard: cannot listen on %s: %s; set http: to another "
                "port, or to off",
                address, strerror(errno));
        return 0;
    }
    if (fd < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "http: cannot listen on %s: %s; choose another port, or off",
                 address, strerror(errno));
        return -1;
    }
    h->port = bound_port(fd);
    if (!begin(d, fd)) {
        if (!h->mhd)
            close(fd);
        snprintf(why, FFD_CONFIG_WHY_MAX, "http: the server did not start");
        return -1;
    }
    ffd_log(FFD_LOG_NOTICE, "dashboard: http://%s%s%s:%d/",
            strchr(h->host, ':') ? "[" : "", h->host,
            strchr(h->host, ':') ? "]" : "", h->port);
    ffd_http_run(d);
    return 0;
}

static void close_handle(uv_handle_t *handle)
{
    if (handle->type != UV_UNKNOWN_HANDLE && !uv_is_closing(handle))
        uv_close(handle, NULL);
}

void ffd_http_stop(struct ffd_daemon *d)
{
    struct ffd_http *h = &d->http;

    if (!h->mhd)
        return;
    ffd_http_readers_end(d);
    close_handle((uv_handle_t *)&h->poll);
    close_handle((uv_handle_t *)&h->timer);
    close_handle((uv_handle_t *)&h->tick);
    MHD_stop_daemon(h->mhd);
    h->mhd = NULL;
    drop_shared(h);
}

size_t ffd_http_connections(const struct ffd_daemon *d)
{
    const union MHD_DaemonInfo *info = NULL;

    if (d->http.mhd)
        info = MHD_get_daemon_info(d->http.mhd,
                                   MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}
