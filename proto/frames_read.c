#include <string.h>

#include "proto/object.h"
#include "proto/param.h"

static int read_dtype(struct ffp_frames *f, const msgpack_object *o,
                      struct ffp_error *err)
{
    char quote[FFP_QUOTE_MAX];
    struct ffp_str s;

    if (!ffp_as_text(o, &s))
        return ffp_error_set(err, FFP_BAD_FRAME,
                             "%s.dtype: must be a string, is %s", f->name,
                             ffp_kind(o));
    /* The last of each is how the server itself names a model's dtype. */
    if (ffp_str_is(s, "|u1") || ffp_str_is(s, "<u1") || ffp_str_is(s, "u1") ||
        ffp_str_is(s, "u8")) {
        f->dtype = FFP_U8;
        return 0;
    }
    if (ffp_str_is(s, "<f4") || ffp_str_is(s, "f4") || ffp_str_is(s, "f32")) {
        f->dtype = FFP_F32;
        return 0;
    }
    if (ffp_str_is(s, "<i2") || ffp_str_is(s, "i2") || ffp_str_is(s, "i16")) {
        f->dtype = FFP_I16;
        return 0;
    }
    return ffp_error_set(err, FFP_BAD_FRAME,
                         "%s.dtype: must be \"|u1\", \"<f4\" or \"<i2\", is "
                         "\"%s\"",
                         f->name, ffp_quote(quote, s.at, s.n));
}

static int read_shape(struct ffp_frames *f, const msgpack_object *o,
                      struct ffp_error *err)
{
    uint64_t v = 0;

    if (!o || o->type != MSGPACK_OBJECT_ARRAY)
        return ffp_error_set(err, FFP_BAD_FRAME,
                             "%s.shape: must be an array of integers, is %s",
                             f->name, ffp_kind(o));
    f->rank = ffp_size(o);
    if (f->rank < 1 || f->rank > FFP_RANK_MAX)
        return ffp_error_set(err, FFP_BAD_FRAME,
                             "%s.shape: must hold 1 to %d integers, holds %zu",
                             f->name, FFP_RANK_MAX, f->rank);
    for (size_t i = 0; i < f->rank; i++) {
        if (!ffp_as_uint(ffp_at(o, i), &v) || v < 1 || v > UINT32_MAX)
            return ffp_error_set(err, FFP_BAD_FRAME,
                                 "%s.shape[%zu]: must be an integer from 1",
                                 f->name, i);
        f->shape[i] = (size_t)v;
    }
    return 0;
}

static int read_tensor(struct ffp_frames *f, const msgpack_object *o,
                       struct ffp_error *err)
{
    const msgpack_object *data = ffp_get(o, "data");
    char quote[FFP_QUOTE_MAX];
    struct ffp_str key;

    for (size_t i = 0; i < o->via.map.size; i++) {
        if (!ffp_as_text(&o->via.map.ptr[i].key, &key))
            return ffp_error_set(err, FFP_BAD_FRAME, "%s: keys must be strings",
                                 f->name);
        if (!ffp_str_is(key, "dtype") && !ffp_str_is(key, "shape") &&
            !ffp_str_is(key, "data"))
            return ffp_error_set(err, FFP_BAD_FRAME,
                                 "%s: unknown key \"%s\"; known: dtype, "
                                 "shape, data",
                                 f->name, ffp_quote(quote, key.at, key.n));
    }
    f->form = FFP_FORM_TENSOR;
    if (read_dtype(f, ffp_get(o, "dtype"), err) != 0 ||
        read_shape(f, ffp_get(o, "shape"), err) != 0)
        return -1;
    if (!ffp_as_bin(data, &f->data, &f->data_bytes))
        return ffp_error_set(err, FFP_BAD_FRAME,
                             "%s.data: must be a bin, is %s", f->name,
                             ffp_kind(data));
    return 0;
}

int ffp_frames_read(struct ffp_frames *f, const char *name, bool many,
                    const msgpack_object *o, struct ffp_error *err)
{
    f->name = name;
    f->many = many;
    switch (o->type) {
    case MSGPACK_OBJECT_BIN:
        f->form = FFP_FORM_BIN;
        ffp_as_bin(o, &f->data, &f->data_bytes);
        return 0;
    case MSGPACK_OBJECT_MAP:
        return read_tensor(f, o, err);
    case MSGPACK_OBJECT_ARRAY:
        f->form = FFP_FORM_ARRAY;
        f->items = o;
        return 0;
    default:
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "%s: must be a bin, a map of dtype, shape and "
                             "data, or an array of numbers, is %s",
                             name, ffp_kind(o));
    }
}
