#include "clients/c/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

long long ffc_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int ffc_socket_poll(int fd, short events, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    int n = poll(&p, 1, timeout_ms);
    return n > 0 ? p.revents : n;
}

int ffc_socket_wait(int fd, short events, int timeout_ms)
{
    long long end = ffc_now_ms() + timeout_ms;
    for (;;) {
        long long left = end - ffc_now_ms();
        int got = ffc_socket_poll(fd, events, left > 0 ? (int)left : 0);
        if (got > 0 || (got == 0 && left <= 0) || (got < 0 && errno != EINTR))
            return got;
    }
}

int ffc_socket_prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -1;
    /* Requests are written whole: waiting to fill a packet only delays them.
       A Unix socket refuses the option, and needs it not. */
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 0;
}

bool ffc_socket_is_near(int fd)
{
    struct sockaddr_storage sa = {0};
    socklen_t n = sizeof sa;
    if (getpeername(fd, (struct sockaddr *)&sa, &n) < 0)
        return false;
    if (sa.ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)&sa;
        return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    }
    if (sa.ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(
            &((const struct sockaddr_in6 *)&sa)->sin6_addr);
    return sa.ss_family == AF_UNIX;
}

/* 0, or an errno. */
static int connect_one(int fd, const struct sockaddr *to, socklen_t n,
                       int timeout_ms)
{
    if (ffc_socket_prepare(fd) < 0)
        return errno;
    if (connect(fd, to, n) == 0)
        return 0;
    /* A Unix socket whose backlog is full says EAGAIN and cannot be polled. */
    if (errno != EINPROGRESS)
        return errno;
    int got = ffc_socket_wait(fd, POLLOUT, timeout_ms);
    if (got < 0)
        return errno;
    if (got == 0)
        return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return errno;
    return error;
}

static int connect_unix(const struct ffc_address *a, int timeout_ms, int *error)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    memcpy(to.sun_path, a->path, strlen(a->path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        *error = errno;
        return -1;
    }
    *error = connect_one(fd, (struct sockaddr *)&to, sizeof to, timeout_ms);
    if (*error == 0)
        return fd;
    close(fd);
    return -1;
}

static int connect_tcp(const struct addrinfo *list, int timeout_ms, int *error)
{
    *error = EADDRNOTAVAIL;
    for (const struct addrinfo *i = list; i; i = i->ai_next) {
        int fd = socket(i->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            *error = errno;
            continue;
        }
        *error = connect_one(fd, i->ai_addr, i->ai_addrlen, timeout_ms);
        if (*error == 0)
            return fd;
        close(fd);
    }
    return -1;
}

static const char *mend(int error, bool local)
{
    if (error == EACCES || error == EPERM)
        return "; join the socket's group: sudo adduser $USER ffd, then log "
               "in again";
    if (error == ENOENT || error == ECONNREFUSED)
        return "; is ffd running? start it with: systemctl start ffd (or "
               "ffd -c FILE), or name another address with -s or FFD_ADDRESS";
    if (error == ETIMEDOUT && !local)
        return "; is the host up, and does it let this port through?";
    return "";
}

int ffc_socket_connect(const struct ffc_address *a, const char *text,
                       int timeout_ms, char why[FFC_WHY_MAX])
{
    int error = 0, fd;
    if (a->local) {
        fd = connect_unix(a, timeout_ms, &error);
    } else {
        struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
        int rc = getaddrinfo(a->host, a->port, &hints, &list);
        if (rc != 0) {
            snprintf(why, FFC_WHY_MAX,
                     "cannot connect to %.150s: no such host (%s); write "
                     "tcp:host:port",
                     text, gai_strerror(rc));
            return FFC_ECONNECT;
        }
        fd = connect_tcp(list, timeout_ms, &error);
        freeaddrinfo(list);
    }
    if (fd >= 0)
        return fd;
    snprintf(why, FFC_WHY_MAX, "cannot connect to %.150s: %s%s", text,
             strerror(error), mend(error, a->local));
    return FFC_ECONNECT;
}
