/*
 * decoder.h -- msgpack-c behind the walker: bounded bytes to a tree of values.
 *
 * The bytes must have passed limit.h; nothing here looks at lengths again.
 * The values borrow from the bytes (str and bin point into them) and from the
 * decoder, which keeps its memory until the next message or its release.
 */
#ifndef FFP_DECODER_H
#define FFP_DECODER_H

#include <stddef.h>
#include <stdint.h>

#include <msgpack/unpack.h>

#include "proto/error.h"

struct ffp_decoder {
    msgpack_unpacked unpacked; /* private */
};

void ffp_decoder_init(struct ffp_decoder *d); /* allocates nothing */
void ffp_decoder_release(struct ffp_decoder *d);

/* The one value that the n bytes are; BAD_MESSAGE or NO_MEMORY. */
int ffp_decoder_read(struct ffp_decoder *d, const uint8_t *bytes, size_t n,
                     const struct msgpack_object **out, struct ffp_error *err);

#endif
