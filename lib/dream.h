/*
 * dream.h -- negative data out of the model's own memories and activity.
 *
 * Half are hybrids: two remembered frames, joined along a random mask of large
 * patches (Hinton 2022, section 3.2): parts that are real, a whole that is
 * not. Half climb: a remembered frame is moved CLIMB_STEPS times up the first
 * layer's own goodness, x += 0.5 range g / max|g| with g = h W, clipped to the
 * range of what was ever seen: what excites the layer most, whether it exists
 * or not. Both need one layer and nothing flows backward through two.
 */
#ifndef FF_DREAM_H
#define FF_DREAM_H

#include <stddef.h>

#include "lib/ff.h"
#include "lib/model.h"

/* Put n (at most spec.batch) dreams of one kind into x (n, D), drawing from g.
   The memory holds at least one frame. Uses the work space, not its x. */
void ff_dream_make(const struct ff_model *m, struct ff_rng *g,
                   enum ff_dream_kind kind, float *x, size_t n);

#endif
