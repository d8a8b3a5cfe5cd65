/*
 * anomaly.h -- does a stream do what it has done before? No labels are needed.
 *
 * A window w (D values, as layers see it) is compared with R windows that are
 * remembered, an even sample of all that came (Vitter's reservoir, 1985):
 *
 *     s = mean squared distance to the k nearest of these
 *     p = (1 + how many of the last 2,000 scores are >= s) / (1 + how many
 *         there are)
 *
 * Each score was made before its window was remembered, so an ordinary window
 * has p <= a with a chance of about a (exactly, if windows came in any order:
 * Laxhammar and Falkman, "Conformal Prediction for Distribution-Independent
 * Anomaly Detection in Streaming Vessel Data", 2010). Windows of one key that
 * share samples are not compared: they are near whatever happens.
 *
 * An alarm is raised where p <= level, and then not again for that key until a
 * whole window is past: one alarm an episode.
 *
 * Distances of the standardised values did better than typicality out of what
 * layers answer, and than errors of prediction (README.md has the figures).
 */
#ifndef FF_ANOMALY_H
#define FF_ANOMALY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/rng.h"

#define FF_ANOMALY_SCORES 2000
#define FF_ANOMALY_LEAST  200 /* scores below which nothing is claimed */

struct ff_anomaly {
    size_t R, D, k;
    float *rows;      /* (R, D) */
    uint64_t *key;    /* (R) whose it is, */
    uint64_t *made;   /* (R) and its number among that key's */
    uint64_t *seen;   /* (1) windows that came */
    float *scores;    /* (scores) a ring */
    uint64_t *scored; /* (1) */
    uint64_t *alarms; /* (1) raised */
};

void ff_anomaly_carve(struct ff_anomaly *a, struct ff_arena *arena, size_t R,
                      size_t D, size_t k);

/* s of a window, the made-th of its key, which shares samples with the `shares`
   before it; NaN while too few are remembered. */
float ff_anomaly_score(const struct ff_anomaly *a, const float *w, uint64_t key,
                       uint64_t made, uint64_t shares);

/* p of a window of this score; NaN while nothing is claimed. */
float ff_anomaly_p(const struct ff_anomaly *a, float s);

/* It came: its score counts from now on, and it may be remembered. */
void ff_anomaly_keep(struct ff_anomaly *a, const float *w, float s,
                     uint64_t key, uint64_t made, struct ff_rng *g);

/* No window is kept; scores are. */
void ff_anomaly_forget(struct ff_anomaly *a);

/* After a snapshot was read: whether its counts are such. */
bool ff_anomaly_holds(const struct ff_anomaly *a);

#endif
