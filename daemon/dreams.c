#include "daemon/dreams.h"

#include <stdlib.h>

#include "daemon/dispatch.h"
#include "daemon/shape.h"
#include "proto/pack.h"
#include "proto/reply.h"

struct dreamt {
    uint8_t *frames;           /* (n, frame bytes) */
    enum ff_dream_kind *kinds; /* (n) */
    float *goodness;           /* (n) */
};

/* As many at a time as the model's micro-batch. */
static int dream(struct ff_model *ff, size_t n, uint64_t seed,
                 struct dreamt *out)
{
    const struct ff_spec *spec = ff_model_spec(ff);
    size_t bytes = ff_spec_frame_bytes(spec);

    for (size_t at = 0; at < n; at += spec->batch) {
        size_t some = n - at < spec->batch ? n - at : spec->batch;
        int status = ff_dream(ff, seed + at, some, out->frames + at * bytes,
                              out->kinds + at, out->goodness + at);

        if (status != FF_OK)
            return status;
    }
    return FF_OK;
}

static void encode(struct ffp_buf *b, uint32_t msgid,
                   const struct ff_spec *spec, const struct dreamt *out,
                   size_t n)
{
    static const char *const kinds[] = {[FF_DREAM_HYBRID] = "hybrid",
                                        [FF_DREAM_CLIMB] = "climb",
                                        [FF_DREAM_WRITTEN] = "written"};
    struct ffd_shape shape = ffd_shape_seen(spec);

    ffp_reply_begin(b, msgid);
    ffp_pack_map(b, 5);
    ffd_kv_shape(b, &shape);
    ffp_kv_bin(b, "data", out->frames, n * ff_spec_frame_bytes(spec));
    ffp_pack_str(b, "kind");
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++)
        ffp_pack_str(b, kinds[out->kinds[i]]);
    ffp_kv_floats(b, "goodness", out->goodness, n);
}

void ffd_dreams_answer(struct ffp_buf *b, uint32_t msgid, struct ff_model *ff,
                       size_t n, uint64_t seed)
{
    const struct ff_spec *spec = ff_model_spec(ff);
    struct dreamt out = {
        .frames = calloc(n, ff_spec_frame_bytes(spec)),
        .kinds = calloc(n, sizeof(*out.kinds)),
        .goodness = calloc(n, sizeof(*out.goodness)),
    };
    int status = FF_ENOMEM;

    if (out.frames && out.kinds && out.goodness)
        status = dream(ff, n, seed, &out);
    if (status == FF_OK)
        encode(b, msgid, spec, &out, n);
    else
        ffp_reply_error(b, msgid, ffd_code_of(status), "%s",
                        ff_strerror(status));
    free(out.frames);
    free(out.kinds);
    free(out.goodness);
}
