/*
 * prequential.h -- test, then train: the accuracy of a stream.
 *
 * Every frame is predicted before it is learned. Windowed: the share right of
 * the last 1,000; fading: a sum that forgets by 0.999 a frame, over the same
 * sum of ones (Gama, Sebastiao and Rodrigues, 2013).
 */
#ifndef FF_PREQUENTIAL_H
#define FF_PREQUENTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"

#define FF_PREQUENTIAL_WINDOW 1000

struct ff_prequential {
    uint8_t *ring;   /* (window) 1 where right */
    uint64_t *count; /* (2) frames, and right ones in the window */
    double *fading;  /* (2) right and all, fading */
};

void ff_prequential_carve(struct ff_prequential *p, struct ff_arena *a);
void ff_prequential_add(struct ff_prequential *p, bool right);

/* Share right of the newest n (at most the window) frames, of the window, and
   fading; NaN before the first frame. */
double ff_prequential_newest(const struct ff_prequential *p, uint64_t n);
double ff_prequential_window(const struct ff_prequential *p);
double ff_prequential_fading(const struct ff_prequential *p);

#endif
