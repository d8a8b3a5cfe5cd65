/*
 * Digits are learned in one pass, in any order, without end.
 *
 * Floors are some five points below what was measured: another BLAS kernel
 * rounds otherwise. FF_TEST_SHOW=1 prints the figures.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/support.h"

/* One pass over the digits for learning; accuracy on the others. */
static double one_pass(struct ff_spec s, size_t B)
{
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, DIGITS_TRAIN, B);
    double share = accuracy(m, DIGITS_TRAIN, DIGITS);
    ff_model_free(m);
    return share;
}

static void assert_above(double share, double floor, const char *what)
{
    if (getenv("FF_TEST_SHOW"))
        print_message("%s: %.3f\n", what, share);
    if (!(share >= floor))
        fail_msg("%s: %.3f of the digits right, should be %.3f", what, share,
                 floor);
}

void digits_are_learned_in_one_pass(void **state)
{
    (void)state;
    struct ff_spec s = digits_spec();
    assert_above(one_pass(s, 32), 0.85, "weighted");
    s.goodness = FF_GOODNESS_GROUPS;
    assert_above(one_pass(s, 32), 0.8, "groups");
}

void positives_alone_awake_are_enough_with_sleep(void **state)
{
    (void)state;
    struct ff_spec s = digits_spec();
    s.goodness = FF_GOODNESS_GROUPS;
    s.awake = FF_AWAKE_POSITIVE_ONLY;
    assert_above(one_pass(s, 32), 0.8, "positive only");
}

/* Lifted by day, pushed down by night, never both: one night after the whole
   day, and more often. */
void phases_wholly_apart_are_enough_when_centred(void **state)
{
    (void)state;
    struct ff_spec s = digits_spec();
    s.goodness = FF_GOODNESS_GROUPS;
    s.awake = FF_AWAKE_POSITIVE_ONLY;
    s.asleep = FF_ASLEEP_NEGATIVE_ONLY;
    s.normalise = FF_NORMALISE_CENTRED;
    s.lr = 0.01f;
    s.sleep.dreams = 0;
    s.sleep.replay = 1;
    assert_above(one_pass(s, 32), 0.8, "phases apart");
    s.sleep.every = s.sleep.exhausted = DIGITS_TRAIN;
    assert_above(one_pass(s, 32), 0.8, "phases apart, one night");
}

void adam_learns_too(void **state)
{
    (void)state;
    struct ff_spec s = digits_spec();
    s.update = FF_UPDATE_ADAM;
    assert_above(one_pass(s, 32), 0.8, "adam");
}

void the_size_of_micro_batches_hardly_matters(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 8, 32};
    double least = 1, greatest = 0;
    for (int i = 0; i < 3; i++) {
        struct ff_spec s = digits_spec();
        s.batch = sizes[i];
        double share = one_pass(s, sizes[i]);
        assert_above(share, 0.85, "a size of micro-batch");
        least = fmin(least, share);
        greatest = fmax(greatest, share);
    }
    assert_true(greatest - least < 0.05);
}

/* The digits two classes at a time: 0 and 1, then 2 and 3, and so on. */
static double class_incremental(struct ff_spec s)
{
    struct ff_model *m = new_model(s);
    for (int task = 0; task < 5; task++) {
        size_t index[32], n = 0;
        for (size_t i = 0; i < DIGITS_TRAIN; i++) {
            if (digits_label(i) / 2 == task)
                index[n++] = i;
            if (n < 32 && i + 1 < DIGITS_TRAIN)
                continue;
            if (n > 0 && learn_listed(m, index, n).exhausted)
                sleep_out(m, 4);
            n = 0;
        }
    }
    double share = accuracy(m, DIGITS_TRAIN, DIGITS);
    ff_model_free(m);
    return share;
}

void classes_that_come_one_after_another_are_kept_by_sleep(void **state)
{
    (void)state;
    struct ff_spec s = digits_spec();
    s.sleep.every = s.sleep.exhausted = 64;
    double asleep = class_incremental(s);
    s.sleep.every = 0;
    double awake = class_incremental(s);
    assert_above(asleep, 0.78, "with sleep");
    if (getenv("FF_TEST_SHOW"))
        print_message("without sleep: %.3f\n", awake);
    assert_true(asleep > awake + 0.4);
}

void a_class_never_learned_is_never_answered(void **state)
{
    (void)state;
    for (int goodness = 0; goodness < 2; goodness++) {
        struct ff_spec s = digits_spec();
        s.goodness = (enum ff_goodness_kind)goodness;
        struct ff_model *m = new_model(s);
        struct ff_scratch *scratch;
        assert_int_equal(ff_scratch_new(&scratch, m, 1), 0);
        for (int k = 0; k < 10; k++)
            class_of(m, k); /* bound, all of them; only 3 and 7 are learned */
        for (size_t i = 0; i < DIGITS_TRAIN; i++)
            if (digits_label(i) == 3 || digits_label(i) == 7)
                learn_digits(m, i, i + 1, 1);
        assert_int_equal(ff_publish(m), 0);
        const struct ff_view *v = ff_view_acquire(m);
        for (size_t i = 0; i < 200; i++) {
            int label;
            float scores[10];
            const void *row = digits_frame(i);
            struct ff_answers out = {.label = &label, .scores = scores};
            assert_int_equal(ff_predict(v, scratch, &row, 1, &out), 0);
            assert_true(label == 3 || label == 7);
            for (int k = 0; k < 10; k++)
                assert_true((scores[k] == 0) == (k != 3 && k != 7));
        }
        ff_view_release(v);
        ff_scratch_free(scratch);
        ff_model_free(m);
    }
}

void an_empty_model_answers_that_it_knows_nothing(void **state)
{
    (void)state;
    struct ff_model *m = new_model(digits_spec());
    struct ff_scratch *scratch;
    int label = 5;
    float confidence = 1, novelty = 0, scores[10], goodness[2];
    const void *row = digits_frame(0);
    struct ff_answers out = {.label = &label,
                             .confidence = &confidence,
                             .novelty = &novelty,
                             .scores = scores,
                             .goodness = goodness};
    assert_int_equal(ff_scratch_new(&scratch, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    assert_int_equal(ff_predict(v, scratch, &row, 1, &out), 0);
    assert_int_equal(label, -1);
    assert_true(confidence == 0);
    assert_true(isnan(novelty));
    for (int k = 0; k < 10; k++)
        assert_true(scores[k] == 0);
    ff_view_release(v);
    ff_scratch_free(scratch);
    ff_model_free(m);
}

void one_frame_is_enough_to_know_its_class(void **state)
{
    (void)state;
    struct ff_model *m = new_model(digits_spec());
    learn_digits(m, 0, 1, 1);
    assert_true(accuracy(m, 0, 1) == 1);
    ff_model_free(m);
}

/* Mean novelty of the digits from..to, whose pixels are shuffled or not. */
static double novelty_of(struct ff_model *m, bool shuffled)
{
    struct ff_scratch *scratch;
    double sum = 0;
    assert_int_equal(ff_scratch_new(&scratch, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = DIGITS_TRAIN; i < DIGITS; i++) {
        uint8_t frame[64];
        float novelty;
        const void *row = frame;
        struct ff_answers out = {.novelty = &novelty};
        for (size_t j = 0; j < 64; j++)
            frame[shuffled ? j * 37 % 64 : j] = digits_frame(i)[j];
        assert_int_equal(ff_predict(v, scratch, &row, 1, &out), 0);
        assert_true(novelty >= 0 && novelty <= 1);
        sum += (double)novelty / (DIGITS - DIGITS_TRAIN);
    }
    ff_view_release(v);
    ff_scratch_free(scratch);
    return sum;
}

void what_is_no_digit_looks_more_like_a_dream(void **state)
{
    (void)state;
    struct ff_model *m = new_model(digits_spec());
    learn_digits(m, 0, DIGITS_TRAIN, 32);
    assert_int_equal(ff_publish(m), 0);
    double digits = novelty_of(m, false), noise = novelty_of(m, true);
    if (getenv("FF_TEST_SHOW"))
        print_message("novelty: digits %.3f, shuffled %.3f\n", digits, noise);
    assert_true(noise > digits + 0.5);
    ff_model_free(m);
}
