/*
 * stream.h -- what a request says of the streams of a model.
 */
#ifndef FFD_STREAM_H
#define FFD_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"
#include "proto/message.h"

/* The key that lib knows a stream by; of a NULL name 0. Two names of the same
   key are one stream: of a thousand names with a chance of 3e-14. */
uint64_t ffd_stream_key(struct ffp_str name);

/* Whether a request to learn n samples may say of streams what it does. */
int ffd_stream_check(const struct ff_spec *spec, const struct ffp_request *r,
                     size_t n, struct ffp_error *err);

/* FF_SAMPLE_ flags of one of its samples. */
uint8_t ffd_stream_flags(const struct ffp_request *r, bool last);

/* Whether values of what comes in must be finite numbers. */
bool ffd_stream_rejects(const struct ff_spec *spec);

/* Whether what comes in are symbols. */
static inline bool ffd_stream_of_symbols(const struct ff_spec *spec)
{
    return spec->stream.keys > 0 &&
           spec->stream.features == FF_FEATURES_SYMBOLS;
}

#endif
