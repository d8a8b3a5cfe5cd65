/*
 * moments.h -- running mean and variance of C channels.
 *
 * The n-th value x of a channel, w = 1 / min(n, horizon), d = x - mean:
 *
 *     mean += w d,   variance = (1 - w) (variance + w d^2)
 *
 * exact for the first `horizon` values (West, Communications of the ACM 22,
 * 1979), fading afterwards. Once a channel is known a d of more than 4
 * deviations counts as 4 (it is winsorised): one spike moves little, and a
 * level that changed for good is followed all the same.
 */
#ifndef FF_MOMENTS_H
#define FF_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"

#define FF_MOMENTS_REACH 8 /* deviations; what is farther is as far */

struct ff_moments {
    size_t C;
    float *mean, *variance; /* (C) */
    uint64_t *n;            /* (C) values, at most the horizon */
};

/* One more value of channel c. */
void ff_moments_add(struct ff_moments *m, size_t c, float x, uint64_t horizon);

/* (x - mean) / deviation, within FF_MOMENTS_REACH; 0 of a channel that never
   varied. */
float ff_moments_standard(const struct ff_moments *m, size_t c, float x);

#endif
