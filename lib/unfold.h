/*
 * unfold.h -- a picture as the rows that a kernel sees of it, so that a
 * convolution is one product.
 *
 * A picture is (height, width, channels), row-major; a row holds the window of
 * one answer, (kernel, across.kernel, channels), zeros where it reaches over
 * the edge. Each function does `lines` lines of answers from line `from` on,
 * `wide` rows each; where there is a pool, whole lines of pools.
 */
#ifndef FF_UNFOLD_H
#define FF_UNFOLD_H

#include <stddef.h>
#include <stdint.h>

#include "lib/layer.h"

/* rows (lines wide, kernel across.kernel in/groups) of one picture x, channels
   of group g. */
void ff_unfold(const struct ff_layer *l, float *rows, const float *x, size_t g,
               size_t from, size_t lines);

/* x += the rows, each value where it came from. */
void ff_fold(const struct ff_layer *l, float *x, const float *rows, size_t g,
             size_t from, size_t lines);

/* The greatest of each pool x across.pool of z (lines, wide, n), n channels,
   into a (lines / pool, out1, stride) and its number within the pool into at
   (likewise). */
void ff_pool(const struct ff_layer *l, float *a, uint8_t *at, const float *z,
             size_t n, size_t stride, size_t lines);

/* dz (lines, wide, n): 0 but where `at` says; there da. */
void ff_unpool(const struct ff_layer *l, float *dz, const float *da,
               const uint8_t *at, size_t n, size_t stride, size_t lines);

#endif
