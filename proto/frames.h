/*
 * frames.h -- frames as a peer sends them, in any of three forms, and out of
 * them the rows that a model takes.
 *
 *   bin                     raw little-endian values, n frames on end
 *   {dtype, shape, data}    the same, and says what it is
 *   array of numbers        flat, or nested as the shape is; n frames are an
 *                           array of such arrays, or of bins
 *
 * Check first: it looks at every value that needs converting, so that copying
 * cannot fail and a message is taken wholly or not at all. NaN and infinity
 * pass; whether they may be learned is not a matter of the wire.
 *
 * Everything here is borrowed from the message's bytes and its decoder.
 */
#ifndef FFP_FRAMES_H
#define FFP_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/error.h"

struct msgpack_object;

#define FFP_RANK_MAX                                                           \
    4 /* of a shape on the wire: n, height, width, channels                    \
       */

enum ffp_dtype { FFP_U8, FFP_F32, FFP_I16 };

enum ffp_form {
    FFP_FORM_BIN,
    FFP_FORM_TENSOR,
    FFP_FORM_ARRAY,
    FFP_FORM_NIL /* none came, where none need come; it fits no model */
};

/* What one frame of a model is. A vector's shape is {length, 1, 1}. */
struct ffp_frame_type {
    enum ffp_dtype dtype;
    size_t shape[3];
};

struct ffp_frames {
    const char *name; /* of the parameter: "frame" or "frames" */
    bool many;        /* n frames, not one */
    enum ffp_form form;
    const uint8_t *data; /* BIN and TENSOR; may be unaligned */
    size_t data_bytes;
    enum ffp_dtype dtype; /* TENSOR */
    size_t rank;
    size_t shape[FFP_RANK_MAX];
    const struct msgpack_object *items; /* ARRAY */
};

/* "|u1", "<f4", "<i2". */
const char *ffp_dtype_name(enum ffp_dtype dtype);
size_t ffp_dtype_bytes(enum ffp_dtype dtype);

/* Values and bytes in one frame. */
size_t ffp_frame_values(const struct ffp_frame_type *type);
size_t ffp_frame_bytes(const struct ffp_frame_type *type);

/*
 * Whether these frames fit the model; *n says how many (>= 1). Otherwise -1
 * and BAD_FRAME with a sentence of what was expected and what came.
 */
int ffp_frames_check(const struct ffp_frames *f,
                     const struct ffp_frame_type *type, size_t *n,
                     struct ffp_error *err);

/* After a check: all rows on end, as the model takes them, or NULL when they
   need converting. Borrowed; may be unaligned. */
const void *ffp_frames_contiguous(const struct ffp_frames *f);

/* After a check: frame i as the model takes it, into dst, which has
   ffp_frame_bytes and the alignment of its dtype. */
void ffp_frames_copy(const struct ffp_frames *f,
                     const struct ffp_frame_type *type, size_t i, void *dst);

#endif
