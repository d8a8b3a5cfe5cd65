/*
 * competitive.h -- the default objective: classes compete within a layer.
 *
 * One forward pass answers for all classes. What a frame teaches depends on
 * what it is:
 *
 *   real        its class up, the other live classes down; with awake:
 *               positive_only just its class up
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

enum ff_role { FF_ROLE_REAL, FF_ROLE_LIFT, FF_ROLE_CONFUSION, FF_ROLE_DREAM };

struct ff_competitive {
    struct ff_loss loss;
    size_t K, N;   /* classes; verdicts: K + 1 */
    bool delusion; /* the row K stands for dreams */
};

void ff_competitive_init(struct ff_competitive *o, const struct ff_spec *spec);

/* dG (N) of one frame in one layer; live (N) includes row K only where dreams
   are taught. Returns the layer's loss. */
float ff_competitive_gradient(const struct ff_competitive *o, enum ff_role role,
                              int class_, const float *G, const uint8_t *live,
                              float *dG);

/*
 * Answers for one frame out of its G in each layer, (L) rows that are `stride`
 * apart. Columns of `out` are written at row i.
 */
void ff_competitive_answer(const struct ff_competitive *o, const float *G,
                           size_t stride, size_t L, const uint8_t *live,
                           struct ff_answers *out, size_t i);

#endif
