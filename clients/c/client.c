#include "clients/c/client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clients/c/address.h"
#include "clients/c/alloc.h"
#include "clients/c/socket.h"

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
    return ffc_open_fd(out, fd, options, why);
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
    close(c->fd);
    ffc_free(c);
}
