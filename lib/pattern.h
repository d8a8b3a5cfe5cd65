/*
 * pattern.h -- a label as a picture: plane waves that are orthogonal to one
 * another (Scodellaro et al., "Training Convolutional Neural Networks with the
 * Forward-Forward Algorithm", 2023, where the label is a wave all over the
 * image, so that each window of a convolution sees it).
 *
 *     P_k(y, x) = sqrt(2) cos(2 pi (fy y / height + fx x / width) + phase)
 *
 * with the k-th pair of whole frequencies, the slowest first, each with phase
 * 0 and -90 degrees. Waves of less than two periods are left out: they are what
 * light does. Strips have the sign of the wave. Mean square 1.
 */
#ifndef FF_PATTERN_H
#define FF_PATTERN_H

#include <stddef.h>

#include "lib/ff.h"

/* Orthogonal waves that a picture has room for: 40 of 8 x 8, 720 of 28 x 28,
   and none where no side has 5 pixels. */
size_t ff_pattern_waves(const struct ff_spec *spec);

/* P (K, height, width); there must be waves. Where there are more classes than
   waves, waves of one frequency get further phases (strips of which may be the
   same, so that ff_spec_check refuses them). */
void ff_pattern_draw(float *P, size_t K, const struct ff_spec *spec);

/* x (height, width, channels) += weight rms(x) P, the same in each channel; P
   (height, width). */
void ff_pattern_add(float *x, const float *P, float weight,
                    const size_t shape[3]);

#endif
