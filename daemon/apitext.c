#include "daemon/apitext.h"

#include <jansson.h>
#include <msgpack.h>

#include "proto/buf.h"
#include "proto/limits.h"
#include "proto/reply.h"

/* Of our own answer, so of the few kinds that it holds, and as deep as it is:
   four. */
/* NOLINTBEGIN(misc-no-recursion) */
static json_t *to_json(const msgpack_object *o);

static json_t *array_to_json(const msgpack_object *o)
{
    json_t *array = json_array();

    for (uint32_t i = 0; i < o->via.array.size; i++)
        json_array_append_new(array, to_json(&o->via.array.ptr[i]));
    return array;
}

static json_t *map_to_json(const msgpack_object *o)
{
    json_t *map = json_object();

    for (uint32_t i = 0; i < o->via.map.size; i++) {
        const msgpack_object_kv *kv = &o->via.map.ptr[i];

        json_object_setn_new(map, kv->key.via.str.ptr, kv->key.via.str.size,
                             to_json(&kv->val));
    }
    return map;
}

static json_t *to_json(const msgpack_object *o)
{
    switch (o->type) {
    case MSGPACK_OBJECT_BOOLEAN:
        return json_boolean(o->via.boolean);
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return json_integer((json_int_t)o->via.u64);
    case MSGPACK_OBJECT_STR:
        return json_stringn(o->via.str.ptr, o->via.str.size);
    case MSGPACK_OBJECT_ARRAY:
        return array_to_json(o);
    case MSGPACK_OBJECT_MAP:
        return map_to_json(o);
    default:
        return json_null();
    }
}

/* NOLINTEND(misc-no-recursion) */

int ffd_print_api_info(FILE *out)
{
    struct ffp_buf b;
    msgpack_unpacked u;
    json_t *json = NULL;
    int rc = -1;

    ffp_buf_init(&b, FFP_MAX_MESSAGE_BYTES);
    msgpack_unpacked_init(&u);
    ffp_pack_api_info(&b);
    if (!b.failed && msgpack_unpack_next(&u, (const char *)b.data, b.n, NULL) ==
                         MSGPACK_UNPACK_SUCCESS)
        json = to_json(&u.data);
    if (json && json_dumpf(json, out, JSON_INDENT(2)) == 0)
        rc = fputc('\n', out) == EOF ? -1 : 0;
    json_decref(json);
    msgpack_unpacked_destroy(&u);
    ffp_buf_release(&b);
    return rc;
}
