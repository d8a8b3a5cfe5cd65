/* Witnesses become one p-value. */
#include <math.h>

#include "lib/typical.h"
#include "tests/lib/support.h"

#define N 1000

static struct ff_typical new_typical(struct ff_arena *a, size_t J)
{
    struct ff_typical t;
    *a = (struct ff_arena){0};
    ff_typical_carve(&t, a, J, N);
    assert_int_equal(ff_arena_init(a), 0);
    ff_typical_carve(&t, a, J, N);
    return t;
}

/* Two witnesses of very different scales; a third one may join. */
static void draw(float *w, size_t J, uint64_t seed)
{
    struct ff_rng r;
    ff_rng_init(&r, seed);
    for (size_t i = 0; i < N; i++) {
        w[i * J] = ff_rng_normal(&r);
        w[i * J + 1] = 500 + 100 * ff_rng_normal(&r);
        for (size_t j = 2; j < J; j++)
            w[i * J + j] = NAN;
    }
}

static double alarms(const struct ff_typical *t, const float *w)
{
    size_t n = 0;
    for (size_t i = 0; i < N; i++)
        n += ff_typical_p(t, w + i * t->J) <= 0.05f;
    return (double)n / N;
}

void witnesses_are_heard_alike_whatever_their_scale(void **state)
{
    (void)state;
    static float w[N * 2], room[N];
    struct ff_arena a;
    struct ff_typical t = new_typical(&a, 2);
    draw(w, 2, 1);
    ff_typical_fit(&t, w, N, room);
    const float first[] = {2, 500}, second[] = {0, 700}, both[] = {2, 700};
    assert_near((double)ff_typical_score(&t, first),
                (double)ff_typical_score(&t, second), 0.1, 0, "score");
    assert_true(ff_typical_p(&t, both) < ff_typical_p(&t, first) / 4);
    draw(w, 2, 2);
    assert_near(alarms(&t, w), 0.05, 0, 0.025, "alarms");
    ff_arena_release(&a);
}

void a_witness_that_is_no_number_is_not_heard(void **state)
{
    (void)state;
    static float two[N * 2], three[N * 3], room[N];
    struct ff_arena a, b;
    struct ff_typical t = new_typical(&a, 2), u = new_typical(&b, 3);
    draw(two, 2, 1);
    draw(three, 3, 1);
    ff_typical_fit(&t, two, N, room);
    ff_typical_fit(&u, three, N, room);
    for (size_t i = 0; i < N; i++)
        assert_true(ff_typical_p(&t, two + 2 * i) ==
                    ff_typical_p(&u, three + 3 * i));
    const float odd[] = {NAN, 500};
    assert_true(isnan(ff_typical_p(&t, odd)));
    ff_arena_release(&a);
    ff_arena_release(&b);
}

void without_a_witness_or_frames_nothing_is_typical(void **state)
{
    (void)state;
    static float w[N * 2], room[N];
    struct ff_arena a;
    struct ff_typical t = new_typical(&a, 2);
    const float any[] = {1, 1};
    assert_true(isnan(ff_typical_p(&t, any)));
    ff_typical_fit(&t, w, N, room); /* all alike */
    assert_true(isnan(ff_typical_p(&t, any)));
    ff_typical_fit(&t, w, 0, room);
    assert_true(isnan(ff_typical_p(&t, any)));
    draw(w, 2, 1);
    ff_typical_fit(&t, w, 49, room);
    assert_true(isnan(ff_typical_p(&t, any)));
    ff_typical_fit(&t, w, 50, room);
    assert_false(isnan(ff_typical_p(&t, any)));
    ff_arena_release(&a);
}

void a_witness_is_finite_down_to_zero(void **state)
{
    (void)state;
    assert_true(isfinite(ff_typical_witness(0)));
    assert_true(ff_typical_witness(0) < ff_typical_witness(1e-30f));
    assert_true(ff_typical_witness(1) == 0);
    assert_true(isnan(ff_typical_witness(NAN)));
}
