/*
 * vec.h -- plain loops over rows of numbers.
 */
#ifndef FF_VEC_H
#define FF_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* u = x / sqrt(mean(x^2) + eps) for each of B rows of D; u may be x. */
void ff_vec_normalise(float *u, const float *x, size_t B, size_t D);

/* 1 / sqrt(mean(x^2) + eps) */
float ff_vec_inverse_rms(const float *x, size_t n);

/* sqrt(sum of x^2) */
float ff_vec_length(const float *x, size_t n);

/* Take the mean off each of B rows of D. */
void ff_vec_centre(float *x, size_t B, size_t D);

/* x = (x - mean) / scale, for n rows of C channels. */
void ff_vec_standardise(float *x, const float *mean, const float *scale,
                        size_t n, size_t C);

/* x = s x */
void ff_vec_scale(float *x, size_t n, float s);

/* Whether all n values are finite, and so is the sum of their squares. */
bool ff_vec_finite(const float *x, size_t n);

/* Frame bytes to values: u8 becomes 0 .. 1. */
void ff_vec_from_u8(float *x, const uint8_t *bytes, size_t n);

/* i16 becomes -1 .. 1. */
void ff_vec_from_i16(float *x, const void *bytes, size_t n);

/* Values to frame bytes, rounded and clipped to 0 .. 255. */
void ff_vec_to_u8(uint8_t *bytes, const float *x, size_t n);

/* Index of the greatest of the live values, -1 if none is live. */
int ff_vec_argmax(const float *x, const uint8_t *live, size_t n);

/* Natural logarithms of x, each a normal number above 0, in place; within 4
   units of the last place, or 1e-7 around 1. Unlike the C library's they are
   the same to the bit on every machine. */
void ff_vec_log(float *x, size_t n);

/* x = e^(T x), over their sum: shares of 1, likewise. Where some are not live,
   ff_softmax of readout.h. */
void ff_vec_softmax(float *x, size_t n, float T);

/* a and b (n) change places. */
void ff_vec_swap(float *a, float *b, size_t n);

#endif
