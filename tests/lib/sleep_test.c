/* What is owed, what is paid, and with what. */
#include <math.h>
#include <string.h>

#include "lib/night.h"
#include "tests/lib/support.h"

void debt_is_paid_with_the_configured_replay(void **state)
{
    (void)state;
    const float replays[] = {0.5f, 1, 3};
    for (int i = 0; i < 3; i++) {
        struct ff_spec s = tiny_spec();
        s.sleep.replay = replays[i];
        struct ff_model *m = new_model(s);
        assert_int_equal(learn_tiny(m, 0, 40, 8).debt, 40);
        struct ff_slept slept = sleep_out(m, 1000);
        assert_int_equal(slept.debt, 0);
        assert_int_equal(slept.replayed, (size_t)(40 * replays[i]));
        assert_int_equal(slept.step, 5 + slept.updates);
        ff_model_free(m);
    }
}

void replay_holds_over_many_short_sleeps(void **state)
{
    (void)state;
    const float replays[] = {0.25f, 1, 1.5f};
    for (int i = 0; i < 3; i++) {
        struct ff_spec s = tiny_spec();
        s.sleep.replay = replays[i];
        struct ff_model *m = new_model(s);
        learn_tiny(m, 0, 16, 8);
        ff_sleep_forgive(m);
        size_t replayed = 0;
        for (int night = 0; night < 100; night++) {
            ff_sleep_owe(m, 2);
            replayed += sleep_out(m, 1).replayed;
        }
        assert_near((double)replayed, 200 * (double)replays[i], 0, 2,
                    "frames replayed for 200 owed");
        ff_model_free(m);
    }
}

void slices_of_sleep_make_the_same_night(void **state)
{
    (void)state;
    const size_t slices[] = {1000, 1, 3};
    struct ff_model *m[3];
    for (int i = 0; i < 3; i++) {
        struct ff_spec s = tiny_spec();
        s.sleep.confusions = 0.3f;
        s.sleep.dreams = 0.4f;
        m[i] = new_model(s);
        learn_tiny(m[i], 0, 90, 8);
        sleep_out(m[i], slices[i]);
        if (i > 0)
            assert_same_state(m[0], m[i]);
    }
    for (int i = 0; i < 3; i++)
        ff_model_free(m[i]);
}

static void check_proportions(size_t batch)
{
    struct ff_spec s = tiny_spec();
    s.batch = batch;
    s.sleep.confusions = 0.5f;
    s.sleep.dreams = 0.25f;
    struct ff_model *m = new_model(s);
    learn_tiny(m, 0, 20, batch);
    ff_sleep_owe(m, 1000);
    struct ff_slept slept = sleep_out(m, 1000);
    assert_int_equal(slept.replayed, 1000);
    assert_near((double)slept.confused, 500, 0, 8, "confusions");
    assert_near((double)slept.dreamt, 250, 0, 8, "dreams");
    struct ff_stats stats;
    ff_model_stats(m, &stats);
    assert_int_equal(stats.replayed, slept.replayed);
    assert_int_equal(stats.confused, slept.confused);
    assert_int_equal(stats.dreamt, slept.dreamt);
    ff_model_free(m);
}

void confusions_and_dreams_come_in_proportion(void **state)
{
    (void)state;
    check_proportions(8);
    check_proportions(7);
    check_proportions(1);
}

void news_makes_tired_but_does_not_exhaust(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.sleep.every = 50;
    s.sleep.exhausted = 100;
    struct ff_model *m = new_model(s);
    struct ff_learned learned = learn_tiny(m, 0, 1, 1);
    assert_true(learned.tired);
    assert_int_equal(learned.debt, 50);
    learned = learn_tiny(m, 1, 8, 1);
    assert_true(!learned.exhausted);
    assert_int_equal(learned.debt, 57);
    ff_model_free(m);
}

void what_is_known_is_no_news(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.sleep.every = 500;
    s.sleep.exhausted = 1000;
    struct ff_model *m = new_model(s);
    learn_tiny(m, 0, 200, 8);
    ff_sleep_forgive(m);
    assert_int_equal(learn_tiny(m, 200, 240, 8).debt, 40);
    ff_model_free(m);
}

void news_does_not_disturb_a_strict_period(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    for (size_t i = 0; i < 15; i++) {
        struct ff_learned learned = learn_tiny(m, i, i + 1, 1);
        assert_int_equal(learned.debt, i + 1);
        assert_false(learned.tired || learned.exhausted);
    }
    struct ff_learned learned = learn_tiny(m, 15, 16, 1);
    assert_true(learned.tired && learned.exhausted);
    ff_model_free(m);
}

void sleep_is_owed_and_forgiven_when_asked(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    struct ff_stats stats;
    learn_tiny(m, 0, 10, 8);
    ff_sleep_owe(m, 5);
    ff_model_stats(m, &stats);
    assert_int_equal(stats.debt, 10); /* no less than now */
    ff_sleep_owe(m, 30);
    ff_model_stats(m, &stats);
    assert_int_equal(stats.debt, 30);
    ff_sleep_forgive(m);
    assert_int_equal(sleep_out(m, 5).updates, 0);
    ff_model_free(m);
}

static void check_no_sleep(struct ff_spec s, size_t frames)
{
    struct ff_model *m = new_model(s);
    learn_tiny(m, 0, frames, 8);
    ff_sleep_owe(m, 100);
    struct ff_slept slept;
    assert_int_equal(ff_sleep(m, 10, &slept), 0);
    assert_int_equal(slept.updates, 0);
    assert_int_equal(slept.debt, 0);
    ff_model_free(m);
}

void with_nothing_to_replay_debt_is_forgiven(void **state)
{
    (void)state;
    struct ff_spec without = tiny_spec(), never = tiny_spec();
    check_no_sleep(tiny_spec(), 0);
    without.memory = 0;
    check_no_sleep(without, 20);
    never.sleep.replay = 0;
    check_no_sleep(never, 20);
}

void a_model_that_never_sleeps_owes_nothing(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.sleep.every = 0;
    struct ff_model *m = new_model(s);
    struct ff_learned learned = learn_tiny(m, 0, 200, 8);
    assert_true(learned.debt == 0 && !learned.tired && !learned.exhausted);
    ff_model_free(m);
}

void sleep_draws_evenly_over_classes_a_stream_hid(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.recent = 1; /* awake, only the frame's own class competes */
    struct ff_model *m = new_model(s), *before;
    learn_tiny(m, 0, 64, 8);
    before = copy_of(m);
    sleep_out(m, 10);
    for (size_t l = 0; l < m->L; l++)
        for (size_t k = 0; k < m->K; k++) {
            size_t at = m->layer[l].V + k * m->layer[l].H;
            assert_memory_not_equal(m->params + at, before->params + at,
                                    m->layer[l].H * sizeof(float));
        }
    ff_model_free(before);
    ff_model_free(m);
}

void a_class_that_is_not_remembered_does_not_compete_asleep(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.memory = 2; /* of four classes */
    struct ff_model *m = new_model(s), *before;
    learn_tiny(m, 0, 64, 8);
    before = copy_of(m);
    sleep_out(m, 10);
    size_t moved = 0;
    for (size_t k = 0; k < m->K; k++) {
        size_t at = m->layer[0].V + k * m->layer[0].H;
        bool same = memcmp(m->params + at, before->params + at,
                           m->layer[0].H * sizeof(float)) == 0;
        assert_true(same == (ff_memory_count_of(&m->memory, (int)k) == 0));
        moved += !same;
    }
    assert_true(moved > 0 && moved <= 2);
    ff_model_free(before);
    ff_model_free(m);
}

/* Rows of the last micro-batch that were taught as `role`. */
static size_t taught_as(const struct ff_model *m, enum ff_role role)
{
    size_t n = 0;
    for (size_t i = 0; i < m->spec.batch; i++)
        n += m->work.role[i] == role;
    return n;
}

void what_is_counted_is_what_is_taught(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.sleep.confusions = 3;
    s.sleep.dreams = 2;
    struct ff_model *m = new_model(s);
    struct ff_slept slept;
    learn_tiny(m, 0, 40, 8);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(ff_sleep(m, 1, &slept), 0);
        assert_int_equal(taught_as(m, FF_ROLE_REAL), slept.replayed);
        assert_int_equal(taught_as(m, FF_ROLE_CONFUSION), slept.confused);
        assert_int_equal(taught_as(m, FF_ROLE_DREAM), slept.dreamt);
        assert_int_equal(slept.replayed + slept.confused + slept.dreamt, 8);
    }
    ff_model_free(m);
}

static struct ff_spec apart_spec(void)
{
    struct ff_spec s = tiny_spec();
    s.goodness = FF_GOODNESS_GROUPS;
    s.awake = FF_AWAKE_POSITIVE_ONLY;
    s.asleep = FF_ASLEEP_NEGATIVE_ONLY;
    s.sleep.confusions = 3; /* has no say: all are */
    return s;
}

void sleep_of_negatives_teaches_nothing_real_and_pays(void **state)
{
    (void)state;
    struct ff_spec s = apart_spec();
    s.sleep.replay = 2;
    s.sleep.dreams = 0.5f;
    struct ff_model *m = new_model(s);
    struct ff_slept slept;
    learn_tiny(m, 0, 40, 8);
    assert_int_equal(ff_sleep(m, 1, &slept), 0);
    assert_int_equal(taught_as(m, FF_ROLE_CONFUSION), slept.confused);
    assert_int_equal(taught_as(m, FF_ROLE_DREAM), slept.dreamt);
    slept = sleep_out(m, 1);
    assert_int_equal(m->count->replayed, 0);
    assert_int_equal(m->count->confused, 80);
    assert_int_equal(m->count->dreamt, 40);
    assert_int_equal(slept.debt, 0);
    ff_model_free(m);
}

/* Awake no entry of G is asked to sink, asleep none to rise, in any layer. */
void phases_apart_pull_one_way_each(void **state)
{
    (void)state;
    struct ff_spec s = apart_spec();
    s.margin = 0;
    s.sleep.dreams = 1;
    struct ff_model *m = new_model(s);
    for (int asleep = 0; asleep < 2; asleep++) {
        if (asleep)
            sleep_out(m, 1);
        else
            learn_tiny(m, 0, 16, 8);
        size_t asked = 0;
        for (size_t i = 0; i < m->L * m->work.pass.B * m->N; i++) {
            size_t each = m->work.pass.B * m->N;
            float d = m->work.dG[i / each][i % each];
            asked += d != 0;
            assert_true(asleep ? d >= 0 : d <= 0);
        }
        assert_true(asked > 0);
    }
    ff_model_free(m);
}

/* The dream of the bank whose direction row i of the micro-batch has. */
static int dream_at(const struct ff_model *m, size_t i)
{
    const float *u = m->work.pass.layer[0].u + i * m->D;
    for (size_t b = 0; b < m->spec.batch; b++) {
        const float *x = m->bank + b * m->D;
        double ux = 0, uu = 0, xx = 0;
        for (size_t d = 0; d < m->D; d++) {
            ux += (double)u[d] * (double)x[d];
            uu += (double)u[d] * (double)u[d];
            xx += (double)x[d] * (double)x[d];
        }
        if (ux > 0.999999 * sqrt(uu * xx))
            return (int)b;
    }
    return -1;
}

void each_dream_of_the_bank_is_taught_once(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.sleep.dreams = 10;
    s.normalise = FF_NORMALISE_LENGTH; /* directions are looked at */
    s.seed = 5; /* one whose dreams all point elsewhere */
    struct ff_model *m = new_model(s);
    struct ff_slept slept;
    bool taught[8] = {false};
    learn_tiny(m, 0, 40, 8);
    assert_int_equal(ff_sleep(m, 1, &slept), 0);
    assert_int_equal(slept.dreamt, 7);
    for (size_t i = 1; i < 8; i++) {
        int b = dream_at(m, i);
        assert_true(b >= 0 && !taught[b]);
        taught[b] = true;
    }
    ff_model_free(m);
}

/* A sensor that fails may send great numbers; ones whose squares are still
   finite are learned, and dreamt of, without harm. */
void great_numbers_do_not_end_sleep(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.sleep.dreams = 1;
    struct ff_model *m = new_model(s);
    float x[TINY_INPUTS] = {1e18f, -1e18f, 1, 2, 3, 4};
    const void *row = x;
    int class_ = class_of(m, 0);
    struct ff_learned learned;
    learn_tiny(m, 0, 32, 8);
    assert_int_equal(ff_learn(m, &row, &class_, NULL, 1, &learned), 0);
    sleep_out(m, 100);
    for (size_t i = 0; i < m->params_n; i++)
        assert_true(isfinite(m->params[i]));
    ff_model_free(m);
}

/* One frame pays for more than a night owes; the rest is kept, in bounds. */
void a_model_that_hardly_replays_can_be_loaded_again(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.sleep.replay = 1e-6f;
    struct ff_model *m = new_model(s);
    learn_tiny(m, 0, 64, 8);
    sleep_out(m, 8);
    struct ff_model *copy = copy_of(m);
    assert_same_state(copy, m);
    ff_model_free(copy);
    ff_model_free(m);
}

static int sleep_thrice(struct ff_model *m, struct ff_night *night)
{
    if (m->count->step == 3)
        return FF_EFINITE;
    m->count->step++;
    *night =
        (struct ff_night){.n = 6, .replayed = 1, .confused = 2, .dreamt = 3};
    return 0;
}

void what_was_taught_before_a_failure_is_counted(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    struct ff_objective fails = *m->objective;
    struct ff_slept out;
    learn_tiny(m, 0, 16, 8);
    fails.sleep = sleep_thrice;
    m->objective = &fails;
    m->count->step = 0;
    assert_int_equal(ff_sleep(m, 100, &out), FF_EFINITE);
    assert_int_equal(m->count->replayed, 3);
    assert_int_equal(m->count->confused, 6);
    assert_int_equal(m->count->dreamt, 9);
    ff_model_free(m);
}
