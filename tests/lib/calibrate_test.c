/* Spared frames, temperature, p-values. */
#include <math.h>

#include "lib/calibrate.h"
#include "lib/loss.h"
#include "lib/memory.h"
#include "tests/lib/support.h"

#define K     4
#define N     4000
#define GROWN FF_MEMORY_YOUNG

void one_frame_of_each_run_is_spared(void **state)
{
    (void)state;
    size_t places[20] = {0}, same = 0;
    for (uint64_t run = 0; run < 2000; run++) {
        size_t spared = 0;
        for (uint64_t i = run * 20; i < run * 20 + 20; i++) {
            bool is = ff_calibrate_spares(7, i, 20, GROWN);
            spared += is;
            places[i % 20] += is;
            same += is && ff_calibrate_spares(8, i, 20, GROWN);
        }
        assert_int_equal(spared, 1);
    }
    for (int i = 0; i < 20; i++)
        assert_in_range(places[i], 60, 140);
    assert_in_range(same, 60, 140);
}

void a_young_class_is_not_spared_nor_any_when_not_asked(void **state)
{
    (void)state;
    size_t all = 0;
    for (uint64_t i = 0; i < 100; i++) {
        assert_false(ff_calibrate_spares(1, i, 2, GROWN - 1));
        assert_false(ff_calibrate_spares(1, i, 0, GROWN));
        all += ff_calibrate_spares(1, i, 1, GROWN);
    }
    assert_int_equal(all, 100);
}

/* Goodness of N frames, and classes drawn from softmax(T g) over live. */
static void draw(float *g, int *classes, const uint8_t *live, float T)
{
    struct ff_rng r;
    ff_rng_init(&r, 5);
    for (size_t i = 0; i < N; i++) {
        float *row = g + i * K;
        for (size_t k = 0; k < K; k++)
            row[k] = 2 * ff_rng_normal(&r);
        float u = ff_rng_uniform(&r), lse = ff_log_sum_exp(row, live, K, T);
        for (int k = 0; k < K; k++) {
            if (!live[k])
                continue;
            classes[i] = k;
            u -= expf(T * row[k] - lse);
            if (u < 0)
                break;
        }
    }
}

void the_temperature_is_the_one_classes_were_drawn_with(void **state)
{
    (void)state;
    static float g[N * K];
    static int classes[N];
    const uint8_t live[2][K] = {{1, 1, 1, 1}, {1, 0, 1, 1}};
    const float Ts[] = {0.2f, 1, 3};
    for (int l = 0; l < 2; l++)
        for (int t = 0; t < 3; t++) {
            draw(g, classes, live[l], Ts[t]);
            float T = ff_calibrate_temperature(g, classes, live[l], N, K);
            assert_near((double)T, (double)Ts[t], 0.08, 0, "T");
        }
}

void a_temperature_has_bounds_and_needs_frames(void **state)
{
    (void)state;
    static float g[N * K];
    int classes[100];
    const uint8_t live[K] = {1, 1, 1, 1};
    for (int i = 0; i < 100; i++) {
        classes[i] = i % K;
        g[i * K + classes[i]] = 5;
    }
    float right = ff_calibrate_temperature(g, classes, live, 100, K);
    assert_true(right > 1 && right < 3); /* doubt holds it */
    for (int i = 0; i < 100; i++)
        classes[i] = (i + 1) % K;
    float wrong = ff_calibrate_temperature(g, classes, live, 100, K);
    assert_near((double)wrong, 0.05, 0.02, 0, "T of all wrong");
    assert_true(ff_calibrate_temperature(g, classes, live, 49, K) == 1);
    g[17] = INFINITY;
    assert_true(ff_calibrate_temperature(g, classes, live, 100, K) == 1);
}

static struct ff_pvalues new_pvalues(struct ff_arena *a, size_t capacity)
{
    struct ff_pvalues p;
    *a = (struct ff_arena){0};
    ff_pvalues_carve(&p, a, capacity);
    assert_int_equal(ff_arena_init(a), 0);
    ff_pvalues_carve(&p, a, capacity);
    return p;
}

void a_p_value_counts_those_as_strange(void **state)
{
    (void)state;
    struct ff_arena a;
    struct ff_pvalues p = new_pvalues(&a, 300);
    struct ff_rng r;
    float scores[300];
    ff_rng_init(&r, 3);
    for (size_t n = FF_CALIBRATE_LEAST; n <= 300; n += 50) {
        for (size_t i = 0; i < n; i++) /* many ties */
            scores[i] = (float)ff_rng_below(&r, 40) - 20;
        ff_pvalues_fit(&p, scores, n);
        for (int half = -43; half < 44; half++) {
            float s = 0.5f * (float)half;
            size_t count = 1;
            for (size_t i = 0; i < n; i++)
                count += scores[i] >= s;
            float expected = (float)count / (float)(n + 1);
            assert_true(ff_pvalues_of(&p, s) == expected);
        }
        assert_true(ff_pvalues_of(&p, -INFINITY) == 1);
        assert_true(ff_pvalues_of(&p, INFINITY) > 0);
    }
    ff_arena_release(&a);
}

void an_alarm_at_p_is_raised_in_p_of_ordinary_frames(void **state)
{
    (void)state;
    struct ff_arena a;
    struct ff_pvalues p = new_pvalues(&a, 999);
    struct ff_rng r;
    float scores[999];
    size_t alarms = 0;
    ff_rng_init(&r, 4);
    for (int turn = 0; turn < 100; turn++) {
        for (size_t i = 0; i < 999; i++)
            scores[i] = ff_rng_normal(&r);
        ff_pvalues_fit(&p, scores, 999);
        for (size_t i = 0; i < 1000; i++)
            alarms += ff_pvalues_of(&p, ff_rng_normal(&r)) <= 0.01f;
    }
    assert_in_range(alarms, 900, 1100); /* of 100,000 */
    ff_arena_release(&a);
}

void few_frames_or_no_number_make_no_claim(void **state)
{
    (void)state;
    struct ff_arena a;
    struct ff_pvalues p = new_pvalues(&a, 60);
    float scores[60] = {0};
    assert_true(isnan(ff_pvalues_of(&p, 0)));
    ff_pvalues_fit(&p, scores, FF_CALIBRATE_LEAST - 1);
    assert_true(isnan(ff_pvalues_of(&p, 0)));
    for (size_t i = 0; i < 11; i++)
        scores[5 * i] = NAN;
    ff_pvalues_fit(&p, scores, 60);
    assert_true(isnan(ff_pvalues_of(&p, 0))); /* 49 are left */
    scores[0] = 0;
    ff_pvalues_fit(&p, scores, 60);
    assert_true(ff_pvalues_of(&p, 0) == 1);
    assert_true(isnan(ff_pvalues_of(&p, NAN)));
    ff_arena_release(&a);
}
