#include "daemon/histogram.h"

#include <string.h>

/* Values below 8 have a bucket each; above, 3 bits after the leading one. */
static unsigned bucket_of(uint64_t us)
{
    unsigned top, b;

    if (us < 8)
        return (unsigned)us;
    top = 63U - (unsigned)__builtin_clzll(us);
    b = (top - 2U) * 8U + (unsigned)(us >> (top - 3U) & 7U);
    return b < FFD_HISTOGRAM_BUCKETS ? b : FFD_HISTOGRAM_BUCKETS - 1;
}

/* The largest value of a bucket. */
static uint64_t bucket_end(unsigned b)
{
    unsigned shift;

    if (b < 8)
        return b;
    shift = b / 8U - 1U;
    return ((uint64_t)(8U + b % 8U + 1U) << shift) - 1U;
}

void ffd_histogram_init(struct ffd_histogram *h)
{
    memset(h, 0, sizeof(*h));
}

void ffd_histogram_add(struct ffd_histogram *h, uint64_t us)
{
    h->count++;
    h->sum_us += us;
    h->bucket[bucket_of(us)]++;
    if (us > h->max_us)
        h->max_us = us;
}

uint64_t ffd_histogram_at(const struct ffd_histogram *h, double share)
{
    uint64_t want = (uint64_t)(share * (double)h->count), seen = 0;

    if (h->count == 0)
        return 0;
    if ((double)want < share * (double)h->count || want == 0)
        want++;
    for (unsigned b = 0; b < FFD_HISTOGRAM_BUCKETS; b++) {
        seen += h->bucket[b];
        if (seen >= want) {
            uint64_t end = bucket_end(b);

            return end < h->max_us ? end : h->max_us;
        }
    }
    return h->max_us;
}

void ffd_histogram_below(const struct ffd_histogram *h, uint64_t *below,
                         const uint64_t *bounds_us, size_t n)
{
    uint64_t seen = 0;
    unsigned b = 0;

    for (size_t i = 0; i < n; i++) {
        for (; b < FFD_HISTOGRAM_BUCKETS && bucket_end(b) <= bounds_us[i]; b++)
            seen += h->bucket[b];
        below[i] = seen;
    }
}
