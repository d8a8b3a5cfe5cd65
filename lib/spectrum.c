#include "lib/spectrum.h"

#include <kissfft/kiss_fftr.h>
#include <math.h>
#include <string.h>

#define TWO_PI 6.28318530717958647692

/* The next power of two; kissfft's real transform takes even lengths. */
static size_t padded(size_t n)
{
    size_t N = 2;
    while (N < n)
        N *= 2;
    return N;
}

size_t ff_spectrum_bins(size_t n)
{
    return padded(n) / 2 + 1;
}

/* Hann's is drawn at the middle of each value, so that one is not lost. */
static void draw_window(float *w, size_t n, bool tapered)
{
    double squares = 0;
    for (size_t t = 0; t < n; t++) {
        double v = 0.5 - 0.5 * cos(TWO_PI * ((double)t + 0.5) / (double)n);
        v = tapered ? v : 1;
        squares += v * v;
        w[t] = (float)v;
    }
    for (size_t t = 0; t < n; t++)
        w[t] /= (float)sqrt(squares);
}

void ff_spectrum_carve(struct ff_spectrum *s, struct ff_arena *a, size_t n,
                       bool tapered)
{
    size_t plan = 0;
    *s = (struct ff_spectrum){.n = n, .N = padded(n)};
    s->bins = s->N / 2 + 1;
    kiss_fftr_alloc((int)s->N, 0, NULL, &plan); /* tells the size */
    s->window = ff_arena_take(a, n, sizeof *s->window);
    s->in = ff_arena_take(a, s->N, sizeof *s->in);
    s->out = ff_arena_take(a, s->bins, sizeof(kiss_fft_cpx));
    s->plan = ff_arena_take(a, plan, 1);
    if (!s->plan)
        return;
    kiss_fftr_alloc((int)s->N, 0, s->plan, &plan);
    draw_window(s->window, n, tapered);
}

void ff_spectrum_power(struct ff_spectrum *s, const float *x, size_t stride,
                       float *P)
{
    const kiss_fft_cpx *out = s->out;
    for (size_t t = 0; t < s->n; t++)
        s->in[t] = s->window[t] * x[t * stride];
    memset(s->in + s->n, 0, (s->N - s->n) * sizeof *s->in);
    kiss_fftr(s->plan, s->in, s->out);
    for (size_t f = 0; f < s->bins; f++)
        P[f] = out[f].r * out[f].r + out[f].i * out[f].i;
}
