/*
 * expect.h -- what a layer over a picture expects of its input.
 *
 *     y = (x - mean of x) / rms(x - mean of x)   of the frame, all values
 *     u = (y - mean) / sqrt(variance)            each M-th value alike
 *
 * A frame's level is forgotten as its length is: how bright a picture is, or
 * how loud the layer below was, says nothing of what is in it (README.md).
 *
 * Mean and variance are running ones, so that a lone frame is seen as it would
 * be among others, learned or answered:
 *
 *     mean += rate (mean of y over places and frames - mean)
 *
 * and the variance likewise. They are parameters, as the mean of a dense layer
 * is. M divides the input: a convolution has one mean for each channel, a
 * recurrent layer one for each value of a step.
 */
#ifndef FF_EXPECT_H
#define FF_EXPECT_H

#include "lib/layer.h"

/* Numbers of room that standardise needs. */
size_t ff_expect_room(const struct ff_layer *l);

/* u (n, D) of x; u may be x. */
void ff_expect_standardise(const struct ff_layer *l, const float *params,
                           const float *x, size_t n, float *u, float *room);

/* Mean and variance move towards those of n frames, whose u are given. */
void ff_expect_follow(const struct ff_layer *l, float *params, const float *u,
                      size_t n, float rate);

/* g (n, D), where u must go, becomes where x must. */
void ff_expect_uphill(const struct ff_layer *l, const float *params, float *g,
                      size_t n);

#endif
