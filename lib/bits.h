/*
 * bits.h -- how surprising a stream of symbols is: bits per symbol.
 *
 * -log2 of the probability that each symbol was given before it was learned;
 * the mean of the last 1,000, fading by 0.999 a symbol (as in prequential.h),
 * and of all.
 */
#ifndef FF_BITS_H
#define FF_BITS_H

#include <stdint.h>

#include "lib/arena.h"

#define FF_BITS_WINDOW 1000

struct ff_bits {
    float *ring;     /* (window) */
    uint64_t *count; /* (1) symbols */
    double *sums;    /* (3) bits fading, symbols fading, bits of all */
};

void ff_bits_carve(struct ff_bits *b, struct ff_arena *a);
void ff_bits_add(struct ff_bits *b, float p);

/* NaN before the first symbol. */
double ff_bits_window(const struct ff_bits *b);
double ff_bits_fading(const struct ff_bits *b);
double ff_bits_all(const struct ff_bits *b);

#endif
