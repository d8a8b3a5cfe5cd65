/*
 * Addresses to listen on. Until there are tokens and TLS, TCP is for this
 * machine alone: any other address fails closed.
 */
#include "daemon/config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

int ffd_address_split(const char *address, char host[64], int *port)
{
    const char *at = address + strlen("tcp:"), *colon = strrchr(at, ':');
    size_t n;
    char *end;
    unsigned long p;

    if (!colon || colon == at || !colon[1] || strlen(colon + 1) > 5 ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return -1;
    p = strtoul(colon + 1, &end, 10);
    n = (size_t)(colon - at);
    if (*at == '[' && n > 2 && at[n - 1] == ']') {
        at++;
        n -= 2;
    }
    if (p > 65535 || n >= 64)
        return -1;
    memcpy(host, at, n);
    host[n] = '\0';
    if (strcmp(host, "localhost") == 0)
        memcpy(host, "127.0.0.1", sizeof("127.0.0.1"));
    *port = (int)p;
    return 0;
}

static int check_tcp(const char *address, char why[FFD_CONFIG_WHY_MAX])
{
    struct in_addr v4;
    struct in6_addr v6;
    char host[64];
    int port;
    bool loopback;

    if (ffd_address_split(address, host, &port) < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "must be tcp:HOST:PORT, is %.*s", 64,
                 address);
        return -1;
    }
    if (inet_pton(AF_INET, host, &v4) == 1) {
        loopback = ntohl(v4.s_addr) >> 24 == 127;
    } else if (inet_pton(AF_INET6, host, &v6) == 1) {
        loopback = IN6_IS_ADDR_LOOPBACK(&v6);
    } else {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "host must be an IP address or localhost, is %s", host);
        return -1;
    }
    if (loopback)
        return 0;
    snprintf(why, FFD_CONFIG_WHY_MAX,
             "%s can be reached from other machines, and ffd has neither TLS "
             "nor tokens; use 127.0.0.1, [::1] or a Unix socket (ssh can "
             "forward either)",
             host);
    return -1;
}

int ffd_address_check(const char *address, char why[FFD_CONFIG_WHY_MAX])
{
    if (strncmp(address, "tcp:", 4) == 0)
        return check_tcp(address, why);
    if (strncmp(address, "unix:", 5) != 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "must be unix:PATH or tcp:HOST:PORT, is %.*s", 64, address);
        return -1;
    }
    if (address[5] == '\0' ||
        strlen(address + 5) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "the path of a Unix socket has 1 to %zu bytes",
                 sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
        return -1;
    }
    return 0;
}
