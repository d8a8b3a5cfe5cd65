/*
 * shape.h -- a model's input and labels in the words of the wire.
 */
#ifndef FFD_SHAPE_H
#define FFD_SHAPE_H

#include "lib/ff.h"
#include "proto/buf.h"
#include "proto/frames.h"

/* [length], [height, width] or [height, width, channels], and of what. */
struct ffd_shape {
    size_t rank, side[3]; /* 1 beyond rank */
    enum ff_dtype dtype;
};

/* What comes in, as configured: a sample of a stream, or else a frame. */
struct ffd_shape ffd_shape_in(const struct ff_spec *spec);

/* What layers see, dream of, and are asked about. */
struct ffd_shape ffd_shape_seen(const struct ff_spec *spec);

/* "u8", "f32", "i16": as in the configuration. */
const char *ffd_dtype_word(enum ff_dtype dtype);

/* The keys shape and dtype, of a map. */
void ffd_kv_shape(struct ffp_buf *b, const struct ffd_shape *shape);

/* The classes that have a label at this moment, ascending. Looked up once for
   what is packed of them: more labels may be bound meanwhile. */
struct ffd_classes {
    size_t n;
    uint16_t at[FF_CLASSES_MAX];
};

void ffd_classes_find(struct ffd_classes *c, const struct ff_model *ff);

/* Their labels, in an array. */
void ffd_pack_labels(struct ffp_buf *b, const struct ff_model *ff,
                     const struct ffd_classes *c);

struct ffp_frame_type ffd_frame_type(const struct ffd_shape *shape);

#endif
