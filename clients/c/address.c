#include "clients/c/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_SOCKET "/run/ffd/ffd.sock"

const char *ffc_default_address(void)
{
    const char *set = getenv("FFD_ADDRESS");
    if (set && *set)
        return set;
    if (access(DEFAULT_SOCKET, F_OK) == 0)
        return "unix:" DEFAULT_SOCKET;
    return "tcp:127.0.0.1:7310";
}

static int wrong(const char *text, const char *what, char why[FFC_WHY_MAX])
{
    snprintf(why, FFC_WHY_MAX,
             "address %.100s: %s; write unix:/path, tcp:host:port, "
             "tls:host:port or tcp:[ipv6]:port",
             text, what);
    return FFC_EADDRESS;
}

static int parse_port(const char *text, char port[6])
{
    unsigned value = 0;
    size_t n = strlen(text);
    if (n == 0 || n > 5)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    if (value == 0 || value > 65535)
        return -1;
    memcpy(port, text, n + 1);
    return 0;
}

/* host:port or [host]:port, after "tcp:" or "tls:". */
static int parse_tcp(struct ffc_address *out, const char *text,
                     const char *rest, char why[FFC_WHY_MAX])
{
    const char *host = rest, *end, *port;
    if (*rest == '[') {
        host = rest + 1;
        end = strchr(host, ']');
        if (!end || end[1] != ':')
            return wrong(text, "no closing bracket and port", why);
        port = end + 2;
    } else {
        end = strchr(rest, ':');
        if (!end)
            return wrong(text, "no port", why);
        if (strchr(end + 1, ':'))
            return wrong(text, "an IPv6 address needs brackets", why);
        port = end + 1;
    }
    size_t n = (size_t)(end - host);
    if (n == 0 || n >= sizeof out->host)
        return wrong(text, "no host", why);
    if (parse_port(port, out->port) < 0)
        return wrong(text, "the port is a number from 1 to 65535", why);
    memcpy(out->host, host, n);
    return FFC_OK;
}

int ffc_address_parse(struct ffc_address *out, const char *text,
                      char why[FFC_WHY_MAX])
{
    memset(out, 0, sizeof *out);
    if (strncmp(text, "unix:", 5) == 0) {
        size_t n = strlen(text + 5);
        if (n == 0)
            return wrong(text, "no path", why);
        if (n >= sizeof out->path)
            return wrong(text, "the path is longer than 107 bytes", why);
        out->local = true;
        memcpy(out->path, text + 5, n + 1);
        return FFC_OK;
    }
    out->tls = strncmp(text, "tls:", 4) == 0;
    if (out->tls || strncmp(text, "tcp:", 4) == 0)
        return parse_tcp(out, text, text + 4, why);
    return wrong(text, "unknown kind", why);
}
