#include "proto/message.h"

#include <stdio.h>
#include <string.h>

#include "proto/object.h"
#include "proto/param.h"

static enum ffp_decoded fatal(struct ffp_error *err, const char *why)
{
    ffp_error_set(err, FFP_BAD_MESSAGE, "%s", why);
    return FFP_FATAL;
}

/* [0, msgid, method, params] or [2, method, params]. */
static enum ffp_decoded envelope(const msgpack_object *o, struct ffp_request *r,
                                 struct ffp_str *method,
                                 const msgpack_object **params,
                                 struct ffp_error *err)
{
    uint64_t type = 0;
    uint64_t msgid = 0;

    if (o->type != MSGPACK_OBJECT_ARRAY)
        return fatal(err, "a message must be an array");
    if (!ffp_as_uint(ffp_at(o, 0), &type) || (type != 0 && type != 2))
        return fatal(err, "a message must begin with 0 or 2");
    r->notification = type == 2;
    if (ffp_size(o) != (r->notification ? 3 : 4))
        return fatal(err, r->notification ? "a notification must hold 3 values"
                                          : "a request must hold 4 values");
    if (!r->notification &&
        (!ffp_as_uint(ffp_at(o, 1), &msgid) || msgid > UINT32_MAX))
        return fatal(err, "msgid must be an integer from 0 to 4294967295");
    r->msgid = (uint32_t)msgid;
    if (!ffp_as_text(ffp_at(o, r->notification ? 1 : 2), method))
        return fatal(err, "method must be a string");
    *params = ffp_at(o, r->notification ? 2 : 3);
    return FFP_REQUEST;
}

/* "model, frame, label, [opts]" */
static void signature(const struct ffp_method_info *m, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < m->params && n < size; i++) {
        const struct ffp_param_info *p = &ffp_param_table[m->param[i]];

        n +=
            (size_t)snprintf(out + n, size - n, p->optional ? "%s[%s]" : "%s%s",
                             i ? ", " : "", p->name);
    }
}

static int take_params(struct ffp_request *r, const msgpack_object *params,
                       struct ffp_error *err)
{
    const struct ffp_method_info *m = &ffp_method_table[r->method];
    size_t n = ffp_size(params);
    char takes[128];

    if (params->type != MSGPACK_OBJECT_ARRAY)
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "params: must be an array, is %s",
                             ffp_kind(params));
    if (n < ffp_method_required(m) || n > m->params) {
        signature(m, takes, sizeof takes);
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "%s: takes (%s), got %zu parameter%s", m->name,
                             takes, n, n == 1 ? "" : "s");
    }
    for (size_t i = 0; i < n; i++) {
        if (ffp_param_take(m->param[i], ffp_at(params, i), r, err) != 0)
            return -1;
    }
    return 0;
}

enum ffp_decoded ffp_decode(struct ffp_decoder *d, const uint8_t *bytes,
                            size_t n, struct ffp_request *out,
                            struct ffp_error *err)
{
    const msgpack_object *o = NULL;
    const msgpack_object *params = NULL;
    struct ffp_str name;
    char quote[FFP_QUOTE_MAX];

    memset(out, 0, sizeof *out);
    out->method = FFP_METHODS;
    if (ffp_decoder_read(d, bytes, n, &o, err) != 0)
        return FFP_FATAL;
    if (envelope(o, out, &name, &params, err) != FFP_REQUEST)
        return FFP_FATAL;
    out->method = ffp_method_find(name.at, name.n);
    if (out->notification &&
        (out->method == FFP_METHODS || !ffp_method_table[out->method].notify))
        return FFP_IGNORED;
    if (out->method == FFP_METHODS) {
        ffp_error_set(err, FFP_UNKNOWN_METHOD, "there is no method \"%s\"",
                      ffp_quote(quote, name.at, name.n));
        return FFP_REFUSED;
    }
    return take_params(out, params, err) == 0 ? FFP_REQUEST : FFP_REFUSED;
}

int ffp_labels_check(const struct ffp_request *r, size_t n,
                     struct ffp_error *err)
{
    if (r->labels && ffp_size(r->labels) != n)
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "labels: holds %zu, frames holds %zu",
                             ffp_size(r->labels), n);
    return 0;
}

struct ffp_str ffp_labels_at(const struct ffp_request *r, size_t i)
{
    struct ffp_str label = {NULL, 0};

    ffp_as_text(ffp_at(r->labels, i), &label);
    return label;
}

int ffp_streams_check(const struct ffp_request *r, size_t n,
                      struct ffp_error *err)
{
    if (r->opts.streams && ffp_size(r->opts.streams) != n)
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "opts.stream: holds %zu, frames holds %zu",
                             ffp_size(r->opts.streams), n);
    return 0;
}

struct ffp_str ffp_streams_at(const struct ffp_request *r, size_t i)
{
    struct ffp_str stream = r->opts.stream;

    if (r->opts.streams)
        ffp_as_text(ffp_at(r->opts.streams, i), &stream);
    return stream;
}
