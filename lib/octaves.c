#include "lib/octaves.h"

#include <math.h>

#define FLOOR 1e-4f /* of standardised values: a hundredth of a deviation */

/* The bin behind a band that begins at this one. */
static size_t behind(size_t bin, size_t bins)
{
    size_t next = (size_t)lround((double)bin * 1.41421356237309504880);
    next = next > bin ? next : bin + 1;
    return next < bins ? next : bins;
}

size_t ff_octaves_out(size_t n)
{
    size_t bins = ff_spectrum_bins(n), out = 1;
    for (size_t bin = 1; bin < bins; bin = behind(bin, bins))
        out++;
    return out;
}

void ff_octaves_carve(struct ff_octaves *o, struct ff_arena *a, size_t n)
{
    ff_spectrum_carve(&o->spectrum, a, n, false);
    o->x = ff_arena_take(a, n, sizeof *o->x);
    o->P = ff_arena_take(a, o->spectrum.bins, sizeof *o->P);
}

void ff_octaves_find(struct ff_octaves *o, const float *x, size_t stride,
                     float *out)
{
    size_t n = o->spectrum.n, bins = o->spectrum.bins;
    float mean = 0;
    for (size_t t = 0; t < n; t++)
        mean += x[t * stride] / (float)n;
    for (size_t t = 0; t < n; t++)
        o->x[t] = x[t * stride] - mean;
    ff_spectrum_power(&o->spectrum, o->x, 1, o->P);
    *out = mean;
    for (size_t bin = 1; bin < bins; bin = behind(bin, bins)) {
        size_t end = behind(bin, bins);
        float sum = 0;
        for (size_t f = bin; f < end; f++)
            sum += o->P[f];
        out += stride;
        *out = logf(sum / (float)(end - bin) + FLOOR);
    }
}
