/*
 * paired.h -- what is real against what is not, one number a layer.
 *
 * The objectives whose goodness is of the whole layer share this. The first
 * `pairs` rows of the work space are positive, the next as many their
 * negatives, in the same order; further rows stand alone, and their role says
 * what they are. A row with FF_ROLE_NONE takes no part, and its partner then
 * stands alone.
 *
 *     loss of a pair   log(1 + e^(theta - g+)) + log(1 + e^(g- - theta-)), or,
 *                      symmetric, log(1 + e^(-alpha (g+ - g-)))
 */
#ifndef FF_PAIRED_H
#define FF_PAIRED_H

#include <stddef.h>

#include "lib/ff.h"
#include "lib/loss.h"

struct ff_model;

struct ff_loss ff_paired_loss(const struct ff_spec *spec);

/* See objective.h. */
void ff_paired_gradients(struct ff_model *m, size_t l, size_t n);

#endif
