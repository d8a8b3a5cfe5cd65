#include "daemon/shape.h"

#include "proto/pack.h"

const char *ffd_dtype_word(enum ff_dtype dtype)
{
    static const char *const words[] = {
        [FF_U8] = "u8", [FF_F32] = "f32", [FF_I16] = "i16"};

    return words[dtype];
}

static struct ffd_shape shape_of(const size_t side[3], bool image,
                                 enum ff_dtype dtype)
{
    return (struct ffd_shape){
        .rank = side[2] > 1 ? 3
                : image     ? 2
                            : 1,
        .side = {side[0], side[1], side[2]},
        .dtype = dtype,
    };
}

struct ffd_shape ffd_shape_seen(const struct ff_spec *spec)
{
    return shape_of(spec->shape, spec->image, spec->dtype);
}

struct ffd_shape ffd_shape_in(const struct ff_spec *spec)
{
    const struct ff_stream_spec *s = &spec->stream;

    return s->keys > 0 ? shape_of(s->shape, s->shape[1] > 1, s->dtype)
                       : ffd_shape_seen(spec);
}

void ffd_kv_shape(struct ffp_buf *b, const struct ffd_shape *shape)
{
    ffp_pack_str(b, "shape");
    ffp_pack_array(b, shape->rank);
    for (size_t i = 0; i < shape->rank; i++)
        ffp_pack_uint(b, shape->side[i]);
    ffp_kv_str(b, "dtype", ffd_dtype_word(shape->dtype));
}

void ffd_classes_find(struct ffd_classes *c, const struct ff_model *ff)
{
    size_t count = ff_label_count(ff);

    c->n = 0;
    for (size_t k = 0; k < count; k++)
        if (ff_label_name(ff, (int)k))
            c->at[c->n++] = (uint16_t)k;
}

void ffd_pack_labels(struct ffp_buf *b, const struct ff_model *ff,
                     const struct ffd_classes *c)
{
    ffp_pack_array(b, c->n);
    for (size_t i = 0; i < c->n; i++)
        ffp_pack_str(b, ff_label_name(ff, c->at[i]));
}

struct ffp_frame_type ffd_frame_type(const struct ffd_shape *shape)
{
    static const enum ffp_dtype dtypes[] = {
        [FF_U8] = FFP_U8, [FF_F32] = FFP_F32, [FF_I16] = FFP_I16};

    return (struct ffp_frame_type){
        .dtype = dtypes[shape->dtype],
        .shape = {shape->side[0], shape->side[1], shape->side[2]},
    };
}
