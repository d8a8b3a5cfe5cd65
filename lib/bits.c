#include "lib/bits.h"

#include <math.h>

#define WINDOW FF_BITS_WINDOW
#define FADE   0.999
#define LEAST  1e-12f /* a probability below counts as this */

void ff_bits_carve(struct ff_bits *b, struct ff_arena *a)
{
    b->ring = ff_arena_take(a, WINDOW, sizeof *b->ring);
    b->count = ff_arena_take(a, 1, sizeof *b->count);
    b->sums = ff_arena_take(a, 3, sizeof *b->sums);
}

void ff_bits_add(struct ff_bits *b, float p)
{
    float bits = -log2f(p > LEAST ? p : LEAST);
    b->ring[(*b->count)++ % WINDOW] = bits;
    b->sums[0] = FADE * b->sums[0] + (double)bits;
    b->sums[1] = FADE * b->sums[1] + 1;
    b->sums[2] += (double)bits;
}

double ff_bits_window(const struct ff_bits *b)
{
    uint64_t n = *b->count < WINDOW ? *b->count : WINDOW;
    double sum = 0;
    for (uint64_t i = 0; i < n; i++)
        sum += (double)b->ring[i];
    return n ? sum / (double)n : NAN;
}

double ff_bits_fading(const struct ff_bits *b)
{
    return b->sums[1] > 0 ? b->sums[0] / b->sums[1] : NAN;
}

double ff_bits_all(const struct ff_bits *b)
{
    return *b->count ? b->sums[2] / (double)*b->count : NAN;
}
