#include "daemon/stream.h"

#include <xxhash.h>

uint64_t ffd_stream_key(struct ffp_str name)
{
    return name.at ? XXH3_64bits(name.at, name.n) : 0;
}

int ffd_stream_check(const struct ff_spec *spec, const struct ffp_request *r,
                     size_t n, struct ffp_error *err)
{
    static const enum ffp_option options[] = {FFP_O_STREAM, FFP_O_END,
                                              FFP_O_OBSERVE};

    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        if (spec->stream.keys == 0 && r->opts.given & 1u << options[i])
            return ffp_error_set(err, FFP_BAD_PARAMS,
                                 "opts.%s: the model has no streams (no "
                                 "stream section in its configuration)",
                                 ffp_option_table[options[i]].name);
    }
    return ffp_streams_check(r, n, err);
}

uint8_t ffd_stream_flags(const struct ffp_request *r, bool last)
{
    unsigned end = r->opts.end && last ? FF_SAMPLE_END : 0;
    unsigned observe = r->opts.observe ? FF_SAMPLE_OBSERVE : 0;

    return (uint8_t)(end | observe);
}

bool ffd_stream_rejects(const struct ff_spec *spec)
{
    if (spec->stream.keys == 0)
        return spec->dtype == FF_F32;
    return spec->stream.dtype == FF_F32 &&
           spec->stream.missing == FF_MISSING_REJECT;
}
