/*
 * layer.h -- one Forward-Forward layer.
 *
 * A layer forgets how long its input was, answers with activity, and is
 * judged by its squares: which of them speak for which class. It learns from
 * that verdict alone; nothing returns from above.
 *
 * B frames, D inputs, H activities, Q squares, N verdicts (a class each and,
 * last, delusion; or one for the whole layer); all arrays row-major.
 *
 *     u = what the layer makes of x    (B, D)
 *     a = what it answers to u         (B, H)
 *     h = relu(a)                      (B, H)  passed up
 *     q = squares of h                 (B, Q)
 *     G = c + q V'                     (B, N)  goodness.h
 *
 * There are three kinds, each the table of functions below; nobody asks
 * elsewhere which one a layer is.
 *
 *   dense.c  H units that see all of the input; q = h^2, Q = H
 *   conv.c   channels that see a window of it, everywhere; H = height x width
 *            x channels, and q is the mean of h^2 over each cell of a grid;
 *            of an input that is one column wide the window moves down it alone
 *   recurrent.c  units that go down its lines, steps in time, and hear what
 *            they answered before; H = steps x units, q as of a convolution
 *
 * The numbers a layer learns (W, b, V, c, and what it expects of its input)
 * live in one flat array for the whole model, so that its average, a view and
 * a snapshot are each one pass over memory; a layer knows only its offsets.
 * What its update needs beside them (running squares) belongs to the layer.
 */
#ifndef FF_LAYER_H
#define FF_LAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/ff.h"
#include "lib/rng.h"
#include "lib/update.h"

/* Where a convolution is: see struct ff_conv_spec. A recurrent layer has pool
   and grid. */
struct ff_window {
    size_t kernel, stride, pad, pool, groups, grid; /* down, and */
    struct {
        size_t kernel, pad, pool, grid;
    } across;          /* the width: the same, or over time 1 (pad 0) */
    size_t high, wide; /* answers before the pool */
    size_t frames;     /* that are unfolded together, or, with 1, */
    size_t lines;      /* of answers of it; a multiple of pool */
};

struct ff_layer {
    const struct ff_layer_kind *kind;
    size_t in[3];  /* height, width, channels of the input; a dense layer over
                      a dense one has 1, 1, D */
    size_t out[3]; /* and of what is passed up: 1, 1, H if dense */
    size_t D, H, Q, N;
    size_t R, C; /* W is (R, C): R units, or channels */
    size_t S;    /* places that are judged each by itself (self_contrastive on a
                    convolution: each place of its output); else 1 */
    size_t state; /* numbers a row that its update needs beside u and h */
    size_t M;     /* entries of mean (and variance); 0: none */
    size_t W, b, V, c, mean; /* offsets into the parameters: (R, C), (R),
                                (N, Q), (N), (M) */
    size_t variance;         /* (M) behind the mean; dense layers have none */
    struct ff_window window; /* convolution, recurrent */
    struct ff_rule W_rule, b_rule, V_rule, c_rule; /* with the row rule, b
                                                      follows W's */
    float *activity; /* (R) running mean of h, for the peer term */
};

/* What one micro-batch of B frames asks of every layer. */
struct ff_lesson {
    size_t B;
    struct ff_step_size step;
    const uint8_t *live; /* (N) verdicts that take part */
};

/*
 * Room for one pass of n frames through a layer; borrowed. `at` says which
 * answer of each pool was the greatest; NULL for kinds that have none, as room
 * is.
 */
struct ff_trace {
    float *u;     /* (n, D) */
    float *a;     /* (n, H) */
    float *h;     /* (n, H); may be a */
    float *q;     /* (n, Q) */
    uint8_t *at;  /* (n, H) */
    float *state; /* (n, ff_layer.state), what forward leaves for update */
    float *G;     /* (n, S, N) */
    float *room;  /* ff_layer_kind.room numbers */
};

struct ff_layer_kind {
    const char *name;
    bool remembers; /* which answer of a pool was the greatest: trace.at */
    bool scales;    /* by the variance of its input, beside the mean */

    /* D, in, units and window are known: find the other sizes. */
    void (*size)(struct ff_layer *l, bool centred);

    /* Numbers of room that forward, update and climb need. */
    size_t (*room)(const struct ff_layer *l);

    /* Rules for W and b. */
    void (*carve)(struct ff_layer *l, struct ff_arena *a,
                  enum ff_update_kind kind);

    /* Random W, everything else at rest. */
    void (*init)(const struct ff_layer *l, float *params, struct ff_rng *g);

    /* Unit j, or what all units make of input channel i, as init would have
       made it. Other parameters stay. */
    void (*renew_unit)(const struct ff_layer *l, float *params, size_t j,
                       struct ff_rng *g);
    void (*renew_input)(const struct ff_layer *l, float *params, size_t i,
                        struct ff_rng *g);

    /* Units a and b, or what is made of input channels a and b, change
       places. */
    void (*swap_units)(const struct ff_layer *l, float *params, size_t a,
                       size_t b);
    void (*swap_inputs)(const struct ff_layer *l, float *params, size_t a,
                        size_t b);

    /* Fill t->u and t->a (and t->at) from x; u may be x itself. */
    void (*forward)(const struct ff_layer *l, const float *params,
                    const float *x, size_t n, const struct ff_trace *t);

    /* h = relu(z) and its squares q; h may be z. */
    void (*square)(const struct ff_layer *l, const float *z, float *h, float *q,
                   size_t n);

    /* dz (n, H) = dL/dz out of dq (n, Q) = dL/dq; a unit that is off gets
       exactly zero. dz may be dq where H = Q. */
    void (*gate)(const struct ff_layer *l, float *dz, const float *dq,
                 const float *h, size_t n);

    /*
     * Move W and b down dz = dL/da, which is used up. Only the n rows of the
     * micro-batch that surprised are given, with their trace: the others would
     * add nothing. With none, nothing moves, running squares included.
     */
    void (*update)(struct ff_layer *l, float *params, const struct ff_trace *t,
                   float *dz, size_t n, const struct ff_lesson *lesson);

    /* g (n, D): where the input must go to raise the squares of h; its length
       means nothing. g may be u. */
    void (*climb)(const struct ff_layer *l, const float *params,
                  const struct ff_trace *t, float *g, size_t n);
};

extern const struct ff_layer_kind ff_dense, ff_conv, ff_recurrent;

/* Whether what layer l sees is a window over time, one column wide: of such a
   frame, or above a recurrent layer. */
bool ff_layer_over_time(const struct ff_spec *spec, size_t l);

/*
 * What the layers of a checked spec are, from the input up: kind, sizes, not
 * yet offsets. The first sees `slots` inputs more than a frame has values.
 */
void ff_layers_size(struct ff_layer *layer, const struct ff_spec *spec,
                    size_t slots);

/* The peer term: pull of each unit's mean activity (over n frames and all
   places) towards its layer's, added to dz, not gated by relu: it alone can
   revive a dead unit. */
void ff_layer_peer(struct ff_layer *l, const float *h, float *dz, size_t n,
                   const struct ff_step_size *step);

/* The end of an update whose rules hold the whole gradient of W and b: they
   move, and what is expected of the input follows its n rows u. */
void ff_layer_apply(struct ff_layer *l, float *params, const float *u, size_t n,
                    const struct ff_lesson *lesson);

#endif
