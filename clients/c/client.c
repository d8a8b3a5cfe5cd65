#include "clients/c/client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/c/address.h"
#include "clients/c/alloc.h"
#include "clients/c/socket.h"
#include "clients/c/tls.h"
#include "clients/c/token.h"

#define CONNECT_TIMEOUT_MS 5000
#define ANSWER_TIMEOUT_MS  60000

int ffc_fail(struct ffc *c, int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(c->why, sizeof c->why, fmt, args);
    va_end(args);
    return code;
}

int ffc_break(struct ffc *c, int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(c->why, sizeof c->why, fmt, args);
    va_end(args);
    c->broken = true;
    return code;
}

const char *ffc_error(const struct ffc *c)
{
    return c->why;
}

const struct ffc_refusal *ffc_refusal(const struct ffc *c)
{
    return &c->refusal;
}

int ffc_open_fd(struct ffc **out, int fd, const struct ffc_options *options,
                char why[FFC_WHY_MAX])
{
    struct ffc *c = ffc_calloc(1, sizeof *c);
    if (!c) {
        snprintf(why, FFC_WHY_MAX, "out of memory");
        close(fd);
        return FFC_ENOMEM;
    }
    if (ffc_socket_prepare(fd) < 0) {
        snprintf(why, FFC_WHY_MAX, "cannot use the socket: %s",
                 strerror(errno));
        close(fd);
        ffc_free(c);
        return FFC_ECONNECT;
    }
    c->fd = fd;
    c->answer_timeout_ms = options && options->answer_timeout_ms
                               ? options->answer_timeout_ms
                               : ANSWER_TIMEOUT_MS;
    snprintf(c->client, sizeof c->client, "%s",
             options && options->client ? options->client : "libffclient");
    ffp_stream_init(&c->in, FFP_MAX_MESSAGE_BYTES);
    ffp_buf_init(&c->out, FFP_MAX_MESSAGE_BYTES);
    *out = c;
    return FFC_OK;
}

static const char *given(const char *option, const char *variable)
{
    const char *set = option ? option : getenv(variable);
    return set && *set ? set : NULL;
}

static int shake_hands(struct ffc_tls **out, int fd, const char *host,
                       const struct ffc_options *o, int timeout_ms,
                       char why[FFC_WHY_MAX])
{
    struct ffc_tls_files files = {
        .ca = given(o ? o->ca : NULL, "FFD_CA"),
        .certificate = given(o ? o->certificate : NULL, "FFD_CERT"),
        .key = given(o ? o->key : NULL, "FFD_KEY")};
    return ffc_tls_open(out, fd, host, &files, timeout_ms, why);
}

static int show_token(struct ffc *c, const struct ffc_options *o,
                      char why[FFC_WHY_MAX])
{
    char token[FFC_TOKEN_MAX];
    int rc = ffc_token_find(o, token, why);
    if (rc < 0 || !token[0])
        return rc;
    if (!c->tls && !ffc_socket_is_near(c->fd)) {
        snprintf(why, FFC_WHY_MAX,
                 "a token is not sent to another machine without encryption; "
                 "use tls:host:port, or unset FFD_TOKEN");
        return FFC_EARGUMENT;
    }
    rc = ffc_auth(c, token);
    if (rc < 0)
        snprintf(why, FFC_WHY_MAX, "%s", c->why);
    return rc;
}

int ffc_open(struct ffc **out, const struct ffc_options *options,
             char why[FFC_WHY_MAX])
{
    const char *text = options ? options->address : NULL;
    if (!text)
        text = ffc_default_address();
    struct ffc_address a;
    if (ffc_address_parse(&a, text, why) < 0)
        return FFC_EADDRESS;
    int timeout_ms = options && options->connect_timeout_ms
                         ? options->connect_timeout_ms
                         : CONNECT_TIMEOUT_MS;
    int fd = ffc_socket_connect(&a, text, timeout_ms, why);
    if (fd < 0)
        return fd;
    struct ffc_tls *tls = NULL;
    int rc = a.tls ? shake_hands(&tls, fd, a.host, options, timeout_ms, why)
                   : FFC_OK;
    if (rc < 0) {
        close(fd);
        return rc;
    }
    struct ffc *c;
    rc = ffc_open_fd(&c, fd, options, why);
    if (rc < 0) {
        ffc_tls_close(tls);
        return rc;
    }
    c->tls = tls;
    rc = show_token(c, options, why);
    if (rc == FFC_OK)
        *out = c;
    else
        ffc_close(c);
    return rc;
}

void ffc_close(struct ffc *c)
{
    if (!c)
        return;
    while (c->arrived) {
        struct ffc_reply *r = c->arrived;
        c->arrived = r->next;
        ffc_reply_free(r);
    }
    ffc_events_clear(c);
    ffp_stream_release(&c->in);
    ffp_buf_release(&c->out);
    ffc_tls_close(c->tls);
    close(c->fd);
    ffc_free(c);
}
