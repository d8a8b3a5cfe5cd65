#include "lib/sound.h"

#include <math.h>
#include <string.h>

#define PI     3.14159265358979323846
#define FLOOR  1e-8f
#define LOWEST 60.0 /* hertz; below are hum and what a microphone adds */

size_t ff_sound_span(const struct ff_stream_spec *s)
{
    return s->span > 0 ? s->span : s->rate / 40;
}

size_t ff_sound_out(const struct ff_stream_spec *s)
{
    return s->sound == FF_SOUND_MFCC ? s->coefficients : s->bands;
}

static double mel_of(double hertz)
{
    return 2595 * log10(1 + hertz / 700);
}

static double hertz_of(double mel)
{
    return 700 * (pow(10, mel / 2595) - 1);
}

/* Edge b of bands + 2, which lie evenly from LOWEST to half the rate, in
   bins. */
static double edge(const struct ff_sound *s, size_t b, double rate)
{
    double bottom = mel_of(LOWEST), range = mel_of(rate / 2) - bottom;
    double hertz =
        hertz_of(bottom + range * (double)b / (double)(s->bands + 1));
    return hertz / rate * (double)s->spectrum.N;
}

static void draw_triangles(struct ff_sound *s, double rate)
{
    for (size_t b = 0; b < s->bands; b++) {
        double left = edge(s, b, rate), top = edge(s, b + 1, rate),
               right = edge(s, b + 2, rate);
        for (size_t f = 0; f < s->spectrum.bins; f++) {
            double up = ((double)f - left) / (top - left);
            double down = (right - (double)f) / (right - top);
            double w = fmin(up, down);
            s->mel[b * s->spectrum.bins + f] = w > 0 ? (float)w : 0;
        }
    }
}

static void draw_cosines(struct ff_sound *s)
{
    for (size_t i = 0; i < s->out; i++)
        for (size_t b = 0; b < s->bands; b++)
            s->cosines[i * s->bands + b] =
                (float)(cos(PI * (double)i * ((double)b + 0.5) /
                            (double)s->bands) *
                        sqrt((i == 0 ? 1.0 : 2.0) / (double)s->bands));
}

void ff_sound_carve(struct ff_sound *s, struct ff_arena *a,
                    const struct ff_stream_spec *spec)
{
    *s = (struct ff_sound){.hop = spec->shape[0],
                           .span = ff_sound_span(spec),
                           .bands = spec->bands,
                           .out = ff_sound_out(spec)};
    ff_spectrum_carve(&s->spectrum, a, s->span, true);
    s->P = ff_arena_take(a, s->spectrum.bins, sizeof *s->P);
    s->E = ff_arena_take(a, s->bands, sizeof *s->E);
    s->mel = ff_arena_take(a, s->bands * s->spectrum.bins, sizeof *s->mel);
    if (spec->sound == FF_SOUND_MFCC)
        s->cosines = ff_arena_take(a, s->out * s->bands, sizeof *s->cosines);
    if (!s->mel)
        return;
    draw_triangles(s, (double)spec->rate);
    if (s->cosines)
        draw_cosines(s);
}

static float dot(const float *a, const float *b, size_t n)
{
    float sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void join(struct ff_sound *s, float *tail, const float *piece)
{
    size_t fresh = s->hop < s->span ? s->hop : s->span;
    memmove(tail, tail + fresh, (s->span - fresh) * sizeof *tail);
    memcpy(tail + s->span - fresh, piece + s->hop - fresh,
           fresh * sizeof *tail);
}

void ff_sound_hear(struct ff_sound *s, float *tail, const float *piece,
                   float *out)
{
    size_t bins = s->spectrum.bins;
    float *log_mel = s->cosines ? s->E : out;
    join(s, tail, piece);
    ff_spectrum_power(&s->spectrum, tail, 1, s->P);
    for (size_t b = 0; b < s->bands; b++)
        log_mel[b] = logf(dot(s->mel + b * bins, s->P, bins) + FLOOR);
    for (size_t i = 0; s->cosines && i < s->out; i++)
        out[i] = dot(s->cosines + i * s->bands, s->E, s->bands);
}
