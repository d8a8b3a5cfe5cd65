/*
 * rng.h -- seeded numbers (splitmix64): one seed, one order of a stream.
 */
#ifndef CLI_RNG_H
#define CLI_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline void rng_init(struct rng *r, uint64_t seed)
{
    r->state = seed;
}

static inline uint64_t rng_next(struct rng *r)
{
    uint64_t z = (r->state += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* 0 to n - 1, n > 0. The bias of the remainder is below n / 2^64. */
static inline size_t rng_below(struct rng *r, size_t n)
{
    return (size_t)(rng_next(r) % n);
}

/* [0, 1) */
static inline float rng_unit(struct rng *r)
{
    return (float)(rng_next(r) >> 40) / 16777216.0F;
}

/* Every order of n numbers is as likely as any other (Fisher, Yates). */
static inline void rng_shuffle(struct rng *r, size_t *a, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(r, i), t = a[i - 1];
        a[i - 1] = a[j];
        a[j] = t;
    }
}

#endif
