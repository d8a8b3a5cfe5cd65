/*
 * fit.h -- what is fitted now and then, out of memory, beside learning: the
 * closed-form read-out, the temperature of confidence, and typicality.
 *
 * Running statistics of features would go stale while the net still moves
 * (class-incremental, 49 % instead of 94: learning.md, section 2), so all of
 * it is made anew each time from remembered frames, and judged on spared ones,
 * by a view of the present net.
 *
 *   closed form  linear discriminant analysis of the features (gauss.h)
 *   temperature  of whoever answers, on spared frames (calibrate.h)
 *   typicality   out of two witnesses, spared frames again (typical.h): how
 *                like a dream the frame looks, and how far its features lie
 *                from every class
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

enum { FF_WITNESS_DREAM, FF_WITNESS_DISTANCE, FF_WITNESSES };

/* A result. All zero: nothing is fitted yet. */
struct ff_fit {
    uint64_t *done;     /* (1) 1: it is one */
    float *temperature; /* (1) */
    struct ff_gauss_fit gauss;
    struct ff_typical typical;
};

/* One on its way. */
struct ff_fitting {
    bool busy;                  /* begun and not yet installed */
    int status;                 /* of the run */
    const struct ff_view *view; /* held while busy */
    uint64_t seq;               /* of its beginning */
    struct ff_gauss sums;
    struct ff_fit next;
    struct ff_pass pass; /* (FF_FIT_ROWS) */
    struct ff_opinion opinion;
    size_t n, spared; /* frames copied: remembered ones, then these */
    uint8_t *rows;    /* (n + spared, row bytes) */
    int *class_;      /* (n + spared) */
    float *logits;    /* (spared, K) */
    float *witness;   /* (spared, FF_WITNESSES) */
    float *room;      /* (spared) */
};

#define FF_FIT_ROWS 64 /* frames in one pass */

void ff_fit_carve(struct ff_fit *f, struct ff_arena *a,
                  const struct ff_model *m);
void ff_fit_copy(struct ff_fit *to, const struct ff_fit *from);
void ff_fitting_carve(struct ff_fitting *f, struct ff_arena *a,
                      const struct ff_model *m);

/* Who answers for m, given what is fitted. */
enum ff_answer_kind ff_fit_answers_by(const struct ff_fit *f,
                                      const struct ff_model *m);

/* Witnesses (n, FF_WITNESSES) of the first n rows of a pass, whose features
   are read; before anybody is asked for an opinion, which may use it up. */
void ff_fit_witness(const struct ff_fit *f, const struct ff_view *v,
                    const struct ff_pass *p, const float *features,
                    float *scores, size_t n, float *witness);

#endif
