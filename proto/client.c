#include "proto/client.h"

#include <string.h>

#include "proto/pack.h"

void ffp_call_begin(struct ffp_buf *b, uint32_t msgid, const char *method,
                    size_t n)
{
    ffp_pack_array(b, 4);
    ffp_pack_uint(b, 0);
    ffp_pack_uint(b, msgid);
    ffp_pack_str(b, method);
    ffp_pack_array(b, n);
}

void ffp_notify_begin(struct ffp_buf *b, const char *method, size_t n)
{
    ffp_pack_array(b, 3);
    ffp_pack_uint(b, 2);
    ffp_pack_str(b, method);
    ffp_pack_array(b, n);
}

/* "CODE: sentence" to its parts; another server's error is all sentence. */
static void split_error(struct ffp_response *r)
{
    const char *at = r->error.at;
    const char *end = at + r->error.n;
    const char *colon = memchr(at, ':', r->error.n);

    r->why = r->error;
    if (!colon)
        return;
    r->code = ffp_code_find(at, (size_t)(colon - at));
    if (r->code == FFP_CODES)
        return;
    at = colon + 1;
    if (at < end && *at == ' ')
        at++;
    r->why = (struct ffp_str){at, (size_t)(end - at)};
}

static enum ffp_received response(const msgpack_object *o,
                                  struct ffp_response *r)
{
    const msgpack_object *error = ffp_at(o, 2);
    uint64_t msgid = 0;

    if (!ffp_as_uint(ffp_at(o, 1), &msgid) || msgid > UINT32_MAX)
        return FFP_GARBLED;
    r->msgid = (uint32_t)msgid;
    r->result = ffp_at(o, 3);
    if (ffp_is_nil(error))
        return FFP_RESPONSE;
    r->is_error = true;
    if (!ffp_as_text(error, &r->error))
        r->error = (struct ffp_str){"an error that is no string", 26};
    split_error(r);
    return FFP_RESPONSE;
}

enum ffp_received ffp_receive(struct ffp_decoder *d, const uint8_t *bytes,
                              size_t n, struct ffp_response *out)
{
    const msgpack_object *o = NULL;
    struct ffp_error err;
    uint64_t type = 0;

    memset(out, 0, sizeof *out);
    out->code = FFP_CODES;
    if (ffp_decoder_read(d, bytes, n, &o, &err) != 0)
        return FFP_GARBLED;
    if (o->type != MSGPACK_OBJECT_ARRAY || !ffp_as_uint(ffp_at(o, 0), &type))
        return FFP_GARBLED;
    if (type == 1 && ffp_size(o) == 4)
        return response(o, out);
    if (type != 2 || ffp_size(o) != 3 ||
        !ffp_as_text(ffp_at(o, 1), &out->method))
        return FFP_GARBLED;
    out->result = ffp_at(o, 2);
    return FFP_NOTIFIED;
}
