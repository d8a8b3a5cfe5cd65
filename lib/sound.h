/*
 * sound.h -- pieces of sound become spectra.
 *
 * A sample of the stream is the next `hop` values of sound. With it, the
 * newest `span` values (25 ms unless told) are looked at:
 *
 *     P   power spectrum (spectrum.h)
 *     E_b = sum over f of w_bf P_f           b < bands: triangles that are even
 *                                            on the mel scale
 *     log_mel   log(E_b + 1e-8): 80 dB below a wave of full scale
 *     mfcc      DCT-II of these, the first `coefficients`
 *
 * mel(f) = 2595 log10(1 + f / 700) (O'Shaughnessy, Speech Communication, 1987;
 * Davis and Mermelstein, 1980, for the whole).
 */
#ifndef FF_SOUND_H
#define FF_SOUND_H

#include <stddef.h>

#include "lib/arena.h"
#include "lib/ff.h"
#include "lib/spectrum.h"

struct ff_sound {
    size_t hop, span, bands, out; /* out: values of a spectrum */
    struct ff_spectrum spectrum;
    float *P;       /* (bins) room */
    float *E;       /* (bands) room */
    float *mel;     /* (bands, bins) triangles */
    float *cosines; /* (out, bands) of mfcc; NULL: log_mel */
};

/* Values that are looked at at once, of a stream with sound; and values of
   what they become. */
size_t ff_sound_span(const struct ff_stream_spec *s);
size_t ff_sound_out(const struct ff_stream_spec *s);

void ff_sound_carve(struct ff_sound *s, struct ff_arena *a,
                    const struct ff_stream_spec *spec);

/* The next piece (hop) after the newest values, tail (span), which it joins;
   out (out) is the spectrum of these. */
void ff_sound_hear(struct ff_sound *s, float *tail, const float *piece,
                   float *out);

#endif
