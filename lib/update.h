/*
 * update.h -- how a gradient becomes a step.
 *
 * The row rule (default). Per row (a unit, a verdict) keep r, a running mean
 * of its squared gradient, and step by the gradient over sqrt(r). For a
 * unit's weights the local gradient dz is scaled before the product, so that
 * the step is one GEMM straight into W: two streams over the weights, no
 * gradient buffer, no moments.
 *
 *     r = d r + (1 - d) mean over the micro-batch of dz^2
 *     W -= (lr / B) (dz / sqrt(r / (1 - d^age)))' u
 *
 * d decays per *frame* (0.9997), so that single frames and micro-batches
 * forget equally fast. W and b do not forget while nothing surprises: r stays
 * with a micro-batch of which nothing was learned.
 *
 * Verdicts (V and c) leave out the correction by age: their first steps are
 * larger by 1 / sqrt(1 - d^age), ten times in the first micro-batch of 32. A
 * class is told apart sooner after its birth, and nothing is lost later
 * (lib/README.md, "Young verdicts").
 *
 * Adam (Kingma and Ba, 2015) is kept as the reference to test against.
 */
#ifndef FF_UPDATE_H
#define FF_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/ff.h"

/* How far one micro-batch of B frames moves things. */
struct ff_step_size {
    float W, V;     /* of W and b; of V and c; scaled by sqrt(B/32) */
    float decay;    /* d^B of the running squares */
    float peer;     /* weight of the peer term; 0: none */
    float shrink;   /* share of W that decays away */
    float mean;     /* share of a micro-batch in the mean of a layer's input */
    float activity; /* decay of the mean activity the peer term looks at */
};

/*
 * The state of a rule for one (R, C) matrix. Only a rule that sees a whole
 * gradient (V, c, a convolution's W and b, and everything with Adam) has room
 * for one in g; W and b of a dense layer with the row rule never do.
 */
struct ff_rule {
    enum ff_update_kind kind;
    size_t R, C;
    float *r;     /* (R) running mean square of a row's gradient */
    float *seen;  /* (1) 1 - d^age, how much of r is known; NULL: eager, no
                     correction */
    float *scale; /* (R) working memory: 1 / sqrt(r) */
    float *g;     /* (R, C) the gradient, or NULL */
    float *m, *v; /* (R, C) Adam's moments, or NULL, and */
    float *t;     /* (1) its steps */
};

/* Carve a rule for an (R, C) matrix of weights out of the arena. */
void ff_rule_carve(struct ff_rule *rule, struct ff_arena *a,
                   enum ff_update_kind kind, size_t R, size_t C);

/* The same, with room for a whole gradient. */
void ff_rule_carve_whole(struct ff_rule *rule, struct ff_arena *a,
                         enum ff_update_kind kind, size_t R, size_t C);

/* The same for verdicts: eager, and with room for a whole gradient. */
void ff_rule_carve_eager(struct ff_rule *rule, struct ff_arena *a,
                         enum ff_update_kind kind, size_t R, size_t C);

/* Take in the mean squares of the rows, found in rule->scale, and leave
   1 / sqrt(r) there. Rows with live[k] 0 did not take part: they keep their r
   and get scale 0. live may be NULL. Row rule only. */
void ff_rule_scale(struct ff_rule *rule, float decay, const uint8_t *live);

/* w -= step rule->g, by the rule's kind. Rows with live[k] 0 stay. */
void ff_rule_apply(struct ff_rule *rule, float *w, float step, float decay,
                   const uint8_t *live);

/* Row k is another's from now on: nothing of its gradients is known. The row
   rule goes on with r, an assumption; 0 makes the first step a large one. */
void ff_rule_renew(struct ff_rule *rule, size_t k, float r);

/* Rows a and b change places. */
void ff_rule_swap(struct ff_rule *rule, size_t a, size_t b);

/* Mean of r over the rows but those from..to - 1; 0 if there are no others. */
float ff_rule_mean(const struct ff_rule *rule, size_t from, size_t to);

#endif
