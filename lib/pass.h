/*
 * pass.h -- one forward pass: what every layer saw, did and thought of it.
 *
 * B rows, D0 inputs of the first layer, D_l inputs, H_l activities and Q_l
 * squares of layer l, N verdicts, F = sum of Q_l features; arrays row-major.
 *
 * Learning and answering are the same pass over different weights: the live
 * ones, or those of a view. What is passed from layer to layer is direction
 * only. The features that a read-out sees are the roots of the squares, of all
 * layers side by side: of a dense layer, its activity.
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
#include "lib/layer.h"

struct ff_model;

struct ff_pass {
    size_t B;     /* rows there is room for */
    size_t pairs; /* see above */
    float *x;     /* (B, D0) values; becomes the first layer's u */
    /* What each layer did. The first one's u is x; h takes a's place unless it
       is needed afterwards; learning turns q into dL/dq. */
    struct ff_trace layer[FF_LAYERS_MAX];
    float *dz;   /* (B, H_l) of a layer where q has no room for it; else NULL */
    float *G;    /* of all layers, (B, S, N) each: theirs point in here */
    float *kept; /* (B, D) frames as they came, for label_pattern and
                    top_down; else NULL */
    /* (B, H_0), (B), (H_0), (H_0): see label_overlay.c; NULL for others.
       top_down has the numbers of labels in `one` */
    float *base, *one, *column, *rest;
};

/* Rows of a pass that answers for at most so many frames: fewer where frames
   are large, as they may go one after the other. */
size_t ff_pass_rows(const struct ff_model *m, size_t most);

void ff_pass_carve(struct ff_pass *p, struct ff_arena *a,
                   const struct ff_model *m, size_t B);

/* Layer l's one number for row i, where it does not judge classes: the mean
   over places. */
float ff_pass_goodness(const struct ff_model *m, const struct ff_pass *p,
                       size_t l, size_t i);

/* n rows x (n, D0) as they came in become what the first layer is shown. */
void ff_pass_look(const struct ff_model *m, float *x, size_t n);

/* n rows of p->x, as they came in, through every layer. */
void ff_pass_forward(const struct ff_model *m, struct ff_pass *p,
                     const float *params, size_t n);

/* The same, but that p->kept stays. */
void ff_pass_show(const struct ff_model *m, struct ff_pass *p,
                  const float *params, size_t n);

/* The same from layer `from` on, whose u and a are filled in already. */
void ff_pass_forward_from(const struct ff_model *m, struct ff_pass *p,
                          const float *params, size_t n, size_t from);

/* Layer l's features of n rows with a mean square of 1, out (n, stride). */
void ff_pass_layer(const struct ff_model *m, const struct ff_pass *p, size_t l,
                   size_t n, float *out, size_t stride);

/* The same of all layers side by side, out (n, F). Before they are taught, as
   above: that uses the squares up. */
void ff_pass_features(const struct ff_model *m, const struct ff_pass *p,
                      size_t n, float *out);

#endif
