#include "proto/json.h"

#include <jansson.h>
#include <math.h>
#include <msgpack/object.h>
#include <msgpack/unpack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

#define PAD 64 /* place of = among the digits */

static json_t *base64(const char *bytes, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789+/=";
    size_t room = (n + 2) / 3 * 4;
    char *text = malloc(room + 1), *to = text;
    if (!text)
        return NULL;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t v = (uint32_t)(uint8_t)bytes[i] << 16;
        if (left > 1)
            v |= (uint32_t)(uint8_t)bytes[i + 1] << 8;
        if (left > 2)
            v |= (uint8_t)bytes[i + 2];
        *to++ = digit[v >> 18];
        *to++ = digit[v >> 12 & 63];
        *to++ = digit[left > 1 ? v >> 6 & 63 : PAD];
        *to++ = digit[left > 2 ? v & 63 : PAD];
    }
    json_t *j = json_stringn(text, room);
    free(text);
    return j;
}

static json_t *text_json(const char *at, size_t n)
{
    return ffp_text_valid(at, n) ? json_stringn(at, n) : base64(at, n);
}

/* 0.9F is 0.899999976 as a double; say what was meant. */
static json_t *real_json(const msgpack_object *o)
{
    double v = o->via.f64;
    if (!isfinite(v))
        return json_null();
    if (o->type == MSGPACK_OBJECT_FLOAT32) {
        char digits[32];
        snprintf(digits, sizeof digits, "%.7g", v);
        v = strtod(digits, NULL);
    }
    return json_real(v);
}

/* to_json calls itself through these; a value's depth is bounded by the walker
   that every message passed. NOLINTBEGIN(misc-no-recursion) */
static json_t *to_json(const msgpack_object *o);

static json_t *list_json(const msgpack_object *o)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < o->via.array.size; i++) {
        if (json_array_append_new(list, to_json(&o->via.array.ptr[i])) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* A key as a terminated string; keys that are not text become their JSON. */
static char *key_text(const msgpack_object *o)
{
    json_t *j = to_json(o);
    if (!j)
        return NULL;
    char *text = NULL;
    if (json_is_string(j)) {
        const char *s = json_string_value(j);
        size_t n = json_string_length(j);
        text = malloc(n + 1);
        if (text)
            snprintf(text, n + 1, "%s", s);
    } else {
        char *dump = json_dumps(j, JSON_ENCODE_ANY | JSON_COMPACT);
        size_t n = dump ? strlen(dump) : 0;
        text = dump ? malloc(n + 1) : NULL;
        if (text)
            snprintf(text, n + 1, "%s", dump);
        free(dump);
    }
    json_decref(j);
    return text;
}

static json_t *map_json(const msgpack_object *o)
{
    json_t *map = json_object();
    for (size_t i = 0; map && i < o->via.map.size; i++) {
        const msgpack_object_kv *kv = &o->via.map.ptr[i];
        char *key = key_text(&kv->key);
        int rc = key ? json_object_set_new(map, key, to_json(&kv->val)) : -1;
        free(key);
        if (rc < 0) {
            json_decref(map);
            return NULL;
        }
    }
    return map;
}

static json_t *to_json(const msgpack_object *o)
{
    switch (o->type) {
    case MSGPACK_OBJECT_NIL:
    case MSGPACK_OBJECT_EXT:
        return json_null();
    case MSGPACK_OBJECT_BOOLEAN:
        return json_boolean(o->via.boolean);
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        if (o->via.u64 > INT64_MAX)
            return json_real((double)o->via.u64);
        return json_integer((json_int_t)o->via.u64);
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return json_integer(o->via.i64);
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return real_json(o);
    case MSGPACK_OBJECT_STR:
        return text_json(o->via.str.ptr, o->via.str.size);
    case MSGPACK_OBJECT_BIN:
        return base64(o->via.bin.ptr, o->via.bin.size);
    case MSGPACK_OBJECT_ARRAY:
        return list_json(o);
    case MSGPACK_OBJECT_MAP:
        return map_json(o);
    }
    return NULL;
}

/* NOLINTEND(misc-no-recursion) */

char *ffp_json(const msgpack_object *o)
{
    static const msgpack_object nil = {.type = MSGPACK_OBJECT_NIL};
    json_t *j = to_json(o ? o : &nil);
    if (!j)
        return NULL;
    char *text =
        json_dumps(j, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(j);
    return text;
}

char *ffp_json_packed(const uint8_t *bytes, size_t n)
{
    msgpack_unpacked value;
    msgpack_unpacked_init(&value);
    char *text = NULL;
    if (msgpack_unpack_next(&value, (const char *)bytes, n, NULL) ==
        MSGPACK_UNPACK_SUCCESS)
        text = ffp_json(&value.data);
    msgpack_unpacked_destroy(&value);
    return text;
}
