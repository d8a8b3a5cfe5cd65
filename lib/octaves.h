/*
 * octaves.h -- a window of one channel by its mean and where its power lies.
 *
 * Of n values x, standardised or not: their mean; and for each band of half an
 * octave of the power spectrum (spectrum.h, untapered) of x - mean
 *
 *     log(mean of P_f over the band + 1e-4)
 *
 * The bands' edges are 1, 2, 3, 4, 6, 8, 11, 16, 23, ... N / 2 + 1. What an arm
 * does is in there whenever in the window it does it. Bands did better than
 * single bins, and half-octaves as well as finer ones (README.md).
 */
#ifndef FF_OCTAVES_H
#define FF_OCTAVES_H

#include <stddef.h>

#include "lib/arena.h"
#include "lib/spectrum.h"

struct ff_octaves {
    struct ff_spectrum spectrum;
    float *x, *P; /* (n), (bins) room */
};

/* Values that n become, the mean among them. */
size_t ff_octaves_out(size_t n);

void ff_octaves_carve(struct ff_octaves *o, struct ff_arena *a, size_t n);

/* Of n values x and into out, both `stride` apart. */
void ff_octaves_find(struct ff_octaves *o, const float *x, size_t stride,
                     float *out);

#endif
