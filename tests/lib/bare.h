/*
 * bare.h -- a layer by itself, outside any model, and its loss.
 *
 * Rows of noise go through one layer of any kind, whose parameters are at
 * random too, and its verdicts are asked for classes. So a gradient can be
 * held against differences of the loss, and a fast loop against a naive one,
 * with nothing of a model in between.
 */
#ifndef FF_TEST_BARE_H
#define FF_TEST_BARE_H

#include "lib/loss.h"
#include "tests/lib/support.h"

#define BARE_ROWS     ((size_t)20) /* more than are unfolded together */
#define BARE_CLASSES  ((size_t)4)
#define BARE_VERDICTS (BARE_CLASSES + 1)
#define BARE_EPS      2e-3f

/* What a layer is, and what it sees: with a kernel it is a convolution, with
   but a pool recurrent, with neither dense. */
struct look {
    const char *name;
    size_t shape[3], units;
    struct ff_conv_spec conv;
};

/* One layer, and its answer to n rows. */
struct bare {
    struct ff_arena arena;
    struct ff_layer l;
    struct ff_loss loss;
    struct ff_trace t; /* h is a */
    size_t n, params_n;
    float *params;
    float *x;      /* (n, D) */
    float *G, *dG; /* (n, BARE_VERDICTS) */
    float *dz;     /* (n, H) */
    int class_[BARE_ROWS];
    uint8_t live[BARE_VERDICTS];
};

/* The checked specification of a model of that one layer. */
struct ff_spec bare_spec(const struct look *look);

/* Where a layer whose sizes are known has its parameters, W first. */
void bare_place(struct ff_layer *l);

/* Everything at random, what is expected of the input as well; the same look
   gives the same numbers. n is at most BARE_ROWS. */
void bare_init(struct bare *b, const struct look *look, size_t n);

void bare_release(struct bare *b);

/* From x to h and q. */
void bare_forward(struct bare *b);

/* The loss of all rows, from t.a on; fills everything down to dG. */
double bare_judge(struct bare *b);

/* The same, from x on. */
double bare_loss(struct bare *b);

/* dL/dz of all rows, for update, after the loss; q is used up. */
void bare_find_dz(struct bare *b);

/* The slope of the loss in a number that it depends on, by central
   differences. */
double bare_slope(struct bare *b, float *at, double (*loss)(struct bare *));

#endif
