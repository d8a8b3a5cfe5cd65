/*
 * layer.h -- one Forward-Forward layer.
 *
 * A layer forgets how long its input was, answers with activity, and is
 * judged by its squares: which of them speak for which class. It learns from
 * that verdict alone; nothing returns from above.
 *
 * B frames, D inputs, H units, N verdicts (a class each and, last, delusion; or
 * one for the whole layer); all arrays row-major.
 *
 *     u = x / rms(x)          (B, D)  length is the verdict of the layer below;
 *                                     passed on, we would copy, not learn
 *     a = u W' + b            (B, H)
 *     h = relu(a)             (B, H)
 *     q = h^2                 (B, H)
 *     G = c + q V'            (B, N)  goodness.h
 *
 * With normalise: centred the running mean of u is taken off u, so that
 * learning one thing does not move the answer to all others the same way:
 *
 *     u = x / rms(x) - mean
 *     mean += rate (mean of u over the frames that surprised)
 *
 * It is one of the parameters, so answers come from its average too. Nothing
 * in it depends on labels.
 *
 * The numbers a layer learns (W, b, V, c) live in one flat array for the
 * whole model, so that its average, a view and a snapshot are each one pass
 * over memory; a layer knows only its offsets. What its update needs beside
 * them (running squares) belongs to the layer.
 *
 * A kind of layer is the table of functions below; nobody switches over
 * kinds elsewhere.
 */
#ifndef FF_LAYER_H
#define FF_LAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/rng.h"
#include "lib/update.h"

struct ff_layer {
    const struct ff_layer_kind *kind;
    size_t D, H, N;
    size_t W, b, V, c; /* offsets into the parameters: (H, D), (H), (N, H),
                          (N) */
    size_t mean;       /* (D) of u before it was taken off; none unless */
    bool centred;      /* normalise: centred */
    struct ff_rule W_rule, b_rule, V_rule, c_rule; /* with the row rule, b
                                                      follows W's */
    float *activity; /* (H) running mean of h, for the peer term */
};

/* What one micro-batch of B frames asks of every layer. */
struct ff_lesson {
    size_t B;
    struct ff_step_size step;
    const uint8_t *live; /* (N) verdicts that take part */
};

struct ff_layer_kind {
    const char *name;

    /* Random W, everything else 0. */
    void (*init)(const struct ff_layer *l, float *params, struct ff_rng *g);

    /* Unit j, or what all units make of input i, as init would have made it.
       Other parameters stay. */
    void (*renew_unit)(const struct ff_layer *l, float *params, size_t j,
                       struct ff_rng *g);
    void (*renew_input)(const struct ff_layer *l, float *params, size_t i,
                        struct ff_rng *g);

    /* Units a and b, or what is made of inputs a and b, change places. */
    void (*swap_units)(const struct ff_layer *l, float *params, size_t a,
                       size_t b);
    void (*swap_inputs)(const struct ff_layer *l, float *params, size_t a,
                        size_t b);

    /* Fill u and a = u W' + b from x; u may be x itself. */
    void (*forward)(const struct ff_layer *l, const float *params,
                    const float *x, size_t B, float *u, float *a);

    /*
     * Move W and b down dz = dL/d(u W' + b), which is used up. Only the n
     * rows of the micro-batch that surprised are given: the others would add
     * nothing. With none, nothing moves, running squares included. u (n, D), h
     * (n, H), dz (n, H).
     */
    void (*update)(struct ff_layer *l, float *params, const float *u,
                   const float *h, float *dz, size_t n,
                   const struct ff_lesson *lesson);
};

extern const struct ff_layer_kind ff_dense;

#endif
