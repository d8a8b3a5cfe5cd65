#include <math.h>
#include <stdlib.h>

#include "clients/cli/score.h"
#include "tests/clients/support.h"

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) < 1e-9);
}

/* Ten answers at 0.8, eight of them right: perfectly calibrated. */
void score_ece_of_calibrated_answers_is_zero(void **state)
{
    (void)state;
    struct score s;
    score_init(&s);
    for (int i = 0; i < 10; i++)
        score_add(&s, "a", i < 8 ? "a" : "b", 0.8);
    assert_near(score_accuracy(&s), 0.8);
    assert_near(score_ece(&s), 0);
    score_release(&s);
}

/* Two bins: |0.5 - 0.9| of two answers, |1 - 0.6| of another two. */
void score_ece_weighs_bins_by_their_frames(void **state)
{
    (void)state;
    struct score s;
    score_init(&s);
    score_add(&s, "a", "a", 0.9);
    score_add(&s, "a", "b", 0.9);
    score_add(&s, "b", "b", 0.61);
    score_add(&s, "b", "b", 0.61);
    assert_near(score_ece(&s), (2 * 0.4 + 2 * 0.39) / 4);
    /* A confidence of 1 falls into the last bin, which 0.9 is not in. */
    score_add(&s, "b", "a", 1.0);
    assert_near(score_ece(&s), (2 * 0.4 + 2 * 0.39 + 1) / 5);
    score_release(&s);
}

void score_of_nothing_is_not_a_number(void **state)
{
    (void)state;
    struct score s;
    score_init(&s);
    assert_true(isnan(score_accuracy(&s)));
    assert_true(isnan(score_ece(&s)));
    score_release(&s);
}

void score_confusion_has_truth_by_answer(void **state)
{
    (void)state;
    struct score s;
    score_init(&s);
    score_add(&s, "10", "9", 0.5);
    score_add(&s, "10", "10", 0.5);
    score_add(&s, "9", NULL, (double)NAN);
    size_t *order = score_order(&s), *counts = score_confusion(&s, order);
    assert_string_equal(s.names.text[order[0]], "9");
    assert_string_equal(s.names.text[order[1]], "10");
    static const size_t want[6] = {0, 0, 1, 1, 1, 0};
    assert_memory_equal(counts, want, sizeof want);
    free(order);
    free(counts);
    score_release(&s);
}

void score_auroc_counts_ties_half(void **state)
{
    (void)state;
    float low[] = {0.1F, 0.2F}, high[] = {0.9F, 0.8F};
    assert_near(score_auroc(low, 2, high, 2), 1);
    assert_near(score_auroc(high, 2, low, 2), 0);
    float same[] = {0.5F, 0.5F}, also[] = {0.5F, 0.5F, 0.5F};
    assert_near(score_auroc(same, 2, also, 3), 0.5);
    float a[] = {1, 2, 3}, b[] = {2, 4};
    assert_near(score_auroc(a, 3, b, 2), (1.5 + 3) / 6);
    assert_true(isnan(score_auroc(a, 0, b, 2)));
}
