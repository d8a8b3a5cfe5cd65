/*
 * spectrum.h -- the power spectrum of n values.
 *
 * By kissfft, padded with zeros to a power of two (of other lengths kissfft
 * allocates): P_f = |sum_t w_t x_t e^(-2 pi i f t / N)|^2 / sum_t w_t^2,
 * f = 0 .. N / 2, w a Hann window if tapered, else 1.
 */
#ifndef FF_SPECTRUM_H
#define FF_SPECTRUM_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"

#define FF_SPECTRUM_MAX ((size_t)1 << 16) /* values */

struct ff_spectrum {
    size_t n;      /* values that go in */
    size_t N;      /* and the transform's */
    size_t bins;   /* N / 2 + 1 */
    float *window; /* (n) divided by the root of its squares' sum */
    float *in;     /* (N) room */
    void *out;     /* (bins) complex room */
    void *plan;    /* kissfft's, with room that it uses */
};

/* Bins of n values, 1 .. FF_SPECTRUM_MAX. */
size_t ff_spectrum_bins(size_t n);

void ff_spectrum_carve(struct ff_spectrum *s, struct ff_arena *a, size_t n,
                       bool tapered);

/* P (bins) of the n values x, which are `stride` apart. */
void ff_spectrum_power(struct ff_spectrum *s, const float *x, size_t stride,
                       float *P);

#endif
