/*
 * goodness.h -- squared activity to goodness, and back to a local gradient.
 *
 *     G = c + q V'     q (B, Q), V (N, Q), c (N), G (B, N)
 *     dq = dG V        (B, Q); through h by the layer, layer.h
 *
 * Three forms share this path. *weighted*: V and c are learned in the layer;
 * units are shared, a new class is a new row. *groups* (CwC, Papachristodoulou
 * et al., 2024): V is a fixed block matrix, class k owns H / K units and
 * G_k is the mean of its squares. Mean and not sum, so that a threshold does
 * not depend on width. *layer* (Hinton, 2022): one verdict, the mean of all
 * squares.
 */
#ifndef FF_GOODNESS_H
#define FF_GOODNESS_H

#include <stddef.h>

/* Fixed V of the group form: (N, Q), class k's row the mean over its own K-th
   of each R squares, the units of one place. Rows from K on (delusion) are 0.
   */
void ff_goodness_groups(float *V, size_t K, size_t N, size_t Q, size_t R);

/* The one fixed row of the layer form: V (Q), 1/Q each; G is the mean of q. */
void ff_goodness_layer(float *V, size_t Q);

/* h = relu(a); h may be a. */
void ff_goodness_relu(float *h, const float *a, size_t n);

/* h = relu(z), q = h^2; h may be z. */
void ff_goodness_rectify(float *h, float *q, const float *z, size_t n);

/* What pairs are judged by: z (2 n, H) of a (2 n, H), z_i = a_i + a_i in the
   first half and a_i + a_(n+i) in the second: a frame with itself, and with
   its partner (Chen et al., "Self-Contrastive Forward-Forward Algorithm",
   2024). */
void ff_goodness_pair(float *z, const float *a, size_t n, size_t H);

/* Back again, in place: dL/dz (2 n, H) to dL/da. */
void ff_goodness_unpair(float *dz, size_t n, size_t H);

/* G = c + q V' */
void ff_goodness_forward(float *G, const float *q, const float *V,
                         const float *c, size_t B, size_t N, size_t H);

/* G (n), the mean of R squares of each of n places, and back: dz (n, R). */
void ff_goodness_places(float *G, const float *h, size_t n, size_t R);
void ff_goodness_unplace(float *dz, const float *dG, const float *h, size_t n,
                         size_t R);

/* dz = 2 h dq; dz may be dq. */
void ff_goodness_gate(float *dz, const float *dq, const float *h, size_t n);

#endif
