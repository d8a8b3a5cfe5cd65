/*
 * answers.h -- what a view says, as the answer of predict or predict_batch.
 *
 * Called beside the loop, on calls that the predictor owns meanwhile.
 */
#ifndef FFD_ANSWERS_H
#define FFD_ANSWERS_H

#include <stddef.h>

#include "lib/ff.h"
#include "proto/error.h"

struct ffd_call;

/* Rows from..from+n of `out` answer the call's next n frames; once it has all,
   its answer is encoded. status is ff_predict's. */
void ffd_answers_add(struct ffd_call *call, const struct ff_model *ff,
                     const struct ff_view *view, int status,
                     const struct ff_answers *out, size_t from, size_t n);

/* The call is answered: frame i is not finite. */
void ffd_answers_bad(struct ffd_call *call, size_t i);

/* Room for the columns of a predict_batch of n frames; -1: no memory. */
int ffd_answers_reserve(struct ffd_call *call, const struct ff_spec *spec,
                        size_t n);

/* The most frames whose answer to predict_batch is within the limits of a
   message, with as many labels as are known now; perhaps none. */
size_t ffd_answers_most(const struct ff_model *ff);

/* The sentence that tells it. */
void ffd_answers_too_many(struct ffp_error *err, const struct ff_model *ff,
                          size_t n);

#endif
