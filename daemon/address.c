/*
 * Addresses to listen on. Whoever can reach one of another machine must have
 * been told apart first: without TLS, or without tokens or client certificates
 * behind it, it fails closed.
 */
#include "daemon/config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static bool is_tls(const char *address)
{
    return strncmp(address, "tls:", 4) == 0;
}

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

/* 1: this machine alone reaches it, 0: others too, -1: not an IP address. */
static int is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return -1;
}

static int check_host(const char *address, char why[FFD_CONFIG_WHY_MAX])
{
    char host[64];
    int port, loopback;

    if (ffd_address_split(address, host, &port) < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "must be %.3s:HOST:PORT, is %.*s",
                 address, 64, address);
        return -1;
    }
    loopback = is_loopback(host);
    if (loopback < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "host must be an IP address or localhost, is %s", host);
        return -1;
    }
    if (loopback || is_tls(address))
        return 0;
    snprintf(why, FFD_CONFIG_WHY_MAX,
             "%s can be reached from other machines, and tcp: is not "
             "encrypted; use tls: with tokens, 127.0.0.1, [::1] or a Unix "
             "socket (ssh can forward these)",
             host);
    return -1;
}

int ffd_address_check(const char *address, char why[FFD_CONFIG_WHY_MAX])
{
    if (strncmp(address, "tcp:", 4) == 0 || is_tls(address))
        return check_host(address, why);
    if (strncmp(address, "unix:", 5) != 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "must be unix:PATH, tcp:HOST:PORT or tls:HOST:PORT, is %.*s",
                 64, address);
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

int ffd_address_guarded(const char *address, const struct ffd_config *c,
                        char why[FFD_CONFIG_WHY_MAX])
{
    const char *missing = NULL;
    char host[64] = "";
    int port;

    if (!is_tls(address) || ffd_address_split(address, host, &port) < 0)
        return 0;
    if (!c->tls.certificate[0])
        missing = "tls.certificate";
    else if (!c->tls.key[0])
        missing = "tls.key";
    if (missing) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "tls: needs %s, which is not set",
                 missing);
        return -1;
    }
    if (is_loopback(host) == 1 || c->tokens[0] || c->tls.client_ca[0])
        return 0;
    snprintf(why, FFD_CONFIG_WHY_MAX,
             "%s can be reached from other machines, which needs tokens or "
             "tls.client_ca, and neither is set; ffd --new-token makes a token",
             host);
    return -1;
}
