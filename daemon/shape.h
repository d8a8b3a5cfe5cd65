/*
 * shape.h -- a model's input and labels in the words of the wire.
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

struct ffp_frame_type ffd_frame_type(const struct ff_spec *spec);

#endif
