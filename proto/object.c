#include "proto/object.h"

#include <string.h>

const msgpack_object *ffp_get(const msgpack_object *map, const char *key)
{
    struct ffp_str is;

    if (!map || map->type != MSGPACK_OBJECT_MAP)
        return NULL;
    for (size_t i = 0; i < map->via.map.size; i++) {
        const msgpack_object_kv *kv = &map->via.map.ptr[i];

        if (ffp_as_text(&kv->key, &is) && ffp_str_is(is, key))
            return &kv->val;
    }
    return NULL;
}

const msgpack_object *ffp_at(const msgpack_object *array, size_t i)
{
    if (!array || array->type != MSGPACK_OBJECT_ARRAY ||
        i >= array->via.array.size)
        return NULL;
    return &array->via.array.ptr[i];
}

size_t ffp_size(const msgpack_object *o)
{
    if (o && o->type == MSGPACK_OBJECT_ARRAY)
        return o->via.array.size;
    if (o && o->type == MSGPACK_OBJECT_MAP)
        return o->via.map.size;
    return 0;
}

bool ffp_is_nil(const msgpack_object *o)
{
    return !o || o->type == MSGPACK_OBJECT_NIL;
}

bool ffp_as_bool(const msgpack_object *o, bool *out)
{
    if (!o || o->type != MSGPACK_OBJECT_BOOLEAN)
        return false;
    *out = o->via.boolean;
    return true;
}

bool ffp_as_uint(const msgpack_object *o, uint64_t *out)
{
    if (!o || o->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
        return false;
    *out = o->via.u64;
    return true;
}

bool ffp_as_double(const msgpack_object *o, double *out)
{
    if (!o)
        return false;
    switch (o->type) {
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        *out = (double)o->via.u64;
        return true;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        *out = (double)o->via.i64;
        return true;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        *out = o->via.f64;
        return true;
    default:
        return false;
    }
}

bool ffp_as_text(const msgpack_object *o, struct ffp_str *out)
{
    if (!o || (o->type != MSGPACK_OBJECT_STR && o->type != MSGPACK_OBJECT_BIN))
        return false;
    /* str and bin have the same shape in msgpack-c. An empty one may come
       with a pointer to nowhere; "there is none" is said by NULL alone. */
    *out = (struct ffp_str){o->via.str.size ? o->via.str.ptr : "",
                            o->via.str.size};
    return true;
}

bool ffp_as_bin(const msgpack_object *o, const uint8_t **at, size_t *n)
{
    if (!o || o->type != MSGPACK_OBJECT_BIN)
        return false;
    *at = (const uint8_t *)o->via.bin.ptr;
    *n = o->via.bin.size;
    return true;
}

const char *ffp_kind(const msgpack_object *o)
{
    if (!o)
        return "missing";
    switch (o->type) {
    case MSGPACK_OBJECT_NIL:
        return "nil";
    case MSGPACK_OBJECT_BOOLEAN:
        return "a boolean";
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return "an integer";
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return "a negative integer";
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return "a float";
    case MSGPACK_OBJECT_STR:
        return "a string";
    case MSGPACK_OBJECT_BIN:
        return "a bin";
    case MSGPACK_OBJECT_ARRAY:
        return "an array";
    case MSGPACK_OBJECT_MAP:
        return "a map";
    case MSGPACK_OBJECT_EXT:
        return "an ext";
    }
    return "unknown";
}
