/*
 * goodness.h -- squared activity to goodness, and back to a local gradient.
 *
 *     G = c + q V'     q (B, H), V (N, H), c (N), G (B, N)
 *     dz = 2 h (dG V)  (B, H); a unit that is off gets exactly zero
 *
 * Two forms share this path. *weighted*: V and c are learned in the layer;
 * units are shared, a new class is a new row. *groups* (CwC, Papachristodoulou
 * et al., 2024): V is a fixed block matrix, class k owns H / K units and
 * G_k is the mean of its squares. Mean and not sum, so that a threshold does
 * not depend on width.
 */
#ifndef FF_GOODNESS_H
#define FF_GOODNESS_H

#include <stddef.h>

/* Fixed V of the group form: (N, H) with 1/(H/K) on class k's block. Rows
   from K on (delusion) are 0. */
void ff_goodness_groups(float *V, size_t K, size_t N, size_t H);

/* G = c + q V' */
void ff_goodness_forward(float *G, const float *q, const float *V,
                         const float *c, size_t B, size_t N, size_t H);

/* dz = 2 h (dG V), for the rows given. */
void ff_goodness_backward(float *dz, const float *dG, const float *h,
                          const float *V, size_t B, size_t N, size_t H);

#endif
