/*
 * The gradient of a dense layer against central differences of the whole path
 * from its weights to the loss, and the goodness by its definition.
 */
#include <string.h>

#include "lib/goodness.h"
#include "tests/lib/bare.h"

#define FRAMES ((size_t)3)
#define INPUTS ((size_t)5)
#define UNITS  ((size_t)8)

static void init(struct bare *n, enum ff_goodness_kind goodness)
{
    const struct look look = {"dense", {INPUTS, 1, 1}, UNITS, {0}};
    bare_init(n, &look, FRAMES);
    if (goodness == FF_GOODNESS_WEIGHTED)
        return;
    n->loss = (struct ff_loss){.kind = FF_LOSS_SOFTPLUS,
                               .theta = 0.5f,
                               .theta_false = 0.5f,
                               .temperature = 1};
    n->live[BARE_CLASSES] = 0; /* there is no delusion */
    ff_goodness_groups(n->params + n->l.V, BARE_CLASSES, BARE_VERDICTS, UNITS,
                       UNITS);
    memset(n->params + n->l.c, 0, BARE_VERDICTS * sizeof(float));
}

static double slope(struct bare *n, size_t at)
{
    return bare_slope(n, n->params + at, bare_loss);
}

static void check(enum ff_goodness_kind goodness)
{
    struct bare n;
    float u[FRAMES * INPUTS], q[FRAMES * UNITS], dG[FRAMES * BARE_VERDICTS];
    init(&n, goodness);
    bare_loss(&n);
    memcpy(u, n.t.u, sizeof u);
    memcpy(q, n.t.q, sizeof q);
    memcpy(dG, n.dG, sizeof dG);
    bare_find_dz(&n);
    for (size_t j = 0; j < UNITS; j++) {
        double db = 0;
        for (size_t i = 0; i < FRAMES; i++)
            db += (double)n.dz[i * UNITS + j];
        assert_near(slope(&n, n.l.b + j), db, 1e-2, 2e-3, "b");
        for (size_t d = 0; d < INPUTS; d++) {
            double dW = 0;
            for (size_t i = 0; i < FRAMES; i++)
                dW += (double)n.dz[i * UNITS + j] * (double)u[i * INPUTS + d];
            assert_near(slope(&n, j * INPUTS + d), dW, 1e-2, 2e-3, "W");
        }
    }
    for (size_t k = 0; k < BARE_VERDICTS; k++)
        for (size_t j = 0; j < UNITS; j++) {
            double dV = 0;
            for (size_t i = 0; i < FRAMES; i++)
                dV += (double)dG[i * BARE_VERDICTS + k] *
                      (double)q[i * UNITS + j];
            assert_near(slope(&n, n.l.V + k * UNITS + j), dV, 1e-2, 2e-3, "V");
        }
    bare_release(&n);
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
    struct bare n;
    size_t off = 0, on = 0;
    init(&n, FF_GOODNESS_WEIGHTED);
    bare_loss(&n);
    bare_find_dz(&n);
    for (size_t i = 0; i < FRAMES * UNITS; i++) {
        off += n.t.h[i] == 0;
        on += n.t.h[i] > 0;
        assert_true((n.dz[i] == 0) == (n.t.h[i] == 0));
    }
    assert_true(off > 0 && on > 0);
    bare_release(&n);
}

void a_layer_forgets_the_length_of_its_input(void **state)
{
    (void)state;
    struct bare n, longer;
    init(&n, FF_GOODNESS_WEIGHTED);
    init(&longer, FF_GOODNESS_WEIGHTED);
    for (size_t i = 0; i < FRAMES * INPUTS; i++)
        longer.x[i] *= 1000;
    bare_loss(&n);
    bare_loss(&longer);
    for (size_t i = 0; i < FRAMES * BARE_VERDICTS; i++)
        assert_near((double)longer.G[i], (double)n.G[i], 1e-4, 1e-4, "G");
    for (size_t i = 0; i < FRAMES; i++) {
        double square = 0;
        for (size_t d = 0; d < INPUTS; d++)
            square +=
                (double)n.t.u[i * INPUTS + d] * (double)n.t.u[i * INPUTS + d];
        assert_near(square, INPUTS, 1e-4, 0, "length of u, squared");
    }
    bare_release(&n);
    bare_release(&longer);
}

void group_goodness_is_the_mean_of_own_squares(void **state)
{
    (void)state;
    struct bare n;
    init(&n, FF_GOODNESS_GROUPS);
    bare_loss(&n);
    for (size_t i = 0; i < FRAMES; i++) {
        for (size_t k = 0; k < BARE_CLASSES; k++) {
            double mean = 0;
            for (size_t j = k * UNITS / BARE_CLASSES;
                 j < (k + 1) * UNITS / BARE_CLASSES; j++)
                mean += (double)n.t.q[i * UNITS + j] * BARE_CLASSES / UNITS;
            assert_near((double)n.G[i * BARE_VERDICTS + k], mean, 1e-5, 1e-6,
                        "G");
        }
        assert_true(n.G[i * BARE_VERDICTS + BARE_CLASSES] == 0);
    }
    bare_release(&n);
}
