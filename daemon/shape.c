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

struct ffp_frame_type ffd_frame_type(const struct ff_spec *spec)
{
    return (struct ffp_frame_type){
        .dtype = spec->dtype == FF_U8 ? FFP_U8 : FFP_F32,
        .shape = {spec->shape[0], spec->shape[1], spec->shape[2]},
    };
}
