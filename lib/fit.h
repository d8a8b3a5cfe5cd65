/*
 * fit.h -- what is fitted now and then, out of memory, beside learning: the
 * closed-form read-out, the temperature of confidence, and typicality.
 *
 * Running statistics of features would go stale while the net still moves
 * (class-incremental, 49 % instead of 94: learning.md, section 2), so all of
 * it is made anew each time from remembered frames, and judged on spared ones,
 * by a view of the present net.
 *
 *   closed form  linear discriminant analysis of the features (gauss.h); only
 *                where it is to answer
 *   temperature  of whoever answers, on spared frames (calibrate.h)
 *   typicality   a p-value out of three witnesses, spared frames again
 *                (typical.h): how like a dream the frame looks; how far it lies
 *                from every class as it comes in, its length forgotten (or,
 * with more than FF_FIT_INPUTS inputs, as the first layer answers); and how
 * much farther from every class than from frames in general, as the last layer
 * answers
 *
 * ff.h has the three steps: begin copies what is needed and takes a view, with
 * the baton; run needs no baton; install takes the result in, with the baton.
 */
#ifndef FF_FIT_H
#define FF_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/answer.h"
#include "lib/arena.h"
#include "lib/ff.h"
#include "lib/gauss.h"
#include "lib/pass.h"
#include "lib/typical.h"

struct ff_model;
struct ff_view;

#define FF_FIT_ROWS   64   /* frames in one pass, at most */
#define FF_FIT_INPUTS 1024 /* distances cost the square of it a frame */

enum {
    FF_WITNESS_DREAM,
    FF_WITNESS_FAR, /* D of the input */
    FF_WITNESS_TOP, /* R of the last layer */
    FF_WITNESSES
};

/* A result. All zero: nothing is fitted yet. */
struct ff_fit {
    uint64_t version;   /* changes with it, so that a copy is known to be one */
    uint64_t *done;     /* (1) 1: it is one */
    float *temperature; /* (1) */
    struct ff_gauss_fit answer, far, top; /* F 0: not asked for */
    struct ff_typical typical;
};

/* What a pass is looked at for, beside answers. */
struct ff_witness_room {
    float *far; /* (B, F of far) */
    float *top; /* (B, F of top) */
    float *w;   /* (B, FF_WITNESSES) */
    float *s;   /* (B, K) */
};

/* One on its way. */
struct ff_fitting {
    bool busy;                        /* begun and not yet installed */
    int status;                       /* of the run */
    const struct ff_view *view;       /* held while busy */
    uint64_t seq;                     /* of its beginning */
    struct ff_gauss answer, far, top; /* sums; F 0: not asked for */
    struct ff_fit next;
    struct ff_pass pass; /* (at most FF_FIT_ROWS) */
    struct ff_opinion opinion;
    size_t n, spared; /* frames copied: remembered ones, then these */
    uint8_t *rows;    /* (n + spared, row bytes) */
    int *class_;      /* (n + spared) */
    float *logits;    /* (spared, K) */
    float *witness;   /* (spared, FF_WITNESSES) */
    float *room;      /* (spared) */
    struct ff_witness_room hear; /* (likewise) */
};

void ff_fit_carve(struct ff_fit *f, struct ff_arena *a,
                  const struct ff_model *m);
void ff_fit_copy(struct ff_fit *to, const struct ff_fit *from);

/*
 * What remains of a fit when a class's label was merged into another's
 * (ff_fit_merge), or the class is forgotten: the read-out knows the class no
 * more and goes on with the others. What is typical is a matter of all frames
 * and not of labels, so it stays after a merge; after a class was forgotten
 * nothing is said of it until the next fit, which is due.
 */
void ff_fit_merge(struct ff_model *m, int from);
void ff_fit_forget(struct ff_model *m, int class_);

void ff_fitting_carve(struct ff_fitting *f, struct ff_arena *a,
                      const struct ff_model *m);

/* Who answers for m, given what is fitted. */
enum ff_answer_kind ff_fit_answers_by(const struct ff_fit *f,
                                      const struct ff_model *m);

void ff_witness_carve(struct ff_witness_room *r, struct ff_arena *a,
                      const struct ff_model *m, size_t B);

/* Witnesses of the first n rows of a pass, into r->w; before anybody is asked
   for an opinion, which may use the pass up. */
void ff_witness_hear(struct ff_witness_room *r, const struct ff_fit *f,
                     const struct ff_view *v, const struct ff_pass *p,
                     size_t n);

#endif
