/*
 * typical.h -- have I seen such a thing? Several witnesses become one p-value.
 *
 * n frames, J witnesses; row-major. Each witness w_j is a number that is great
 * where a frame is strange, on a scale of its own. On the spared frames
 * (calibrate.h) it has a mean and a deviation; then
 *
 *     s = sum over j of (w_j - mean_j) / deviation_j
 *     p = p-value of s among the spared frames'            typicality
 *
 * A sum, as a frame that two witnesses find somewhat strange is strange. Three
 * were chosen by measurement (README.md):
 *
 *     log novelty        how like a dream the frame looks (competitive.h)
 *     log min_k D_k      of the frame itself, its length forgotten (gauss.h):
 *                        far from whatever was seen
 *     R                  of what the top layer passes up: near to no class
 *
 * The logarithms (ff_typical_witness) make the first two nearly normal.
 *
 * A witness that is not finite for some spared frame, or does not vary, is
 * not heard. One that is not finite for a frame makes its p-value NaN.
 */
#ifndef FF_TYPICAL_H
#define FF_TYPICAL_H

#include <stddef.h>

#include "lib/arena.h"
#include "lib/calibrate.h"

#define FF_WITNESSES_MAX 4

struct ff_typical {
    size_t J;
    float mean[FF_WITNESSES_MAX];
    float scale[FF_WITNESSES_MAX]; /* 1 / deviation; 0: not heard */
    struct ff_pvalues p;
};

/* For at most `capacity` spared frames. */
void ff_typical_carve(struct ff_typical *t, struct ff_arena *a, size_t J,
                      size_t capacity);

/* log(x), finite for any x >= 0: a witness out of a share or a distance. */
float ff_typical_witness(float x);

/* Fit to the spared frames' w (n, J). room (n). */
void ff_typical_fit(struct ff_typical *t, const float *w, size_t n,
                    float *room);

/* s of one frame, w (J). */
float ff_typical_score(const struct ff_typical *t, const float *w);

/* p of one frame in (0, 1]; NaN while too few frames were spared, or no
   witness is heard. */
float ff_typical_p(const struct ff_typical *t, const float *w);

#endif
