/*
 * histogram.h -- how long things took, in buckets that widen with the value.
 *
 * Microseconds. Each power of two is cut in eight, so a percentile read back
 * is at most 12.5 % above the truth, and the whole is one fixed block. Adding
 * is a few instructions: it may be done for every request and every turn of
 * the loop. Belongs to one thread.
 */
#ifndef FFD_HISTOGRAM_H
#define FFD_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define FFD_HISTOGRAM_BUCKETS 256 /* up to 2^34 us, more than four hours */

struct ffd_histogram {
    uint64_t count;
    uint64_t max_us, sum_us;
    uint64_t bucket[FFD_HISTOGRAM_BUCKETS];
};

void ffd_histogram_init(struct ffd_histogram *h);
void ffd_histogram_add(struct ffd_histogram *h, uint64_t us);

/* The value that `share` (0 to 1) of all stay at or below; 0 if there is
   none. Never above the largest value added. */
uint64_t ffd_histogram_at(const struct ffd_histogram *h, double share);

/* How many stayed at or below each of n bounds, which ascend. The bucket that
   reaches over a bound is not counted, so what is up to 12.5 % below it may be
   missing. */
void ffd_histogram_below(const struct ffd_histogram *h, uint64_t *below,
                         const uint64_t *bounds_us, size_t n);

#endif
