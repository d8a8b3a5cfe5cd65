#include "proto/frames.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proto/object.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "frames travel little-endian and are copied as they are"
#endif

#define DIMS      3  /* of a frame type's shape */
#define WHAT_MAX  32 /* bytes of "frames[12]" */
#define SHAPE_MAX 96 /* bytes of "[28, 28]" */

/* One frame as an array, and how deep its numbers lie: 1 is flat. */
struct nest {
    const msgpack_object *items;
    size_t rank;
    size_t dims[DIMS];
};

const char *ffp_dtype_name(enum ffp_dtype dtype)
{
    static const char *const names[] = {
        [FFP_U8] = "|u1", [FFP_F32] = "<f4", [FFP_I16] = "<i2"};

    return names[dtype];
}

size_t ffp_dtype_bytes(enum ffp_dtype dtype)
{
    static const size_t bytes[] = {
        [FFP_U8] = 1, [FFP_F32] = sizeof(float), [FFP_I16] = sizeof(int16_t)};

    return bytes[dtype];
}

size_t ffp_frame_values(const struct ffp_frame_type *type)
{
    return type->shape[0] * type->shape[1] * type->shape[2];
}

size_t ffp_frame_bytes(const struct ffp_frame_type *type)
{
    return ffp_frame_values(type) * ffp_dtype_bytes(type->dtype);
}

/* Dimensions that count: {28, 28, 1} has two, a vector one. */
static size_t type_rank(const struct ffp_frame_type *type)
{
    size_t rank = DIMS;

    while (rank > 1 && type->shape[rank - 1] == 1)
        rank--;
    return rank;
}

static const char *show(char out[SHAPE_MAX], const size_t *shape, size_t rank)
{
    size_t n = 0;

    for (size_t i = 0; i < rank; i++)
        n += (size_t)snprintf(out + n, SHAPE_MAX - n, "%s%zu", i ? ", " : "[",
                              shape[i]);
    snprintf(out + n, SHAPE_MAX - n, "]");
    return out;
}

static int misfit(struct ffp_error *err, const struct ffp_frame_type *type,
                  const char *what, const char *has, size_t has_n, size_t takes)
{
    char shape[SHAPE_MAX];

    return ffp_error_set(err, FFP_BAD_FRAME,
                         "%s: holds %zu %s, the model takes %zu (%s %s)", what,
                         has_n, has, takes, ffp_dtype_name(type->dtype),
                         show(shape, type->shape, type_rank(type)));
}

static int check_bytes(const struct ffp_frames *f,
                       const struct ffp_frame_type *type, size_t *n,
                       struct ffp_error *err)
{
    size_t row = ffp_frame_bytes(type);
    char shape[SHAPE_MAX];

    *n = f->data_bytes / row;
    if (!f->many && f->data_bytes != row)
        return misfit(err, type, f->name, "bytes", f->data_bytes, row);
    if (f->data_bytes == 0)
        return ffp_error_set(err, FFP_BAD_FRAME, "%s: holds no frame", f->name);
    if (f->data_bytes % row != 0)
        return ffp_error_set(err, FFP_BAD_FRAME,
                             "%s: holds %zu bytes, no multiple of %zu (%s %s)",
                             f->name, f->data_bytes, row,
                             ffp_dtype_name(type->dtype),
                             show(shape, type->shape, type_rank(type)));
    return 0;
}

/* Whether these dimensions are one frame's: its shape, with or without ones
   at the end, or flat. */
static bool shape_fits(const struct ffp_frame_type *type, const size_t *shape,
                       size_t rank)
{
    if (rank == 1 && shape[0] == ffp_frame_values(type))
        return true;
    if (rank < type_rank(type) || rank > DIMS)
        return false;
    return memcmp(shape, type->shape, rank * sizeof *shape) == 0;
}

static int check_tensor(const struct ffp_frames *f,
                        const struct ffp_frame_type *type, size_t *n,
                        struct ffp_error *err)
{
    size_t lead = f->many ? 1 : 0;
    char has[SHAPE_MAX];
    char takes[SHAPE_MAX];

    if (f->dtype != type->dtype)
        return ffp_error_set(
            err, FFP_BAD_FRAME, "%s: dtype is %s, the model takes %s", f->name,
            ffp_dtype_name(f->dtype), ffp_dtype_name(type->dtype));
    if (f->rank < lead || !shape_fits(type, f->shape + lead, f->rank - lead))
        return ffp_error_set(
            err, FFP_BAD_FRAME, "%s: shape is %s, the model takes %s%s",
            f->name, show(has, f->shape, f->rank), f->many ? "n of " : "",
            show(takes, type->shape, type_rank(type)));
    if (check_bytes(f, type, n, err) != 0)
        return -1;
    if (f->many && f->shape[0] != *n)
        return ffp_error_set(err, FFP_BAD_FRAME,
                             "%s: shape says %zu frames, data holds %zu",
                             f->name, f->shape[0], *n);
    return 0;
}

/* How deep the first number lies, and what dimensions that demands. */
static struct nest nest_of(const msgpack_object *items,
                           const struct ffp_frame_type *type)
{
    struct nest s = {items, 0, {ffp_frame_values(type), 1, 1}};
    const msgpack_object *o = items;

    while (o && o->type == MSGPACK_OBJECT_ARRAY) {
        s.rank++;
        o = ffp_at(o, 0);
    }
    if (s.rank > 1)
        memcpy(s.dims, type->shape, sizeof s.dims);
    return s;
}

/* Number k of the frame in row-major order, or NULL where the arrays are not
   of these dimensions. */
static const msgpack_object *leaf(const struct nest *s, size_t k)
{
    const msgpack_object *o = s->items;
    size_t below = 1;

    for (size_t i = 0; i < s->rank; i++)
        below *= s->dims[i];
    for (size_t i = 0; i < s->rank; i++) {
        below /= s->dims[i];
        if (ffp_size(o) != s->dims[i])
            return NULL;
        o = ffp_at(o, k / below);
        k %= below;
    }
    return o;
}

static int check_value(const msgpack_object *o, enum ffp_dtype dtype,
                       const char *what, size_t k, struct ffp_error *err)
{
    double v = 0, least = dtype == FFP_I16 ? INT16_MIN : 0;
    double most = dtype == FFP_I16 ? INT16_MAX : UINT8_MAX;

    if (!ffp_as_double(o, &v))
        return ffp_error_set(err, FFP_BAD_FRAME,
                             "%s: value %zu must be a number, is %s", what, k,
                             ffp_kind(o));
    if (dtype == FFP_F32) {
        if (isfinite(v) && fabs(v) > (double)FLT_MAX)
            return ffp_error_set(err, FFP_BAD_FRAME,
                                 "%s: value %zu is %g, more than <f4 holds",
                                 what, k, v);
        return 0;
    }
    if ((o->type != MSGPACK_OBJECT_POSITIVE_INTEGER &&
         o->type != MSGPACK_OBJECT_NEGATIVE_INTEGER) ||
        v < least || v > most)
        return ffp_error_set(
            err, FFP_BAD_FRAME,
            "%s: value %zu must be an integer from %.0f to %.0f, is %.9g", what,
            k, least, most, v);
    return 0;
}

static int check_numbers(const msgpack_object *items,
                         const struct ffp_frame_type *type, const char *what,
                         struct ffp_error *err)
{
    struct nest s = nest_of(items, type);
    size_t values = ffp_frame_values(type);
    char shape[SHAPE_MAX];

    if (s.rank == 1 && ffp_size(items) != values)
        return misfit(err, type, what, "numbers", ffp_size(items), values);
    if (s.rank > 1 && (s.rank < type_rank(type) || s.rank > DIMS))
        return ffp_error_set(err, FFP_BAD_FRAME,
                             "%s: is nested %zu deep, the model takes %s", what,
                             s.rank, show(shape, type->shape, type_rank(type)));
    for (size_t k = 0; k < values; k++) {
        const msgpack_object *o = leaf(&s, k);

        if (!o)
            return ffp_error_set(err, FFP_BAD_FRAME, "%s: is not nested as %s",
                                 what, show(shape, type->shape, s.rank));
        if (check_value(o, type->dtype, what, k, err) != 0)
            return -1;
    }
    return 0;
}

static int check_item(const msgpack_object *o,
                      const struct ffp_frame_type *type, const char *what,
                      struct ffp_error *err)
{
    const uint8_t *data = NULL;
    size_t n = 0;

    if (o->type == MSGPACK_OBJECT_ARRAY)
        return check_numbers(o, type, what, err);
    if (!ffp_as_bin(o, &data, &n))
        return ffp_error_set(err, FFP_BAD_FRAME,
                             "%s: must be a bin or an array of numbers, is %s",
                             what, ffp_kind(o));
    if (n != ffp_frame_bytes(type))
        return misfit(err, type, what, "bytes", n, ffp_frame_bytes(type));
    return 0;
}

static int check_items(const struct ffp_frames *f,
                       const struct ffp_frame_type *type, size_t *n,
                       struct ffp_error *err)
{
    char what[WHAT_MAX];

    *n = 1;
    if (!f->many)
        return check_numbers(f->items, type, f->name, err);
    *n = ffp_size(f->items);
    if (*n == 0)
        return ffp_error_set(err, FFP_BAD_FRAME, "%s: holds no frame", f->name);
    for (size_t i = 0; i < *n; i++) {
        snprintf(what, sizeof what, "%s[%zu]", f->name, i);
        if (check_item(ffp_at(f->items, i), type, what, err) != 0)
            return -1;
    }
    return 0;
}

int ffp_frames_check(const struct ffp_frames *f,
                     const struct ffp_frame_type *type, size_t *n,
                     struct ffp_error *err)
{
    switch (f->form) {
    case FFP_FORM_BIN:
        return check_bytes(f, type, n, err);
    case FFP_FORM_TENSOR:
        return check_tensor(f, type, n, err);
    case FFP_FORM_ARRAY:
        return check_items(f, type, n, err);
    case FFP_FORM_NIL:
        return ffp_error_set(err, FFP_BAD_FRAME, "%s: is nil", f->name);
    }
    return ffp_error_set(err, FFP_INTERNAL, "%s: no such form", f->name);
}

const void *ffp_frames_contiguous(const struct ffp_frames *f)
{
    return f->form == FFP_FORM_ARRAY ? NULL : f->data;
}

static void pour(const msgpack_object *items, const struct ffp_frame_type *type,
                 void *dst)
{
    struct nest s = nest_of(items, type);
    size_t values = ffp_frame_values(type);

    for (size_t k = 0; k < values; k++) {
        double v = 0;

        ffp_as_double(leaf(&s, k), &v);
        if (type->dtype == FFP_U8)
            ((uint8_t *)dst)[k] = (uint8_t)v;
        else if (type->dtype == FFP_I16)
            ((int16_t *)dst)[k] = (int16_t)v;
        else
            ((float *)dst)[k] = (float)v;
    }
}

void ffp_frames_copy(const struct ffp_frames *f,
                     const struct ffp_frame_type *type, size_t i, void *dst)
{
    size_t row = ffp_frame_bytes(type);
    const msgpack_object *item = NULL;
    const uint8_t *data = NULL;
    size_t n = 0;

    if (f->form != FFP_FORM_ARRAY) {
        memcpy(dst, f->data + i * row, row);
        return;
    }
    item = f->many ? ffp_at(f->items, i) : f->items;
    if (ffp_as_bin(item, &data, &n)) {
        assert(n == row); /* ffp_frames_check saw to it */
        memcpy(dst, data, row);
    } else {
        pour(item, type, dst);
    }
}
