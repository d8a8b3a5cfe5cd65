#include "daemon/inherit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <uv.h>

int ffd_inherit(struct ffd_inherited *in, char why[FFD_CONFIG_WHY_MAX])
{
    memset(in, 0, sizeof(*in));
    in->first = SD_LISTEN_FDS_START;
    in->n = sd_listen_fds(1);
    if (in->n < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "inherited sockets: %s",
                 strerror(-in->n));
        return -1;
    }
    if (in->n > FFD_LISTEN_MAX) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "%d sockets are inherited; %d are the most", in->n,
                 FFD_LISTEN_MAX);
        return -1;
    }
    for (int fd = in->first; fd < in->first + in->n; fd++) {
        if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0)
            continue;
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "inherited descriptor %d is no listening stream socket", fd);
        return -1;
    }
    return 0;
}

static bool is_tcp(int fd, const char *address)
{
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
    char host[64];
    int port;

    if (ffd_address_split(address, host, &port) < 0)
        return false;
    /* A port of 0 is not compared. */
    if (uv_ip4_addr(host, port, &in4) == 0)
        return sd_is_socket_sockaddr(fd, SOCK_STREAM,
                                     (const struct sockaddr *)&in4, sizeof(in4),
                                     1) > 0;
    if (uv_ip6_addr(host, port, &in6) == 0)
        return sd_is_socket_sockaddr(fd, SOCK_STREAM,
                                     (const struct sockaddr *)&in6, sizeof(in6),
                                     1) > 0;
    return false;
}

static bool is(int fd, const char *address)
{
    if (strncmp(address, "unix:", 5) == 0)
        return sd_is_socket_unix(fd, SOCK_STREAM, 1, address + 5, 0) > 0;
    return is_tcp(fd, address);
}

int ffd_inherit_take(struct ffd_inherited *in, const char *address)
{
    for (int i = 0; i < in->n; i++) {
        if (in->taken[i] || !is(in->first + i, address))
            continue;
        in->taken[i] = true;
        return in->first + i;
    }
    return -1;
}

/* Its address, as a listen entry would have it. */
static void name(int fd, char address[FFD_ADDRESS_MAX])
{
    struct sockaddr_storage sa;
    socklen_t n = sizeof(sa);
    char host[INET6_ADDRSTRLEN] = "?";

    memset(&sa, 0, sizeof(sa));
    getsockname(fd, (struct sockaddr *)&sa, &n);
    uv_ip_name((const struct sockaddr *)&sa, host, sizeof(host));
    if (sa.ss_family == AF_UNIX)
        snprintf(address, FFD_ADDRESS_MAX, "unix:%.108s",
                 ((const struct sockaddr_un *)&sa)->sun_path);
    else
        snprintf(address, FFD_ADDRESS_MAX,
                 sa.ss_family == AF_INET6 ? "tcp:[%s]:%d" : "tcp:%s:%d", host,
                 /* The port is at the same place for both families. */
                 ntohs(((const struct sockaddr_in *)&sa)->sin_port));
}

int ffd_inherit_check(const struct ffd_inherited *in,
                      char why[FFD_CONFIG_WHY_MAX])
{
    char address[FFD_ADDRESS_MAX];

    for (int i = 0; i < in->n; i++) {
        if (in->taken[i])
            continue;
        name(in->first + i, address);
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "the inherited socket %s is not under listen: in the "
                 "configuration; write it there, or remove it from the socket "
                 "unit",
                 address);
        return -1;
    }
    return 0;
}
