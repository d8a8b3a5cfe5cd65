/*
 * objective.h -- what is positive, what is negative, and how goodness becomes
 * an answer. One of each kind, in a file of its own:
 *
 *   competitive.c       classes compete within a layer (the default)
 *   label_overlay.c     a frame with its label against one with a wrong one
 *   label_pattern.c     the same, the label a pattern all over the picture
 *   top_down.c          the same, the label above all layers, which settle
 *   hybrid.c            a frame against a hybrid of two frames
 *   self_contrastive.c  a frame with itself against a frame with another
 *   sequence.c          the symbol that comes next; it has no passes, and none
 *                       of the functions below
 *
 * An objective is the table of functions below; nobody else asks which one a
 * model has.
 *
 * Awake, ff_learn reads n frames into the first rows of the work space,
 * `prepare` may add rows that go through the same pass, the pass is made, each
 * frame is answered for, and `learn` teaches. Asleep, `sleep` fills rows out
 * of memory and teaches them. Teaching is ff_model_teach (step.c), which asks
 * `gradients` what each row's goodness should have been.
 */
#ifndef FF_OBJECTIVE_H
#define FF_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"

struct ff_model;
struct ff_pass;

/* What a row of the work space is. */
enum ff_role {
    FF_ROLE_REAL,      /* positive: of its class */
    FF_ROLE_LIFT,      /* positive, and nothing else is to sink */
    FF_ROLE_PAIR,      /* its class up, the wrong one believed most down */
    FF_ROLE_CONFUSION, /* negative: of a class that it is not */
    FF_ROLE_DREAM,     /* negative: the model made it */
    FF_ROLE_NONE       /* looked at, not taught */
};

/* Rows of one sleeping micro-batch, by what they were. */
struct ff_night {
    size_t n; /* rows filled */
    size_t replayed, confused, dreamt;
};

struct ff_objective {
    const char *name;
    bool needs_labels;   /* a frame without one cannot be learned */
    bool label_slots;    /* the first layer sees K inputs more: the label */
    bool settles;        /* a layer sees what is above as well: the next one,
                            or for the last K inputs, the label */
    bool patterns;       /* the label is added to the picture: pattern.h */
    bool judges_sums;    /* see pass.h, pairs */
    bool centred;        /* a frame's mean is taken off its values */
    bool answers;        /* goodness answers for labels without a read-out */
    int blurs;           /* of the masks of hybrids; see image.h */
    size_t rows_a_frame; /* rows of work that go with one frame, at most */

    /* Put a label, or with -1 the neutral one, into a row of the first layer's
       input that holds a frame. NULL: rows have no label. */
    void (*write_label)(const struct ff_model *m, float *row, int class_);

    /* n rows of p->x through every layer. NULL: from the first to the last. */
    void (*forward)(const struct ff_model *m, struct ff_pass *p,
                    const float *params, size_t n);

    /* Add rows behind the n frames; how many there are now. NULL: none. */
    size_t (*prepare)(struct ff_model *m, size_t n);

    /* Teach the n frames, `rows` with what prepare added; the pass over them
       is made. FF_EFINITE moves nothing. */
    int (*learn)(struct ff_model *m, size_t n, size_t rows);

    /* Make the pass of rows that were composed, pairs of them first, and teach
       them; see labelled.c. NULL: one pass. */
    int (*teach)(struct ff_model *m, size_t pairs, size_t rows);

    /* One micro-batch of sleep: pays debt. FF_EFINITE as above. */
    int (*sleep)(struct ff_model *m, struct ff_night *night);

    /* dL/dG of layer l for n rows of work. */
    void (*gradients)(struct ff_model *m, size_t l, size_t n);

    /*
     * How much the layers find for each class, as logits (n, K), for n frames
     * whose pass is made; classes with live[k] 0 are not looked at. goodness
     * (n, L, K), or NULL: each layer's own. May use the pass up. NULL where
     * `answers` is false.
     */
    void (*answer)(const struct ff_model *m, struct ff_pass *p,
                   const float *params, const uint8_t *live, size_t n,
                   float *logits, float *goodness);
};

extern const struct ff_objective ff_competitive, ff_label_overlay,
    ff_label_pattern, ff_top_down, ff_hybrid, ff_self_contrastive,
    ff_next_symbol;

const struct ff_objective *ff_objective_of(enum ff_objective_kind kind);

#endif
