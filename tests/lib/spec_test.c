/* Validation and comparison of specifications. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/support.h"

void the_defaults_with_a_shape_are_a_model(void **state)
{
    (void)state;
    struct ff_spec s;
    char why[FF_WHY_MAX] = "";
    ff_spec_init(&s);
    s.shape[0] = s.shape[1] = 28;
    assert_int_equal(ff_spec_check(&s, why), FF_ESPEC);
    s.shape[2] = 1;
    assert_int_equal(ff_spec_check(&s, why), 0);
    assert_int_equal(s.loss, FF_LOSS_SOFTMAX);
    assert_near((double)s.lr, 0.002, 1e-6, 0, "lr");
    assert_near((double)s.vlr, 0.0005, 1e-6, 0, "vlr");
    assert_near((double)s.margin, 0.05, 1e-6, 0, "margin");
    assert_int_equal(ff_spec_inputs(&s), 784);
    assert_int_equal(ff_spec_frame_bytes(&s), 784);
    s.dtype = FF_F32;
    assert_int_equal(ff_spec_frame_bytes(&s), 4 * 784);
}

void what_is_left_open_depends_on_the_goodness(void **state)
{
    (void)state;
    struct ff_spec s = digits_spec();
    char why[FF_WHY_MAX] = "";
    s.goodness = FF_GOODNESS_GROUPS;
    s.lr = 0;
    assert_int_equal(ff_spec_check(&s, why), 0);
    assert_int_equal(s.loss, FF_LOSS_SOFTPLUS);
    assert_near((double)s.lr, 0.004, 1e-6, 0, "lr");
    assert_near((double)s.margin, 0.4, 1e-6, 0, "margin");
    struct ff_spec again = s;
    assert_int_equal(ff_spec_check(&again, why), 0);
    assert_memory_equal(&again, &s, sizeof s);
}

#define CASES(X)                                                               \
    X("input.shape", s.shape[0] = 0)                                           \
    X("input.shape", s.shape[2] = SIZE_MAX)                                    \
    X("input.shape", s.shape[0] = s.shape[1] = s.shape[2] = 1 << 20)           \
    X("input.dtype", s.dtype = (enum ff_dtype)2)                               \
    X("classes", s.classes = 0)                                                \
    X("classes", s.classes = FF_CLASSES_MAX + 1)                               \
    X("goodness", s.goodness = (enum ff_goodness_kind)9)                       \
    X("layers", s.layers = 0)                                                  \
    X("layers", s.layers = FF_LAYERS_MAX + 1)                                  \
    X("layers[1].units", s.units[1] = 0)                                       \
    X("layers[0].units", s.units[0] = FF_UNITS_MAX + 1)                        \
    X("layers[1].units", s.goodness = FF_GOODNESS_GROUPS; s.units[1] = 55)     \
    X("normalise", s.normalise = (enum ff_normalise_kind)2)                    \
    X("update", s.update = (enum ff_update_kind)2)                             \
    X("calibration", s.calibration = 9; s.units[1] = 8193)                     \
    X("calibration", s.calibration = 9; s.shape[0] = 129; s.units[0] = 8193)   \
    X("calibration", s.calibration = 9; s.objective = FF_LABEL_OVERLAY;        \
      s.classes = 961; s.units[0] = 8193)                                      \
    X("fit_every", s.fit_every = 0)                                            \
    X("memory", s.memory = 0; s.answer = FF_ANSWER_CLOSED_FORM)                \
    X("memory", s.memory = 0; s.objective = FF_HYBRID)                         \
    X("batch", s.batch = 0)                                                    \
    X("batch", s.batch = FF_BATCH_MAX + 1)                                     \
    X("memory", s.memory = SIZE_MAX)                                           \
    X("loss", s.loss = (enum ff_loss_kind)99)                                  \
    X("loss", s.loss = FF_LOSS_EXP)                                            \
    X("awake", s.awake = (enum ff_awake_kind)9)                                \
    X("awake", s.awake = FF_AWAKE_POSITIVE_ONLY)                               \
    X("asleep", s.asleep = FF_ASLEEP_NEGATIVE_ONLY)                            \
    X("awake", s.objective = FF_HYBRID; s.awake = FF_AWAKE_COMPETITIVE)        \
    X("objective", s.objective = FF_OBJECTIVES)                                \
    X("goodness", s.goodness = FF_GOODNESS_LAYER)                              \
    X("goodness", s.objective = FF_LABEL_OVERLAY;                              \
      s.goodness = FF_GOODNESS_GROUPS)                                         \
    X("answer", s.answer = (enum ff_answer_kind)9)                             \
    X("answer", s.objective = FF_HYBRID; s.answer = FF_ANSWER_GOODNESS)        \
    X("pseudo_label", s.pseudo_label = 2)                                      \
    X("anneal", s.anneal = NAN)                                                \
    X("asleep", s.asleep = (enum ff_asleep_kind)9)                             \
    X("lr", s.lr = -1)                                                         \
    X("lr", s.lr = NAN)                                                        \
    X("vlr", s.vlr = 2)                                                        \
    X("margin", s.margin = 11)                                                 \
    X("margin", s.margin = NAN)                                                \
    X("theta", s.theta = -1)                                                   \
    X("temperature", s.temperature = -1)                                       \
    X("peer", s.peer = 11)                                                     \
    X("average", s.average = 1)                                                \
    X("recent", s.recent = 0)                                                  \
    X("sleep.exhausted", s.sleep.exhausted = s.sleep.every - 1)                \
    X("sleep.replay", s.sleep.replay = -1)                                     \
    X("sleep.replay", s.sleep.replay = INFINITY)                               \
    X("sleep.confusions", s.sleep.confusions = 11)                             \
    X("sleep.dreams", s.sleep.dreams = NAN)                                    \
    X("sleep.jitter", s.sleep.jitter = -1)                                     \
    X("sleep.jitter", s.sleep.jitter = 17)

static void check_refused(struct ff_spec s, const char *name)
{
    char why[FF_WHY_MAX] = "", begin[64];
    snprintf(begin, sizeof begin, "%s: ", name);
    assert_int_equal(ff_spec_check(&s, why), FF_ESPEC);
    if (strncmp(why, begin, strlen(begin)) != 0)
        fail_msg("\"%s\" does not begin with \"%s\"", why, begin);
}

void every_refusal_names_its_option(void **state)
{
    (void)state;
    struct ff_spec s;
#define CASE(name, change)                                                     \
    s = digits_spec();                                                         \
    change;                                                                    \
    check_refused(s, name);
    CASES(CASE)
#undef CASE
}

void the_documented_refusal_reads_as_documented(void **state)
{
    (void)state;
    struct ff_spec s = digits_spec();
    char why[FF_WHY_MAX] = "";
    s.goodness = FF_GOODNESS_GROUPS;
    s.units[1] = 512;
    assert_int_equal(ff_spec_check(&s, why), FF_ESPEC);
    assert_string_equal(why, "layers[1].units: must be a multiple of classes "
                             "(10) with goodness: groups, is 512");
}

#define CHANGES(X)                                                             \
    X("input.shape", b.shape[1] = 9)                                           \
    X("input.shape", b.image = false)                                          \
    X("input.dtype", b.dtype = FF_F32)                                         \
    X("classes", b.classes = 11)                                               \
    X("goodness", b.goodness = FF_GOODNESS_GROUPS)                             \
    X("layers", b.layers = 1)                                                  \
    X("layers", b.units[1] = 61)                                               \
    X("normalise", b.normalise = FF_NORMALISE_LENGTH)                          \
    X("update", b.update = FF_UPDATE_ADAM)                                     \
    X("batch", b.batch = 16)                                                   \
    X("memory", b.memory = 301)                                                \
    X("objective", b.objective = FF_HYBRID)                                    \
    X("answer", b.answer = FF_ANSWER_SOFTMAX)                                  \
    X("late_labels.frames", b.pending = 7)                                     \
    X("calibration", b.calibration = 7)                                        \
    X("seed", b.seed = 2)

void the_first_difference_of_structure_is_named(void **state)
{
    (void)state;
    struct ff_spec a = digits_spec(), b;
    char why[FF_WHY_MAX];
#define CHANGE(name, change)                                                   \
    b = a;                                                                     \
    change;                                                                    \
    why[0] = 0;                                                                \
    assert_false(ff_spec_same_structure(&a, &b, why));                         \
    assert_true(strncmp(why, name ": ", sizeof name ": " - 1) == 0);
    CHANGES(CHANGE)
#undef CHANGE
}

void what_may_change_in_a_running_model_is_no_structure(void **state)
{
    (void)state;
    struct ff_spec a = digits_spec(), b = digits_spec();
    char why[FF_WHY_MAX] = "";
    b.loss = FF_LOSS_SYMMETRIC;
    b.lr = b.vlr = b.margin = b.theta = b.temperature = b.peer = 0.5f;
    b.average = 0.5f;
    b.recent = 7;
    b.sleep = (struct ff_sleep_spec){.every = 1, .exhausted = 2, .replay = 3};
    b.units[5] = 3; /* of a layer that is not there */
    assert_true(ff_spec_same_structure(&a, &b, why));
}

void a_model_takes_what_is_tuned_and_refuses_the_rest(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    struct ff_spec s = *ff_model_spec(m);
    s.lr = 0.3f;
    assert_int_equal(ff_model_tune(m, &s), 0);
    assert_true(ff_model_spec(m)->lr == 0.3f);
    s.lr = 0.4f;
    s.memory++;
    assert_int_equal(ff_model_tune(m, &s), FF_ESPEC);
    assert_true(ff_model_spec(m)->lr == 0.3f);
    ff_model_free(m);
}

void a_specification_is_the_same_after_being_text(void **state)
{
    (void)state;
    struct ff_spec specs[2] = {tiny_spec(), digits_spec()};
    specs[0].seed = UINT64_MAX - 2;
    specs[0].lr = 0.1f / 3;
    specs[1].objective = FF_HYBRID;
    for (int i = 0; i < 2; i++) {
        struct ff_spec back;
        char *text, *again, why[FF_WHY_MAX];
        assert_int_equal(ff_spec_check(&specs[i], why), 0);
        assert_int_equal(ff_spec_to_text(&specs[i], &text), 0);
        assert_int_equal(ff_spec_from_text(&back, text, strlen(text), why), 0);
        assert_true(ff_spec_same_structure(&specs[i], &back, why));
        assert_int_equal(ff_spec_to_text(&back, &again), 0);
        assert_string_equal(text, again);
        assert_true(back.seed == specs[i].seed && back.lr == specs[i].lr);
        free(again);
        free(text);
    }
}

void text_that_is_no_specification_is_refused(void **state)
{
    (void)state;
    static const char *const evil[] = {"",
                                       "{",
                                       "[]",
                                       "{}",
                                       "null",
                                       "{\"shape\":[2,2,\"1\"]}",
                                       "{\"shape\":[2,2,1],\"classes\":0}",
                                       "{\"shape\":[2,2,1],\"lr\":\"x\"}",
                                       "{\"shape\":[2,2,1]} x",
                                       "{\"shape\":[2,2,1],\"a\":\"\\ud800\"}"};
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        struct ff_spec s;
        char why[FF_WHY_MAX] = "";
        int status = ff_spec_from_text(&s, evil[i], strlen(evil[i]), why);
        if (status != FF_ESPEC || !why[0])
            fail_msg("%s: %d", evil[i], status);
    }
}
