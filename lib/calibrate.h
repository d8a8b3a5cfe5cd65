/*
 * calibrate.h -- what a score is worth, measured on frames that were spared:
 * labelled frames that are never learned nor replayed. Remembered frames would
 * not do: they were trained on and score better than any new one.
 *
 * Which frames are spared follows from a seed and the frame's number alone, so
 * nothing of it is saved: one in each run of `every`, but none of a class that
 * is still young. The spared ones are kept in a memory.h of their own, which
 * balances the classes; they are scored again, by the present view, whenever
 * the figures below are fitted.
 *
 *   temperature  T that minimises the sum of -log softmax(T g)_t, plus
 *                log(T)^2 / 2: where all answers are right a greater T would
 *                always be better (Guo et al. 2017, arXiv:1706.04599; 1/T
 *                there)
 *   p-value      of a score s, great where a frame is strange:
 *                p = (1 + number of spared frames with score >= s) / (n + 1)
 *                (Vovk, Gammerman and Shafer, "Algorithmic Learning in a
 *                Random World", 2005): an ordinary frame has p <= a with a
 *                chance of at most a, however the scores are distributed.
 */
#ifndef FF_CALIBRATE_H
#define FF_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"

/* Frames below which nothing is claimed. To reach p = 0.01 takes 99. */
#define FF_CALIBRATE_LEAST 50

/*
 * Whether frame number `seq` is spared: one in each run of `every` (0: none).
 * seen is how many of its class came before; a class below FF_MEMORY_YOUNG
 * needs all of them.
 */
bool ff_calibrate_spares(uint64_t seed, uint64_t seq, uint64_t every,
                         uint64_t seen);

/* T from g (n, K) and the classes (n), each live; from 1/20 to 20. 1 where
   n < FF_CALIBRATE_LEAST, or where g or T is not finite. */
float ff_calibrate_temperature(const float *g, const int *classes,
                               const uint8_t *live, size_t n, size_t K);

struct ff_pvalues {
    size_t capacity, n;
    float *scores; /* (capacity) the n first ascend */
};

void ff_pvalues_carve(struct ff_pvalues *p, struct ff_arena *a,
                      size_t capacity);

/* Take n scores (at most capacity; NaN is left out) for the old ones. */
void ff_pvalues_fit(struct ff_pvalues *p, const float *scores, size_t n);

/* p in (0, 1]; NaN for a NaN, or with fewer than FF_CALIBRATE_LEAST frames. */
float ff_pvalues_of(const struct ff_pvalues *p, float score);

#endif
