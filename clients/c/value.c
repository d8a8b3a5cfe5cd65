/*
 * value.c -- results as a caller sees them. A struct ffc_value is a
 * msgpack_object under another name, so that the public header needs none of
 * msgpack-c.
 */
#include <msgpack/object.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clients/c/alloc.h"
#include "clients/c/client.h"
#include "proto/json.h"
#include "proto/object.h"

static const msgpack_object *object(const struct ffc_value *v)
{
    return (const void *)v;
}

static const struct ffc_value *value(const msgpack_object *o)
{
    return (const void *)o;
}

void ffc_reply_free(struct ffc_reply *reply)
{
    if (!reply)
        return;
    ffp_decoder_release(&reply->decoder);
    ffc_free(reply);
}

const struct msgpack_object *ffc_result(const struct ffc_reply *reply)
{
    return reply->response.result;
}

const struct ffc_value *ffc_reply_value(const struct ffc_reply *reply)
{
    return value(ffc_result(reply));
}

enum ffc_kind ffc_value_kind(const struct ffc_value *v)
{
    if (!v)
        return FFC_NIL;
    switch (object(v)->type) {
    case MSGPACK_OBJECT_NIL:
    case MSGPACK_OBJECT_EXT: /* the protocol has none */
        return FFC_NIL;
    case MSGPACK_OBJECT_BOOLEAN:
        return FFC_BOOL;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return FFC_INT;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return FFC_REAL;
    case MSGPACK_OBJECT_STR:
        return FFC_TEXT;
    case MSGPACK_OBJECT_BIN:
        return FFC_BYTES;
    case MSGPACK_OBJECT_ARRAY:
        return FFC_LIST;
    case MSGPACK_OBJECT_MAP:
        return FFC_MAP;
    }
    return FFC_NIL;
}

size_t ffc_value_count(const struct ffc_value *v)
{
    return ffp_size(object(v));
}

const struct ffc_value *ffc_value_at(const struct ffc_value *v, size_t i)
{
    if (ffc_value_kind(v) == FFC_MAP)
        return i < object(v)->via.map.size
                   ? value(&object(v)->via.map.ptr[i].val)
                   : NULL;
    return value(ffp_at(object(v), i));
}

const struct ffc_value *ffc_value_key(const struct ffc_value *v, size_t i)
{
    if (ffc_value_kind(v) != FFC_MAP || i >= object(v)->via.map.size)
        return NULL;
    return value(&object(v)->via.map.ptr[i].key);
}

const struct ffc_value *ffc_value_get(const struct ffc_value *v,
                                      const char *key)
{
    return value(ffp_get(object(v), key));
}

const char *ffc_value_bytes(const struct ffc_value *v, size_t *n)
{
    struct ffp_str s = {0};
    if (!ffp_as_text(object(v), &s)) {
        *n = 0;
        return NULL;
    }
    *n = s.n;
    return s.at ? s.at : "";
}

bool ffc_value_is(const struct ffc_value *v, const char *text)
{
    size_t n;
    const char *at = ffc_value_bytes(v, &n);
    return at && n == strlen(text) && memcmp(at, text, n) == 0;
}

int64_t ffc_value_int(const struct ffc_value *v, int64_t other)
{
    if (ffc_value_kind(v) != FFC_INT)
        return other;
    const msgpack_object *o = object(v);
    if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
        return o->via.u64 > INT64_MAX ? INT64_MAX : (int64_t)o->via.u64;
    return o->via.i64;
}

double ffc_value_number(const struct ffc_value *v, double other)
{
    (void)ffp_as_double(object(v), &other);
    return other;
}

bool ffc_value_bool(const struct ffc_value *v, bool other)
{
    (void)ffp_as_bool(object(v), &other);
    return other;
}

char *ffc_value_json(const struct ffc_value *v)
{
    return ffp_json(object(v));
}

void ffc_text_free(char *text)
{
    free(text);
}
