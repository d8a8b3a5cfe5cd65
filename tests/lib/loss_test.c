/* The derivative of each loss against central differences of its value. */
#include <math.h>
#include <stdio.h>

#include "lib/loss.h"
#include "tests/lib/support.h"

#define N   6
#define EPS 1e-2f

static const enum ff_loss_kind kinds[] = {FF_LOSS_SOFTMAX, FF_LOSS_SOFTPLUS,
                                          FF_LOSS_SYMMETRIC, FF_LOSS_EXP};
static const float rows[][N] = {
    {0.3f, -0.4f, 1.1f, 0.9f, 0.2f, -0.7f},
    {2.5f, 1.9f, 2.2f, 2.0f, 3.1f, 1.4f},
    {-1, 0.5f, 0, 0.25f, 1.5f, 0.75f},
};
static const uint8_t lives[][N] = {
    {1, 1, 1, 1, 1, 1}, {1, 0, 1, 0, 1, 1}, {0, 1, 1, 0, 0, 0}};

/* Only what can be asked: the target (2) is live in all. */
static void check(enum ff_loss_kind kind, enum ff_ask ask, const float *row,
                  const uint8_t *live)
{
    struct ff_loss l = {
        .kind = kind, .theta = 2, .theta_false = 1.5f, .temperature = 1.5f};
    float G[N], dG[N], unused[N];
    int rival = live[4] ? 4 : -1;
    for (int k = 0; k < N; k++)
        G[k] = row[k];
    ff_loss_gradient(&l, ask, 2, rival, G, live, N, dG);
    for (int k = 0; k < N; k++) {
        G[k] = row[k] + EPS;
        double above =
            (double)ff_loss_gradient(&l, ask, 2, rival, G, live, N, unused);
        G[k] = row[k] - EPS;
        double below =
            (double)ff_loss_gradient(&l, ask, 2, rival, G, live, N, unused);
        G[k] = row[k];
        char what[64];
        snprintf(what, sizeof what, "loss %d, ask %d, entry %d", (int)kind,
                 (int)ask, k);
        assert_near((double)dG[k], (above - below) / (2 * (double)EPS), 1e-2,
                    1e-3, what);
        if (!live[k])
            assert_true(dG[k] == 0);
    }
}

void loss_derivative_is_that_of_the_loss(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < 4; kind++)
        for (int ask = FF_ASK_CLASS; ask <= FF_ASK_NONE; ask++)
            for (size_t r = 0; r < 3; r++)
                for (size_t v = 0; v < 3; v++)
                    check(kinds[kind], (enum ff_ask)ask, rows[r], lives[v]);
}

void loss_points_each_ask_its_way(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < 4; kind++) {
        struct ff_loss l = {.kind = kinds[kind],
                            .theta = 2,
                            .theta_false = 1.5f,
                            .temperature = 1};
        float d[N];
        ff_loss_gradient(&l, FF_ASK_CLASS, 2, -1, rows[0], lives[0], N, d);
        for (int k = 0; k < N; k++)
            assert_true(k == 2 ? d[k] < 0 : d[k] > 0);
        ff_loss_gradient(&l, FF_ASK_PAIR, 2, 3, rows[0], lives[0], N, d);
        for (int k = 0; k < N; k++)
            assert_true(k == 2 ? d[k] < 0 : k == 3 ? d[k] > 0 : d[k] == 0);
        ff_loss_gradient(&l, FF_ASK_LIFT, 2, -1, rows[0], lives[0], N, d);
        for (int k = 0; k < N; k++)
            assert_true(k == 2 ? d[k] < 0 : d[k] == 0);
        ff_loss_gradient(&l, FF_ASK_NOT, 2, -1, rows[0], lives[0], N, d);
        assert_true(d[2] > 0);
        ff_loss_gradient(&l, FF_ASK_NONE, -1, -1, rows[0], lives[0], N, d);
        for (int k = 0; k < N; k++)
            assert_true(d[k] > 0);
    }
}

void loss_of_one_class_alone_asks_nothing_of_softmax(void **state)
{
    (void)state;
    const uint8_t alone[N] = {0, 0, 1};
    const enum ff_loss_kind compare[] = {FF_LOSS_SOFTMAX, FF_LOSS_SYMMETRIC};
    for (int i = 0; i < 2; i++) {
        struct ff_loss l = {.kind = compare[i],
                            .theta = 2,
                            .theta_false = 1.5f,
                            .temperature = 1};
        float d[N];
        float loss =
            ff_loss_gradient(&l, FF_ASK_CLASS, 2, -1, rows[0], alone, N, d);
        assert_near((double)loss, 0, 0, 1e-6, "loss");
        for (int k = 0; k < N; k++)
            assert_near((double)d[k], 0, 0, 1e-6, "derivative");
    }
}

void losses_are_those_of_their_formulas(void **state)
{
    (void)state;
    const float G[2] = {1.5f, 1.0f};
    const uint8_t live[2] = {1, 1};
    const double want[] = {log1p(exp(-0.5 * 3)), /* temperature 3 */
                           /* above 2, below 1.5 */
                           log1p(exp(0.5)) + log1p(exp(-0.5)),
                           log1p(exp(-4 * 0.5)), exp(0.5) + exp(-0.5)};
    for (int i = 0; i < 4; i++) {
        struct ff_loss l = {.kind = kinds[i],
                            .theta = 2,
                            .theta_false = 1.5f,
                            .temperature = 3};
        float d[2];
        assert_near(
            (double)ff_loss_gradient(&l, FF_ASK_CLASS, 0, -1, G, live, 2, d),
            want[i], 1e-5, 0, "loss");
    }
}

void loss_stays_finite_at_great_goodness(void **state)
{
    (void)state;
    const float great[N] = {1e4f, -1e4f, 3e4f, 2e4f, 0, -3e4f};
    for (size_t kind = 0; kind < 4; kind++)
        for (int ask = FF_ASK_CLASS; ask <= FF_ASK_NONE; ask++)
            for (int target = 0; target < N; target++) {
                struct ff_loss l = {.kind = kinds[kind],
                                    .theta = 2,
                                    .theta_false = 1.5f,
                                    .temperature = 4};
                float d[N];
                float loss = ff_loss_gradient(&l, (enum ff_ask)ask, target, -1,
                                              great, lives[0], N, d);
                assert_true(isfinite(loss));
                for (int k = 0; k < N; k++)
                    assert_true(isfinite(d[k]));
            }
}

void log_sum_exp_survives_great_values(void **state)
{
    (void)state;
    const float G[3] = {1000, 1000, -1000};
    const uint8_t all[3] = {1, 1, 1}, last[3] = {0, 0, 1}, none[3] = {0};
    assert_near((double)ff_log_sum_exp(G, all, 3, 1), 1000 + log(2), 0, 1e-3,
                "two equal");
    assert_near((double)ff_log_sum_exp(G, all, 3, 2), 2000 + log(2), 0, 1e-3,
                "twice as steep");
    assert_near((double)ff_log_sum_exp(G, last, 3, 1), -1000, 0, 1e-3, "one");
    assert_true(ff_log_sum_exp(G, none, 3, 1) == -INFINITY);
}
