/*
 * loss.h -- how far goodness is from what it should be, and which way to go.
 *
 * One row of goodness G (N) for one frame: one entry a class, and the delusion
 * entry last where there is one. `live` (N) says which entries take part; the
 * others get derivative 0. A frame asks one of five things of its row:
 *
 *   FF_ASK_CLASS  the target up, every other live entry down
 *   FF_ASK_PAIR   the target up, one rival down, nothing else
 *   FF_ASK_LIFT   the target up, nothing else (awake: positive_only)
 *   FF_ASK_NOT    the target down, nothing else: it is believed and wrong
 *   FF_ASK_NONE   every live entry down: none of these
 *
 * and four losses say how (theta threshold, T temperature):
 *
 *   softmax    -log p_t, p = softmax(T G); NOT: -log(1 - p_t); LIFT and NONE,
 *              which compare nothing, as softplus
 *   softplus   up: log(1 + e^(theta-g)), down: log(1 + e^(g-theta))
 *              (Hinton 2022, eq. 1, written as a loss)
 *   symmetric  mean over wrong k of log(1 + e^(-alpha (g_t - g_k))), alpha 4;
 *              LIFT, NOT and NONE compare with theta
 *   exp        up: e^(theta-g), down: e^(g-theta), exponents capped at 10
 */
#ifndef FF_LOSS_H
#define FF_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"

enum ff_ask { FF_ASK_CLASS, FF_ASK_PAIR, FF_ASK_LIFT, FF_ASK_NOT, FF_ASK_NONE };

struct ff_loss {
    enum ff_loss_kind kind; /* not FF_LOSS_AUTO */
    float theta;
    float theta_false; /* of what should sink */
    float temperature;
};

/*
 * One number that should be above theta (up > 0) or below theta_false
 * (up < 0), by softplus, symmetric (alpha times as steep) or exp; returns the
 * loss, *d its derivative.
 */
float ff_loss_entry(const struct ff_loss *l, float g, float up, float *d);

/* A true and a false number: symmetric compares them, log(1 + e^(-alpha (gt -
   gf))); the others judge each alone. d (2): derivatives. */
float ff_loss_pair(const struct ff_loss *l, float g_true, float g_false,
                   float d[2]);

/* Fill dG (N) = dL/dG; returns L. target is ignored by FF_ASK_NONE, rival by
   all but FF_ASK_PAIR, where -1 is nobody. */
float ff_loss_gradient(const struct ff_loss *l, enum ff_ask ask, int target,
                       int rival, const float *G, const uint8_t *live, size_t N,
                       float *dG);

/* log(sum over live k of e^(T G_k)), without overflow; -inf if none. */
float ff_log_sum_exp(const float *G, const uint8_t *live, size_t N, float T);

#endif
