/*
 * shape.h -- a model's input in the words of the wire.
 */
#ifndef FFD_SHAPE_H
#define FFD_SHAPE_H

#include "lib/ff.h"
#include "proto/buf.h"
#include "proto/frames.h"

/* "u8", "f32": as in the configuration. */
const char *ffd_dtype_word(enum ff_dtype dtype);

/* Sides of its shape, as configured. */
size_t ffd_rank(const struct ff_spec *spec);

/* [length], [height, width] or [height, width, channels], as configured. */
void ffd_pack_shape(struct ffp_buf *b, const struct ff_spec *spec);

struct ffp_frame_type ffd_frame_type(const struct ff_spec *spec);

#endif
