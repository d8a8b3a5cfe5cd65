/* Read-out and calibration, fitted beside learning. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/support.h"

static struct ff_spec fitted_spec(void)
{
    struct ff_spec s = digits_spec();
    s.calibration = 200;
    return s;
}

static void fit(struct ff_model *m)
{
    assert_int_equal(ff_fit_begin(m), 0);
    assert_int_equal(ff_fit_run(m), 0);
    assert_int_equal(ff_fit_install(m), 0);
    assert_int_equal(ff_publish(m), 0);
}

void spared_frames_are_neither_learned_nor_remembered(void **state)
{
    (void)state;
    struct ff_model *m = new_model(fitted_spec());
    size_t held_out = 0;
    struct ff_stats stats;
    for (size_t i = 0; i < 2 * DIGITS_TRAIN; i++) {
        size_t index = i % DIGITS_TRAIN;
        uint64_t step = m->count->step;
        size_t kept = ff_memory_count(&m->memory);
        struct ff_learned out = learn_listed(m, &index, 1);
        if (out.fate[0] != FF_FATE_HELD_OUT)
            continue;
        held_out++;
        assert_int_equal(out.step, step);
        assert_int_equal(ff_memory_count(&m->memory), kept);
    }
    ff_model_stats(m, &stats);
    assert_int_equal(stats.held_out, held_out);
    /* One in 20, of the frames after the first 100 of each class. */
    assert_in_range(held_out, 70, 110);
    ff_model_free(m);
}

struct beside {
    struct ff_model *m;
    int status;
};

static void *run(void *ctx)
{
    struct beside *b = ctx;
    b->status = ff_fit_run(b->m);
    return NULL;
}

/* What is fitted is of the moment it began, however long it takes and
   whatever is learned meanwhile. */
void a_fit_runs_beside_learning_and_is_of_its_beginning(void **state)
{
    (void)state;
    struct ff_model *a = new_model(fitted_spec());
    learn_digits(a, 0, 1000, 32);
    struct ff_model *b = copy_of(a);
    struct beside beside = {.m = a};
    pthread_t thread;
    assert_int_equal(ff_fit_begin(a), 0);
    assert_int_equal(pthread_create(&thread, NULL, run, &beside), 0);
    learn_digits(a, 1000, 1300, 32);
    struct ff_spec spec = *ff_model_spec(a); /* tuned, to the same */
    assert_int_equal(ff_model_tune(a, &spec), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(beside.status, 0);
    assert_int_equal(ff_fit_install(a), 0);

    assert_int_equal(ff_fit_begin(b), 0);
    assert_int_equal(ff_fit_run(b), 0);
    learn_digits(b, 1000, 1300, 32);
    assert_int_equal(ff_model_tune(b, &spec), 0);
    assert_int_equal(ff_fit_install(b), 0);
    assert_same_state(a, b);
    assert_int_equal(a->tally->fits, 1);
    ff_model_free(a);
    ff_model_free(b);
}

void one_fit_runs_at_a_time_and_then_not_at_once_again(void **state)
{
    (void)state;
    struct ff_model *m = new_model(fitted_spec());
    assert_false(ff_fit_due(m)); /* there is nothing to fit to */
    learn_digits(m, 0, 300, 32);
    assert_true(ff_fit_due(m));
    assert_int_equal(ff_fit_begin(m), 0);
    assert_false(ff_fit_due(m));
    assert_int_equal(ff_fit_begin(m), FF_EBUSY);
    assert_int_equal(ff_fit_run(m), 0);
    assert_int_equal(ff_fit_install(m), 0);
    assert_false(ff_fit_due(m));
    learn_digits(m, 300, 600, 32);
    assert_true(ff_fit_due(m));
    ff_model_free(m);
}

void what_cannot_be_fitted_leaves_the_last_fit(void **state)
{
    (void)state;
    struct ff_model *m = new_model(fitted_spec());
    assert_int_equal(ff_fit_begin(m), 0);
    assert_int_equal(ff_fit_run(m), FF_EMPTY);
    assert_int_equal(ff_fit_install(m), FF_EMPTY);
    assert_int_equal(m->tally->fits, 0);
    learn_digits(m, 0, 100, 32);
    fit(m);
    assert_int_equal(m->tally->fits, 1);
    ff_model_free(m);
}

/* Answers for digits from..to, turned by 90 degrees if asked. */
static void ask(struct ff_model *m, size_t from, size_t to, bool turned,
                float *typicality, float *confidence, size_t *right)
{
    struct ff_scratch *s;
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    *right = 0;
    for (size_t i = from; i < to; i++) {
        uint8_t frame[64];
        const void *row = frame;
        int label;
        for (size_t p = 0; p < 64; p++)
            frame[p] = digits_frame(i)[turned ? p % 8 * 8 + 7 - p / 8 : p];
        struct ff_answers out = {.label = &label,
                                 .typicality = typicality + i - from,
                                 .confidence = confidence + i - from};
        assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
        *right += label == class_of(m, digits_label(i));
    }
    ff_view_release(v);
    ff_scratch_free(s);
}

void typicality_is_low_for_few_ordinary_frames_and_most_strange_ones(
    void **state)
{
    (void)state;
    struct ff_model *m = new_model(fitted_spec());
    float typicality[DIGITS], confidence[DIGITS];
    size_t n = DIGITS - DIGITS_TRAIN, right, alarms = 0, found = 0;
    for (int pass = 0; pass < 3; pass++)
        learn_digits(m, 0, DIGITS_TRAIN, 32);
    ask(m, DIGITS_TRAIN, DIGITS, false, typicality, confidence, &right);
    assert_true(isnan(typicality[0])); /* nothing is fitted yet */
    fit(m);
    ask(m, DIGITS_TRAIN, DIGITS, false, typicality, confidence, &right);
    for (size_t i = 0; i < n; i++) {
        assert_true(typicality[i] > 0 && typicality[i] <= 1);
        alarms += typicality[i] <= 0.1f;
    }
    ask(m, DIGITS_TRAIN, DIGITS, true, typicality, confidence, &right);
    for (size_t i = 0; i < n; i++)
        found += typicality[i] <= 0.1f;
    assert_in_range(100 * alarms / n, 2, 25); /* 10 % were meant */
    assert_true(found > n / 2);
    ff_model_free(m);
}

void confidence_is_about_the_share_that_is_right(void **state)
{
    (void)state;
    struct ff_model *m = new_model(fitted_spec());
    float typicality[DIGITS], confidence[DIGITS];
    size_t n = DIGITS - DIGITS_TRAIN, right;
    double sum = 0;
    for (int pass = 0; pass < 3; pass++)
        learn_digits(m, 0, DIGITS_TRAIN, 32);
    fit(m);
    ask(m, DIGITS_TRAIN, DIGITS, false, typicality, confidence, &right);
    for (size_t i = 0; i < n; i++)
        sum += (double)confidence[i];
    assert_near(sum / (double)n, (double)right / (double)n, 0, 0.05,
                "mean confidence");
    ff_model_free(m);
}

static int label_of(struct ff_model *m, size_t digit, float *confidence)
{
    struct ff_scratch *s;
    int label;
    const void *row = digits_frame(digit);
    struct ff_answers out = {.label = &label, .confidence = confidence};
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
    ff_view_release(v);
    ff_scratch_free(s);
    return label;
}

void a_class_that_came_since_the_fit_is_not_answered(void **state)
{
    (void)state;
    struct ff_spec s = fitted_spec();
    float confidence;
    s.objective = FF_HYBRID;
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, 3, 3); /* 0, 1 and 2 */
    assert_int_equal(label_of(m, 0, &confidence), -1);
    assert_true(confidence == 0);
    learn_digits(m, 10, 13, 3); /* and again */
    fit(m);
    assert_int_equal(label_of(m, 0, &confidence), class_of(m, 0));
    learn_digits(m, 3, 10, 7); /* all others, once */
    for (size_t i = 3; i < 10; i++)
        assert_in_range(label_of(m, i, &confidence), 0, 2);
    ff_model_free(m);
}

void an_answer_says_who_gave_it(void **state)
{
    (void)state;
    struct ff_spec s = fitted_spec();
    s.answer = FF_ANSWER_CLOSED_FORM;
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, 200, 32);
    assert_int_equal(ff_publish(m), 0);
    const struct ff_view *v = ff_view_acquire(m);
    assert_int_equal(ff_view_answers_by(v), FF_ANSWER_GOODNESS);
    ff_view_release(v);
    fit(m);
    v = ff_view_acquire(m);
    assert_int_equal(ff_view_answers_by(v), FF_ANSWER_CLOSED_FORM);
    ff_view_release(v);
    ff_model_free(m);
}

/* The world turned over: the reaction is of this very call. */
static struct ff_learned until_drift(struct ff_model *m)
{
    struct ff_learned out = {0};
    int shifted[DIGITS];
    learn_digits(m, 0, 1400, 8);
    for (size_t i = 0; i < 400 && !(out.drift & 3); i += 8) {
        const void *rows[8];
        for (size_t j = 0; j < 8; j++) {
            rows[j] = digits_frame(i + j);
            shifted[j] = (class_of(m, digits_label(i + j)) + 1) % 10;
        }
        assert_int_equal(ff_learn(m, rows, shifted, NULL, 8, &out), 0);
    }
    return out;
}

void drift_is_reacted_to_as_asked(void **state)
{
    (void)state;
    for (int reaction = FF_DRIFT_NONE; reaction <= FF_DRIFT_BOOST; reaction++) {
        struct ff_spec s = digits_spec();
        struct ff_stats stats;
        s.drift = (enum ff_drift_reaction)reaction;
        struct ff_model *m = new_model(s);
        struct ff_learned out = until_drift(m);
        ff_model_stats(m, &stats);
        assert_true(out.drift & 3);
        assert_true(out.drift_error > 0.1);
        assert_true(stats.error_alarms > 0 && stats.drifted > 1400);
        assert_int_equal(out.exhausted, reaction == FF_DRIFT_SLEEP);
        assert_true((m->tally->boosted > 0) == (reaction == FF_DRIFT_BOOST));
        ff_model_free(m);
    }
}
