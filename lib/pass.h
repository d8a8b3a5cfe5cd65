/*
 * pass.h -- one forward pass: what every layer saw, did and thought of it.
 *
 * B rows, D0 inputs of the first layer, D_l inputs and H_l units of layer l, N
 * verdicts, F = sum of H_l features; all arrays row-major.
 *
 * Learning and answering are the same pass over different weights: the live
 * ones, or those of a view. What is passed from layer to layer is direction
 * only; the same, of all layers side by side, are the features that a read-out
 * sees.
 *
 * Pairs. Where an objective teaches frames with partners (self_contrastive),
 * rows i and pairs + i of the second half belong together; a layer is judged
 * by the sum of a row's activity with its own, or with its partner's. `pairs`
 * is 0 for a plain pass.
 */
#ifndef FF_PASS_H
#define FF_PASS_H

#include <stddef.h>

#include "lib/arena.h"
#include "lib/ff.h"

struct ff_model;

struct ff_pass {
    size_t B;                /* rows there is room for */
    size_t pairs;            /* see above */
    float *x;                /* (B, D0) values; becomes layer 0's u */
    float *u[FF_LAYERS_MAX]; /* (B, D_l); u[0] is x */
    float *a[FF_LAYERS_MAX]; /* (B, H_l) u W' + b; h takes its place unless
                                it is needed afterwards */
    float *h[FF_LAYERS_MAX]; /* (B, H_l) relu of what is judged */
    float *q[FF_LAYERS_MAX]; /* (B, H_l) h^2; learning turns it into dz */
    float *G;                /* (L, B, N) */
    /* (B, H_0), (B), (H_0), (H_0): see label_overlay.c; NULL for others */
    float *base, *one, *column, *rest;
};

void ff_pass_carve(struct ff_pass *p, struct ff_arena *a,
                   const struct ff_model *m, size_t B);

/* Layer l's goodness of row 0; row i is i * N further. */
float *ff_pass_verdicts(const struct ff_model *m, const struct ff_pass *p,
                        size_t l);

/* n rows of p->x through every layer. */
void ff_pass_forward(const struct ff_model *m, struct ff_pass *p,
                     const float *params, size_t n);

/* The same from layer `from` on, whose u and a are filled in already. */
void ff_pass_forward_from(const struct ff_model *m, struct ff_pass *p,
                          const float *params, size_t n, size_t from);

/* Layer l's activity of n rows with a mean square of 1, out (n, stride). */
void ff_pass_layer(const struct ff_model *m, const struct ff_pass *p, size_t l,
                   size_t n, float *out, size_t stride);

/* The features of n rows, out (n, F), each layer's with a mean square of 1. */
void ff_pass_features(const struct ff_model *m, const struct ff_pass *p,
                      size_t n, float *out);

#endif
