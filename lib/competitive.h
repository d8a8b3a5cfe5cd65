/*
 * competitive.h -- the default objective: classes compete within a layer.
 *
 * One forward pass answers for all classes. What a frame teaches depends on
 * what it is:
 *
 *   real        its class up, the other live classes down
 *   lift        just its class up (awake: positive_only)
 *   pair        its class up, the wrong class this layer itself believes most
 *               down (awake: paired)
 *   confusion   the wrong class this layer itself believes, down
 *   dream       delusion up, every class down; with groups, which have no
 *               delusion row, every class down
 *
 * The answer is argmax over classes of the sum over layers of G: each layer's
 * log-softmax takes off the same number for every class, so it can wait until
 * probabilities are asked for.
 */
#ifndef FF_COMPETITIVE_H
#define FF_COMPETITIVE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"
#include "lib/loss.h"
#include "lib/objective.h"

struct ff_contest {
    struct ff_loss loss;
    size_t K, N;   /* classes; verdicts: K + 1 */
    bool delusion; /* the row K stands for dreams */
};

void ff_contest_init(struct ff_contest *o, const struct ff_spec *spec);

/* dG (N) of one frame in one layer; live (N) includes row K only where dreams
   are taught. Returns the layer's loss. */
float ff_contest_gradient(const struct ff_contest *o, enum ff_role role,
                          int class_, const float *G, const uint8_t *live,
                          float *dG);

/* Mean over layers of the probability that the delusion row gets, of one
   frame's G, (L) rows `stride` apart; NaN where no dream was ever taught. */
float ff_contest_novelty(const struct ff_contest *o, const float *G,
                         size_t stride, size_t L, const uint8_t *live);

#endif
