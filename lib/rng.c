#include "lib/rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static uint64_t rotated(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

void ff_rng_init(struct ff_rng *g, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        g->s[i] = splitmix(&seed);
}

uint64_t ff_rng_next(struct ff_rng *g)
{
    uint64_t *s = g->s;
    uint64_t result = rotated(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotated(s[3], 45);
    return result;
}

uint64_t ff_rng_below(struct ff_rng *g, uint64_t n)
{
    /* Reject the short last lap, so that no number is favoured. */
    uint64_t limit = UINT64_MAX - UINT64_MAX % n;
    uint64_t x;
    do
        x = ff_rng_next(g);
    while (x >= limit);
    return x % n;
}

float ff_rng_uniform(struct ff_rng *g)
{
    return (float)(ff_rng_next(g) >> 40) * 0x1p-24f;
}

float ff_rng_normal(struct ff_rng *g)
{
    /* Box and Muller; 1 - u is in (0, 1], so that its log is finite. */
    float u = 1.0f - ff_rng_uniform(g);
    float v = ff_rng_uniform(g);
    return sqrtf(-2.0f * logf(u)) * cosf(6.28318531f * v);
}
