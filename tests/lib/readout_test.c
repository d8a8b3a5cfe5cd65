/* The online softmax. */
#include <math.h>
#include <string.h>

#include "lib/readout.h"
#include "tests/lib/support.h"

#define F 12
#define K 4
#define N 600

struct student {
    struct ff_readout r;
    uint64_t seen;
    float params[K * F + K + F], work[F + K];
};

static const uint8_t all[K] = {1, 1, 1, 1};

static void init(struct student *s)
{
    *s = (struct student){0};
    size_t n = ff_readout_init(&s->r, F, K, 0, &s->seen);
    assert_int_equal(n, K * F + K + F);
}

/* Classes differ by one feature each; all have a great mean in common. */
static void draw(float *x, int *classes, size_t n)
{
    struct ff_rng g;
    ff_rng_init(&g, 1);
    for (size_t i = 0; i < n; i++) {
        classes[i] = (int)ff_rng_below(&g, K);
        for (size_t j = 0; j < F; j++)
            x[i * F + j] = 9 + 0.3f * ff_rng_normal(&g);
        x[i * F + (size_t)classes[i]] += 1;
    }
}

void readout_learns_in_one_pass_beside_a_great_mean(void **state)
{
    (void)state;
    static float x[N * F], s[N * K];
    int classes[N];
    struct student a;
    size_t right = 0;
    init(&a);
    draw(x, classes, N);
    for (size_t i = 0; i < 400; i += 8)
        assert_int_equal(ff_readout_learn(&a.r, a.params, x + i * F,
                                          classes + i, 8, all, 1, a.work),
                         0);
    ff_readout_scores(&a.r, a.params, s, x, N);
    for (size_t i = 400; i < N; i++) {
        int best = 0;
        for (int k = 1; k < K; k++)
            best = s[i * K + (size_t)k] > s[i * K + (size_t)best] ? k : best;
        right += best == classes[i];
    }
    assert_true(right >= 180); /* measured: 194 of 200 */
    for (size_t j = 0; j < F; j++) {
        float mean = 0;
        for (size_t i = 0; i < 400; i++)
            mean += x[i * F + j] / 400;
        assert_near((double)a.params[a.r.m + j], (double)mean, 1e-4, 0, "m");
    }
}

void readout_steps_down_the_derivative_of_its_loss(void **state)
{
    (void)state;
    static float x[10 * F];
    int classes[10];
    struct student a, before;
    init(&a);
    draw(x, classes, 10);
    ff_readout_learn(&a.r, a.params, x, classes, 9, all, 1, a.work);
    before = a;
    ff_readout_learn(&a.r, a.params, x + (size_t)9 * F, classes + 9, 1, all,
                     0.5f, a.work);
    const float *W = before.params + a.r.W, *b = before.params + a.r.b;
    const float *m = a.params + a.r.m, *last = x + (size_t)9 * F;
    double p[K], sum = 0;
    for (size_t k = 0; k < K; k++) {
        double s = (double)b[k];
        for (size_t j = 0; j < F; j++)
            s += (double)W[k * F + j] * (double)(last[j] - m[j]);
        sum += p[k] = exp(s);
    }
    for (size_t k = 0; k < K; k++) {
        double d = p[k] / sum - ((int)k == classes[9]);
        assert_near((double)(a.params[a.r.b + k] - b[k]), -0.5 / F * d, 1e-4,
                    1e-7, "b");
        for (size_t j = 0; j < F; j++)
            assert_near((double)(a.params[a.r.W + k * F + j] - W[k * F + j]),
                        -0.5 / F * d * (double)(last[j] - m[j]), 1e-4, 1e-7,
                        "W");
    }
}

void readout_is_the_same_in_any_micro_batches(void **state)
{
    (void)state;
    static float x[60 * F];
    int classes[60];
    struct student one, many;
    init(&one);
    init(&many);
    draw(x, classes, 60);
    for (size_t i = 0; i < 60; i++)
        ff_readout_learn(&one.r, one.params, x + i * F, classes + i, 1, all, 1,
                         one.work);
    ff_readout_learn(&many.r, many.params, x, classes, 7, all, 1, many.work);
    ff_readout_learn(&many.r, many.params, x + (size_t)7 * F, classes + 7, 53,
                     all, 1, many.work);
    assert_int_equal(one.seen, many.seen);
    assert_memory_equal(one.params, many.params, sizeof one.params);
}

void readout_leaves_a_class_that_is_not_live(void **state)
{
    (void)state;
    static float x[40 * F], p[40 * K];
    int classes[40];
    struct student a;
    const uint8_t live[K] = {1, 1, 0, 1};
    init(&a);
    draw(x, classes, 40);
    for (size_t i = 0; i < 40; i++)
        classes[i] = classes[i] == 2 ? 3 : classes[i];
    ff_readout_learn(&a.r, a.params, x, classes, 40, live, 1, a.work);
    for (size_t j = 0; j < F; j++)
        assert_true(a.params[a.r.W + (size_t)2 * F + j] == 0);
    assert_true(a.params[a.r.b + 2] == 0);
    ff_readout_scores(&a.r, a.params, p, x, 40);
    ff_softmax(p, p, live, 40, K, 2);
    for (size_t i = 0; i < 40; i++) {
        float sum = 0;
        for (size_t k = 0; k < K; k++)
            sum += p[i * K + k];
        assert_near((double)sum, 1, 0, 1e-5, "sum of probabilities");
        assert_true(p[i * K + 2] == 0);
    }
}

void readout_refuses_what_is_no_number(void **state)
{
    (void)state;
    static float x[10 * F];
    int classes[10];
    struct student a, before;
    init(&a);
    draw(x, classes, 10);
    ff_readout_learn(&a.r, a.params, x, classes, 10, all, 1, a.work);
    before = a;
    x[5 * F + 3] = NAN;
    assert_int_equal(
        ff_readout_learn(&a.r, a.params, x, classes, 10, all, 1, a.work),
        FF_EFINITE);
    assert_int_equal(a.seen, before.seen);
    assert_memory_equal(a.params, before.params, sizeof a.params);
}
