/*
 * generate.h -- symbols that a model writes, some at a time.
 *
 * A call's frame is what they follow; its `writing` grows by FFD_WRITE_MAX
 * symbols with each item of the predictor, and is answered when all are there.
 * Each piece is drawn with a seed made of the call's and of its place, so the
 * same seed writes the same as long as the model does not learn.
 */
#ifndef FFD_GENERATE_H
#define FFD_GENERATE_H

#include <stdint.h>

#include "lib/ff.h"

#define FFD_WRITE_MAX 64 /* symbols an item; at least a frame's */

struct ffd_call;
struct ffd_model;

/* The prompt of a call, which waits in its message, after what a frame holds
   already. */
void ffd_generate_follow(struct ffd_model *m, struct ffd_call *call,
                         uint8_t *frame);

/* On the pool: the next symbols. With the last of them, or an error, the call
   has its reply. */
void ffd_generate_some(struct ffd_call *call, const struct ff_model *ff,
                       const struct ff_view *view);

#endif
