/* What a frame teaches by what it is. */
#include "lib/competitive.h"

#include <math.h>

#include "tests/lib/support.h"

#define K ((size_t)4)
#define N (K + 1)

static const float G[N] = {0.5f, 2.5f, 1.5f, 3.5f, 0.25f};

static struct ff_contest objective(enum ff_goodness_kind goodness)
{
    struct ff_contest o;
    struct ff_spec s = tiny_spec();
    char why[FF_WHY_MAX];
    s.goodness = goodness;
    assert_int_equal(ff_spec_check(&s, why), 0);
    ff_contest_init(&o, &s);
    return o;
}

void a_real_frame_lifts_its_class_and_lowers_the_others(void **state)
{
    (void)state;
    for (int goodness = 0; goodness < 2; goodness++) {
        struct ff_contest o = objective((enum ff_goodness_kind)goodness);
        const uint8_t live[N] = {1, 1, 1, 0, o.delusion};
        float d[N];
        ff_contest_gradient(&o, FF_ROLE_REAL, 2, G, live, d);
        assert_true(d[2] < 0 && d[0] > 0 && d[1] > 0 && d[3] == 0);
        assert_true(o.delusion ? d[K] > 0 : d[K] == 0);
        ff_contest_gradient(&o, FF_ROLE_LIFT, 2, G, live, d);
        assert_true(d[2] < 0 && d[0] == 0 && d[1] == 0 && d[K] == 0);
    }
}

void a_confusion_lowers_the_wrong_class_believed_most(void **state)
{
    (void)state;
    for (int goodness = 0; goodness < 2; goodness++) {
        struct ff_contest o = objective((enum ff_goodness_kind)goodness);
        const uint8_t live[N] = {1, 1, 1, 0, o.delusion};
        float d[N];
        /* 3, the greatest of all, is not live; 1 is next. */
        ff_contest_gradient(&o, FF_ROLE_CONFUSION, 2, G, live, d);
        assert_true(d[1] > 0 && d[0] <= 0 && d[2] <= 0 && d[3] == 0);
        /* The true class is never lowered, however strong. */
        ff_contest_gradient(&o, FF_ROLE_CONFUSION, 1, G, live, d);
        assert_true(d[2] > 0 && d[1] <= 0);
    }
}

void with_one_class_there_is_nothing_to_confuse(void **state)
{
    (void)state;
    struct ff_contest o = objective(FF_GOODNESS_WEIGHTED);
    const uint8_t live[N] = {0, 0, 1, 0, 1};
    float d[N] = {9, 9, 9, 9, 9};
    assert_true(ff_contest_gradient(&o, FF_ROLE_CONFUSION, 2, G, live, d) == 0);
    for (size_t k = 0; k < N; k++)
        assert_true(d[k] == 0);
}

void a_dream_lifts_delusion_and_lowers_every_class(void **state)
{
    (void)state;
    for (int goodness = 0; goodness < 2; goodness++) {
        struct ff_contest o = objective((enum ff_goodness_kind)goodness);
        const uint8_t live[N] = {1, 1, 1, 0, o.delusion};
        float d[N];
        ff_contest_gradient(&o, FF_ROLE_DREAM, -1, G, live, d);
        assert_true(d[0] > 0 && d[1] > 0 && d[2] > 0 && d[3] == 0);
        assert_true(o.delusion ? d[K] < 0 : d[K] == 0);
    }
}
