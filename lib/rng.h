/*
 * rng.h -- seeded random numbers, passed by pointer.
 *
 * xoshiro256++ (Blackman and Vigna, 2019), seeded by splitmix64. The state is
 * four words, so that it goes into a snapshot as it is.
 */
#ifndef FF_RNG_H
#define FF_RNG_H

#include <stdint.h>

struct ff_rng {
    uint64_t s[4];
};

void ff_rng_init(struct ff_rng *g, uint64_t seed);
uint64_t ff_rng_next(struct ff_rng *g);

/* Evenly from 0 .. n-1; n > 0. */
uint64_t ff_rng_below(struct ff_rng *g, uint64_t n);

/* Evenly from [0, 1), in steps of 2^-24. */
float ff_rng_uniform(struct ff_rng *g);

/* From the normal distribution N(0, 1). */
float ff_rng_normal(struct ff_rng *g);

#endif
