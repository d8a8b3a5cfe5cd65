/*
 * What a model lately saw: it tells the truth, moves nothing, and holds nothing
 * of what was forgotten.
 */
#include <string.h>

#include "tests/lib/support.h"

static double mean(const struct ff_recent *r, size_t layer,
                   enum ff_recent_kind kind)
{
    double sum = 0;
    size_t n = r->goodness[layer][kind].n;
    for (size_t i = 0; i < n; i++)
        sum += (double)r->goodness[layer][kind].at[i];
    return sum / (double)n;
}

void real_and_negative_goodness_part_as_layers_learn(void **state)
{
    (void)state;
    static const enum ff_objective_kind objectives[] = {
        FF_COMPETITIVE,      FF_LABEL_OVERLAY, FF_HYBRID,
        FF_SELF_CONTRASTIVE, FF_LABEL_PATTERN, FF_TOP_DOWN,
        FF_SELF_CONTRASTIVE, FF_LABEL_PATTERN};
    for (size_t o = 0; o < sizeof objectives / sizeof *objectives; o++) {
        struct ff_spec s = o < 6 ? digits_spec() : conv_digits_spec();
        struct ff_recent r;
        s.objective = objectives[o];
        struct ff_model *m = new_model(s);
        ff_model_recent(m, &r);
        assert_int_equal(r.goodness[0][FF_RECENT_REAL].n, 0);
        learn_digits(m, 0, DIGITS_TRAIN, 32);
        ff_model_recent(m, &r);
        assert_int_equal(r.by_class, s.objective == FF_COMPETITIVE);
        for (size_t l = 0; l < 2; l++) {
            assert_true(r.goodness[l][FF_RECENT_REAL].n > 32);
            assert_true(r.goodness[l][FF_RECENT_NEGATIVE].n > 16);
            assert_true(mean(&r, l, FF_RECENT_REAL) >
                        mean(&r, l, FF_RECENT_NEGATIVE));
            if (!r.by_class)
                assert_int_equal(r.goodness[l][FF_RECENT_DREAM].n, 0);
        }
        ff_model_free(m);
    }
}

void recent_answers_are_those_of_the_prequential_window(void **state)
{
    (void)state;
    struct ff_model *m = new_model(digits_spec());
    struct ff_stats stats;
    struct ff_recent r;
    size_t right = 0;
    learn_digits(m, 0, DIGITS_TRAIN, 32);
    ff_model_stats(m, &stats);
    ff_model_recent(m, &r);
    assert_int_equal(r.answers, FF_RECENT_ANSWERS);
    for (size_t i = 0; i < r.answers; i++)
        right += r.answer[i].label == r.answer[i].answer;
    assert_near((double)right / FF_RECENT_ANSWERS, stats.accuracy_window, 0,
                1e-9, "share right");
    ff_model_free(m);
}

void recent_pictures_are_the_newest_frames_first(void **state)
{
    (void)state;
    struct ff_model *m = new_model(digits_spec());
    struct ff_recent r;
    learn_digits(m, 0, 400, 32);
    ff_model_recent(m, &r);
    assert_int_equal(r.frames, FF_RECENT_PICTURES);
    for (size_t i = 0; i < r.frames; i++) {
        assert_memory_equal(r.frame[i].bytes, digits_frame(399 - i), 64);
        assert_int_equal(r.frame[i].label, class_of(m, digits_label(399 - i)));
    }
    assert_true(r.mistakes > 0);
    for (size_t i = 0; i < r.mistakes; i++)
        assert_int_not_equal(r.mistake[i].label, r.mistake[i].answer);
    ff_model_free(m);
}

void a_look_moves_nothing_and_is_in_no_snapshot(void **state)
{
    (void)state;
    struct ff_model *m = new_model(digits_spec());
    struct ff_recent r;
    char before[33], after[33];
    learn_digits(m, 0, 400, 32);
    assert_int_equal(ff_model_digest(m, before), 0);
    ff_model_recent(m, &r);
    assert_int_equal(ff_model_digest(m, after), 0);
    assert_string_equal(before, after);
    struct ff_model *copy = copy_of(m);
    assert_int_equal(ff_model_digest(copy, after), 0);
    assert_string_equal(before, after);
    ff_model_recent(copy, &r);
    assert_int_equal(r.frames + r.mistakes + r.answers, 0);
    ff_model_free(copy);
    ff_model_free(m);
}

void what_was_forgotten_is_in_no_picture(void **state)
{
    (void)state;
    struct ff_model *m = new_model(digits_spec());
    struct ff_recent r;
    learn_digits(m, 0, 400, 32);
    assert_int_equal(ff_label_forget(m, class_of(m, 3)), 0);
    ff_model_recent(m, &r);
    assert_int_equal(r.frames + r.mistakes + r.answers, 0);
    for (size_t i = 0; i < FF_RECENT_PICTURES * m->frame_bytes; i++) {
        assert_int_equal(m->recent.frames.bytes[i], 0);
        assert_int_equal(m->recent.mistakes.bytes[i], 0);
    }
    ff_model_free(m);
}

void a_merged_label_is_the_other_in_pictures_too(void **state)
{
    (void)state;
    struct ff_model *m = new_model(digits_spec());
    struct ff_recent r;
    learn_digits(m, 0, 400, 32);
    int from = class_of(m, 3), to = class_of(m, 5);
    assert_int_equal(ff_label_merge(m, from, to), 0);
    ff_model_recent(m, &r);
    assert_int_equal(r.frames, FF_RECENT_PICTURES);
    for (size_t i = 0; i < r.frames; i++) {
        assert_int_not_equal(r.frame[i].label, from);
        assert_int_not_equal(r.frame[i].answer, from);
    }
    for (size_t i = 0; i < r.answers; i++)
        assert_int_not_equal(r.answer[i].label, from);
    ff_model_free(m);
}
