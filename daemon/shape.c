#include "daemon/shape.h"

#include "proto/pack.h"

const char *ffd_dtype_word(enum ff_dtype dtype)
{
    return dtype == FF_U8 ? "u8" : "f32";
}

size_t ffd_rank(const struct ff_spec *spec)
{
    if (!spec->image)
        return 1;
    return spec->shape[2] > 1 ? 3 : 2;
}

void ffd_pack_shape(struct ffp_buf *b, const struct ff_spec *spec)
{
    size_t rank = ffd_rank(spec);

    ffp_pack_array(b, rank);
    for (size_t i = 0; i < rank; i++)
        ffp_pack_uint(b, spec->shape[i]);
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

struct ffp_frame_type ffd_frame_type(const struct ff_spec *spec)
{
    return (struct ffp_frame_type){
        .dtype = spec->dtype == FF_U8 ? FFP_U8 : FFP_F32,
        .shape = {spec->shape[0], spec->shape[1], spec->shape[2]},
    };
}
