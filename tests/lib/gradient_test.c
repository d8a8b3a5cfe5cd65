/*
 * The gradient of a dense layer against central differences of the whole path
 * from its weights to the loss, and the goodness by its definition.
 */
#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/loss.h"
#include "lib/mat.h"
#include "tests/lib/support.h"

#define FRAMES   ((size_t)3)
#define INPUTS   ((size_t)5)
#define UNITS    ((size_t)8)
#define CLASSES  ((size_t)4)
#define VERDICTS (CLASSES + 1)
#define EPS      2e-3f

/* One layer and its answer to fixed frames. */
struct net {
    struct ff_layer l;
    struct ff_loss loss;
    float params[UNITS * INPUTS + UNITS + VERDICTS * UNITS + VERDICTS];
    float x[FRAMES * INPUTS], u[FRAMES * INPUTS], h[FRAMES * UNITS],
        q[FRAMES * UNITS], G[FRAMES * VERDICTS], dG[FRAMES * VERDICTS];
    int class_[FRAMES];
    uint8_t live[VERDICTS];
};

static void init(struct net *n, enum ff_goodness_kind goodness)
{
    struct ff_rng g;
    bool weighted = goodness == FF_GOODNESS_WEIGHTED;
    ff_mat_init();
    ff_rng_init(&g, 5);
    *n = (struct net){
        .l = {.kind = &ff_dense,
              .D = INPUTS,
              .H = UNITS,
              .Q = UNITS,
              .R = UNITS,
              .C = INPUTS,
              .N = VERDICTS,
              .b = UNITS * INPUTS},
        .loss = {.kind = weighted ? FF_LOSS_SOFTMAX : FF_LOSS_SOFTPLUS,
                 .theta = 0.5f,
                 .theta_false = 0.5f,
                 .temperature = 1},
        .class_ = {1, 3, 0},
        .live = {1, 1, 0, 1, weighted},
    };
    n->l.V = n->l.b + UNITS;
    n->l.c = n->l.V + VERDICTS * UNITS;
    for (size_t i = 0; i < sizeof n->params / sizeof *n->params; i++)
        n->params[i] = 0.5f * ff_rng_normal(&g);
    for (size_t i = 0; i < FRAMES * INPUTS; i++)
        n->x[i] = ff_rng_normal(&g);
    if (!weighted) {
        ff_goodness_groups(n->params + n->l.V, CLASSES, VERDICTS, UNITS, UNITS);
        memset(n->params + n->l.c, 0, VERDICTS * sizeof(float));
    }
}

/* The loss of all frames; fills everything down to dG. */
static double loss_of(struct net *n)
{
    double sum = 0;
    const struct ff_trace t = {.u = n->u, .a = n->h};
    n->l.kind->forward(&n->l, n->params, n->x, FRAMES, &t);
    ff_goodness_rectify(n->h, n->q, n->h, FRAMES * UNITS);
    ff_goodness_forward(n->G, n->q, n->params + n->l.V, n->params + n->l.c,
                        FRAMES, VERDICTS, UNITS);
    for (size_t i = 0; i < FRAMES; i++)
        sum += (double)ff_loss_gradient(&n->loss, FF_ASK_CLASS, n->class_[i],
                                        -1, n->G + i * VERDICTS, n->live,
                                        VERDICTS, n->dG + i * VERDICTS);
    return sum;
}

static double difference(struct net *n, size_t at)
{
    float kept = n->params[at];
    n->params[at] = kept + EPS;
    double above = loss_of(n);
    n->params[at] = kept - EPS;
    double below = loss_of(n);
    n->params[at] = kept;
    return (above - below) / (2 * (double)EPS);
}

static void check(enum ff_goodness_kind goodness)
{
    struct net n;
    float dz[FRAMES * UNITS];
    init(&n, goodness);
    loss_of(&n);
    ff_mat_nn(dz, n.dG, n.params + n.l.V, FRAMES, UNITS, VERDICTS);
    n.l.kind->gate(&n.l, dz, dz, n.h, FRAMES);
    float u[FRAMES * INPUTS], q[FRAMES * UNITS], dG[FRAMES * VERDICTS];
    memcpy(u, n.u, sizeof u);
    memcpy(q, n.q, sizeof q);
    memcpy(dG, n.dG, sizeof dG);
    for (size_t j = 0; j < UNITS; j++) {
        double db = 0;
        for (size_t i = 0; i < FRAMES; i++)
            db += (double)dz[i * UNITS + j];
        assert_near(difference(&n, n.l.b + j), db, 1e-2, 2e-3, "b");
        for (size_t d = 0; d < INPUTS; d++) {
            double dW = 0;
            for (size_t i = 0; i < FRAMES; i++)
                dW += (double)dz[i * UNITS + j] * (double)u[i * INPUTS + d];
            assert_near(difference(&n, j * INPUTS + d), dW, 1e-2, 2e-3, "W");
        }
    }
    for (size_t k = 0; k < VERDICTS; k++)
        for (size_t j = 0; j < UNITS; j++) {
            double dV = 0;
            for (size_t i = 0; i < FRAMES; i++)
                dV += (double)dG[i * VERDICTS + k] * (double)q[i * UNITS + j];
            assert_near(difference(&n, n.l.V + k * UNITS + j), dV, 1e-2, 2e-3,
                        "V");
        }
}

void weighted_gradient_is_that_of_the_whole_path(void **state)
{
    (void)state;
    check(FF_GOODNESS_WEIGHTED);
}

void groups_gradient_is_that_of_the_whole_path(void **state)
{
    (void)state;
    check(FF_GOODNESS_GROUPS);
}

void a_unit_that_is_off_gets_exactly_zero(void **state)
{
    (void)state;
    struct net n;
    float dz[FRAMES * UNITS];
    size_t off = 0, on = 0;
    init(&n, FF_GOODNESS_WEIGHTED);
    loss_of(&n);
    ff_mat_nn(dz, n.dG, n.params + n.l.V, FRAMES, UNITS, VERDICTS);
    n.l.kind->gate(&n.l, dz, dz, n.h, FRAMES);
    for (size_t i = 0; i < FRAMES * UNITS; i++) {
        off += n.h[i] == 0;
        on += n.h[i] > 0;
        assert_true((dz[i] == 0) == (n.h[i] == 0));
    }
    assert_true(off > 0 && on > 0);
}

void a_layer_forgets_the_length_of_its_input(void **state)
{
    (void)state;
    struct net n, longer;
    init(&n, FF_GOODNESS_WEIGHTED);
    init(&longer, FF_GOODNESS_WEIGHTED);
    for (size_t i = 0; i < FRAMES * INPUTS; i++)
        longer.x[i] *= 1000;
    loss_of(&n);
    loss_of(&longer);
    for (size_t i = 0; i < FRAMES * VERDICTS; i++)
        assert_near((double)longer.G[i], (double)n.G[i], 1e-4, 1e-4, "G");
    for (size_t i = 0; i < FRAMES; i++) {
        double square = 0;
        for (size_t d = 0; d < INPUTS; d++)
            square += (double)n.u[i * INPUTS + d] * (double)n.u[i * INPUTS + d];
        assert_near(square, INPUTS, 1e-4, 0, "length of u, squared");
    }
}

void group_goodness_is_the_mean_of_own_squares(void **state)
{
    (void)state;
    struct net n;
    init(&n, FF_GOODNESS_GROUPS);
    loss_of(&n);
    for (size_t i = 0; i < FRAMES; i++) {
        for (size_t k = 0; k < CLASSES; k++) {
            double mean = 0;
            for (size_t j = k * UNITS / CLASSES; j < (k + 1) * UNITS / CLASSES;
                 j++)
                mean += (double)n.q[i * UNITS + j] * CLASSES / UNITS;
            assert_near((double)n.G[i * VERDICTS + k], mean, 1e-5, 1e-6, "G");
        }
        assert_true(n.G[i * VERDICTS + CLASSES] == 0);
    }
}
