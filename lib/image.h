/*
 * image.h -- frames that are pictures: (height, width, channels), row-major.
 */
#ifndef FF_IMAGE_H
#define FF_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/rng.h"

/* Move a picture by (dy, dx) pixels; what comes in repeats the edge. dst may
   not be src. */
void ff_image_shift(float *dst, const float *src, const size_t shape[3], int dy,
                    int dx);

/*
 * Turn, stretch and slant a picture about its middle: dst(p) = src(A p + t),
 * p = (y, x) from the middle, A = {yy, yx, xy, xx}, t = {y, x} in pixels;
 * between pixels linear, beyond the edge the edge. dst may not be src.
 */
void ff_image_warp(float *dst, const float *src, const size_t shape[3],
                   const float A[4], const float t[2]);

/* Mirror a picture, left to right. */
void ff_image_flip(float *x, const size_t shape[3]);

/* Blank a square at a random place, which may reach over the edge; its side is
   a share of the picture's shorter one (of a window over time, its length).
   It gets the picture's mean colour. */
void ff_image_cut(float *x, const size_t shape[3], float share,
                  struct ff_rng *g);

/*
 * A random mask (height, width) of patches: noise blurred so many times with
 * [1/4 1/2 1/4] both ways, then cut at its middle, 0.5 (Hinton 2022, section
 * 3.2). work (height, width) is the caller's.
 */
#define FF_IMAGE_BLURS 6 /* large patches, as Hinton has them */

void ff_image_mask(uint8_t *mask, float *work, const size_t shape[3], int blurs,
                   struct ff_rng *g);

/* The same for a vector: runs of 1/8 of its length on average. */
void ff_vector_mask(uint8_t *mask, size_t n, struct ff_rng *g);

#endif
