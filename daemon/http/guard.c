/*
 * Who may read. A page of another site that a person looks at can make the
 * person's browser ask us; what it must not do is read the answer. Browsers see
 * to that, unless the page's own name was made to mean this machine (DNS
 * rebinding): then Host still bears that name.
 */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/daemon.h"
#include "daemon/http/http.h"

#define BEARER "Bearer "

static bool is_host(const char *at, size_t n, const char *name)
{
    return n == strlen(name) && strncasecmp(at, name, n) == 0;
}

bool ffd_http_host_is_ours(const struct ffd_daemon *d, struct MHD_Connection *c)
{
    const char *at =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    size_t n;

    if (!at) /* HTTP/1.0; a browser always says */
        return true;
    if (*at == '[')
        n = strcspn(at, "]") + (strchr(at, ']') != NULL);
    else
        n = strcspn(at, ":");
    if (at[n] && (at[n] != ':' ||
                  strspn(at + n + 1, "0123456789") != strlen(at + n + 1)))
        return false;
    if (*at == '[' && strlen(d->http.host) == n - 2 &&
        strncmp(at + 1, d->http.host, n - 2) == 0)
        return true;
    return is_host(at, n, "localhost") || is_host(at, n, "127.0.0.1") ||
           is_host(at, n, "[::1]") || is_host(at, n, d->http.host);
}

static bool is_token(const struct ffd_daemon *d, const char *token)
{
    return ffd_tokens_find(&d->guard.held.tokens, token, strlen(token)) != NULL;
}

bool ffd_http_may_read(const struct ffd_daemon *d, struct MHD_Connection *c)
{
    const char *given;
    char *user, *password = NULL;
    bool ok;

    if (!d->config.tokens[0])
        return true;
    given = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
                                        MHD_HTTP_HEADER_AUTHORIZATION);
    if (!given)
        return false;
    if (strncasecmp(given, BEARER, strlen(BEARER)) == 0)
        return is_token(d, given + strlen(BEARER));
    user = MHD_basic_auth_get_username_password(c, &password);
    ok = password && is_token(d, password);
    MHD_free(user);
    MHD_free(password);
    return ok;
}
