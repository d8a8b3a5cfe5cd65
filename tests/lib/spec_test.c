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
    X("batch", s.batch = 512; s.shape[0] = s.shape[1] = 1024)                  \
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
    X("sleep.replay", s.sleep.replay = 101)                                    \
    X("sleep.replay", s.sleep.replay = INFINITY)                               \
    X("sleep.confusions", s.sleep.confusions = 11)                             \
    X("sleep.dreams", s.sleep.dreams = NAN)                                    \
    X("sleep.jitter", s.sleep.jitter = -1)                                     \
    X("sleep.jitter", s.sleep.jitter = 17)                                     \
    X("sleep.flip", s.sleep.flip = 2)                                          \
    X("sleep.cutout", s.sleep.cutout = 1.5f)                                   \
    X("sleep.cutout", s.sleep.cutout = NAN)                                    \
    X("heads", s.heads = (enum ff_heads_kind)4)                                \
    X("input.scale", s.scale[0] = -1)                                          \
    X("input.scale", s.scale[0] = NAN)                                         \
    X("input.mean", s.scale[0] = 1; s.mean[0] = INFINITY)                      \
    X("input.scale", s.scale[0] = 1; s.shape[2] = 3)                           \
    X("input.scale", s.scale[0] = 1; s.shape[2] = FF_CHANNELS_MAX + 1)         \
    X("input.scale", s.scale[0] = 1; s.objective = FF_LABEL_OVERLAY)           \
    X("input.scale", s.scale[0] = 1; s.objective = FF_TOP_DOWN)                \
    X("layers[1].freeze", s.freeze[1] = UINT64_MAX)                            \
    X("pattern", s.pattern = (enum ff_pattern_kind)2)                          \
    X("pattern_weight", s.pattern_weight = 0)                                  \
    X("pattern_weight", s.pattern_weight = 11)                                 \
    X("pattern_weight", s.pattern_weight = NAN)                                \
    X("input.shape", s.objective = FF_LABEL_PATTERN; s.shape[0] = 64;          \
      s.shape[1] = 1; s.image = false)                                         \
    X("input.shape", s.objective = FF_LABEL_PATTERN; s.shape[0] = 4;           \
      s.shape[1] = 4)                                                          \
    X("pattern", s.objective = FF_LABEL_PATTERN; s.classes = 41;               \
      s.pattern = FF_PATTERN_STRIPS)                                           \
    X("goodness", s.objective = FF_LABEL_PATTERN;                              \
      s.goodness = FF_GOODNESS_WEIGHTED)

/* The same of a convolutional stack. */
#define CONV_CASES(X)                                                          \
    X("layers[0].kernel", c->kernel = FF_KERNEL_MAX + 1)                       \
    X("layers[0].kernel", c->kernel = SIZE_MAX)                                \
    X("layers[0].stride", c->stride = FF_KERNEL_MAX + 1)                       \
    X("layers[0].stride", c->stride = SIZE_MAX)                                \
    X("layers[0].pad", c->pad = 3)                                             \
    X("layers[0].pad", c->pad = SIZE_MAX)                                      \
    X("layers[0].pool", c->pool = FF_KERNEL_MAX + 1)                           \
    X("layers[0].pool", c->pool = SIZE_MAX)                                    \
    X("layers[0].groups", c->groups = 2)                                       \
    X("layers[0].groups", c->groups = SIZE_MAX)                                \
    X("layers[1].groups", s.conv[1].groups = 3)                                \
    X("layers[1].groups", s.conv[1].groups = 8)                                \
    X("layers[0].grid", c->grid = 5)                                           \
    X("layers[0].grid", c->grid = SIZE_MAX)                                    \
    X("layers[1].grid", s.conv[1].grid = 3)                                    \
    X("layers[0].conv", c->kernel = 9; c->pad = 0)                             \
    X("layers[0].conv", c->pool = 9)                                           \
    X("layers[1].conv", s.conv[1].pool = 5)                                    \
    X("layers[2].conv", s.layers = 3; s.conv[2] = *c; s.conv[2].pool = 3)      \
    X("layers[1].conv", c->kernel = 0)                                         \
    X("layers[0].conv", s.image = false)                                       \
    X("layers[0].conv", s.objective = FF_LABEL_OVERLAY)                        \
    X("layers[0].conv", s.objective = FF_TOP_DOWN)                             \
    X("layers[0].conv", s.shape[0] = s.shape[1] = 1 << 10; s.units[0] = 512)   \
    X("layers[0].conv", s.shape[0] = 1 << 22; s.shape[1] = 1; c->pool = 1;     \
      s.units[0] = FF_UNITS_MAX)                                               \
    X("layers[0].units", s.units[0] = SIZE_MAX)                                \
    X("layers[1].units", s.goodness = FF_GOODNESS_GROUPS; s.units[1] = 55)     \
    X("calibration", s.calibration = 9; s.units[1] = 8192 / 4 + 1)             \
    X("answer", s.answer = FF_ANSWER_CLOSED_FORM; s.units[1] = 2005)

/* The same of a recurrent stack. */
#define RECURRENT_CASES(X)                                                     \
    X("layers[0].pool", c->pool = 9)                                           \
    X("layers[0].pool", c->pool = SIZE_MAX)                                    \
    X("layers[1].pool", s.conv[1].pool = 5)                                    \
    X("layers[0].grid", c->grid = 5)                                           \
    X("layers[0].grid", c->grid = SIZE_MAX)                                    \
    X("layers[0].recurrent", s.image = false)                                  \
    X("layers[0].recurrent", s.objective = FF_LABEL_OVERLAY)                   \
    X("layers[0].recurrent", s.shape[0] = 1 << 12; s.units[0] = 1 << 12)       \
    X("layers[1].recurrent", s.recurrent[0] = false)                           \
    X("layers[0].units", s.units[0] = SIZE_MAX)

static struct ff_spec recurrent_spec(void)
{
    struct ff_spec s = digits_spec();
    s.recurrent[0] = s.recurrent[1] = true;
    s.conv[0].pool = 2;
    return s;
}

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

void every_refusal_of_a_convolution_names_its_option(void **state)
{
    (void)state;
    struct ff_spec s;
    struct ff_conv_spec *c = &s.conv[0];
#define CASE(name, change)                                                     \
    s = conv_digits_spec();                                                    \
    change;                                                                    \
    check_refused(s, name);
    CONV_CASES(CASE)
#undef CASE
}

void every_refusal_of_a_recurrent_layer_names_its_option(void **state)
{
    (void)state;
    struct ff_spec s;
    struct ff_conv_spec *c = &s.conv[0];
#define CASE(name, change)                                                     \
    s = recurrent_spec();                                                      \
    change;                                                                    \
    check_refused(s, name);
    RECURRENT_CASES(CASE)
#undef CASE
}

static struct ff_spec checked(struct ff_spec s)
{
    char why[FF_WHY_MAX] = "";
    if (ff_spec_check(&s, why))
        fail_msg("%s", why);
    return s;
}

void what_is_left_open_of_a_convolution_is_filled_in(void **state)
{
    (void)state;
    struct ff_spec s = checked(conv_digits_spec());
    for (int l = 0; l < 2; l++) {
        assert_int_equal(s.conv[l].stride, 1);
        assert_int_equal(s.conv[l].pool, 2);
        assert_int_equal(s.conv[l].groups, 1);
        assert_int_equal(s.conv[l].grid, l == 0 ? 3 : 2); /* of 4 x 4, 2 x 2 */
    }
    assert_int_equal(s.heads, FF_HEADS_UPPER);
    struct ff_spec again = checked(s);
    assert_memory_equal(&again, &s, sizeof s);
    s = conv_digits_spec();
    s.goodness = FF_GOODNESS_GROUPS; /* classes have channels, not places */
    s = checked(s);
    assert_int_equal(s.conv[0].grid, 1);
    assert_int_equal(checked(digits_spec()).heads, FF_HEADS_ALL);
    s = conv_digits_spec();
    s.objective = FF_LABEL_OVERLAY;
    s.conv[0].kernel = s.conv[1].kernel = 0;
    s = checked(s); /* the rest of a dense layer's window is not looked at */
    assert_int_equal(s.heads, FF_HEADS_ALL);
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
    X("layers", b.freeze[1] = 9)                                               \
    X("layers", b.conv[0].kernel = 3)                                          \
    X("heads", b.heads = FF_HEADS_LAST)                                        \
    X("pattern", b.pattern = FF_PATTERN_STRIPS)                                \
    X("pattern_weight", b.pattern_weight = 0.5f)                               \
    X("input.mean", b.scale[0] = b.mean[0] = 1)                                \
    X("input.scale", b.scale[0] = 1)                                           \
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

void the_first_difference_of_windows_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct ff_spec a = conv_digits_spec(), b = a;
        size_t *sizes = &b.conv[1].kernel;
        char why[FF_WHY_MAX] = "";
        sizes[i]++;
        assert_false(ff_spec_same_structure(&a, &b, why));
        assert_true(strncmp(why, "layers: ", 8) == 0);
    }
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
    b.sleep.flip = 1;
    b.sleep.cutout = 0.2f;
    b.units[5] = 3; /* of a layer that is not there */
    b.conv[5].kernel = 3;
    b.freeze[5] = 3;
    b.conv[1].pool = 7; /* of a layer that is dense */
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
    struct ff_spec specs[4] = {tiny_spec(), digits_spec(), conv_digits_spec(),
                               digits_spec()};
    specs[0].seed = UINT64_MAX - 2;
    specs[0].lr = 0.1f / 3;
    specs[1].objective = FF_HYBRID;
    specs[2].layers = 3;
    specs[2].conv[1] = (struct ff_conv_spec){5, 2, 4, 1, 4, 2};
    specs[2].shape[2] = 2;
    specs[2].mean[1] = -0.1f / 3;
    specs[2].scale[0] = 1e-3f;
    specs[2].scale[1] = 0.1f / 3;
    specs[2].freeze[2] = 1000000;
    specs[2].freeze[1] = UINT64_C(1) << 53;
    specs[2].heads = FF_HEADS_LAST;
    specs[2].sleep.flip = 1;
    specs[2].sleep.cutout = 0.1f / 3;
    specs[3].objective = FF_LABEL_PATTERN;
    specs[3].pattern = FF_PATTERN_STRIPS;
    specs[3].pattern_weight = 0.1f / 3;
    for (int i = 0; i < 4; i++) {
        struct ff_spec back;
        char *text, *again, why[FF_WHY_MAX];
        assert_int_equal(ff_spec_check(&specs[i], why), 0);
        assert_int_equal(ff_spec_to_text(&specs[i], &text), 0);
        assert_int_equal(ff_spec_from_text(&back, text, strlen(text), why), 0);
        assert_true(ff_spec_same_structure(&specs[i], &back, why));
        assert_int_equal(ff_spec_to_text(&back, &again), 0);
        assert_string_equal(text, again);
        assert_true(back.seed == specs[i].seed && back.lr == specs[i].lr);
        assert_memory_equal(&back.sleep, &specs[i].sleep, sizeof back.sleep);
        free(again);
        free(text);
    }
}

#define WITH(key, value) "{\"shape\":[4,4,1],\"image\":1,\"" key "\":" value "}"

void text_that_is_no_specification_is_refused(void **state)
{
    (void)state;
    static const char *const evil[] = {
        "",
        "{",
        "[]",
        "{}",
        "null",
        "{\"shape\":[2,2,\"1\"]}",
        "{\"shape\":[2,2,1],\"classes\":0}",
        "{\"shape\":[2,2,1],\"lr\":\"x\"}",
        "{\"shape\":[2,2,1]} x",
        "{\"shape\":[2,2,1],\"a\":\"\\ud800\"}",
        WITH("windows", "[[3,1,1,1,1]]"),
        WITH("windows", "[[3,1,1,1,1,1,1]]"),
        WITH("windows", "[[3,1,1,1,1,-1]]"),
        WITH("windows", "[[3,1,1,1,1,\"\"]]"),
        WITH("windows", "[[3,1,1,1,1,1.5]]"),
        WITH("windows", "[[9223372036854775807,1,1,1,1,1]]"),
        WITH("windows", "[[1,9223372036854775807,0,1,1,1]]"),
        WITH("windows", "[[1,1,9223372036854775807,1,1,1]]"),
        WITH("windows", "[[1,1,0,9223372036854775807,1,1]]"),
        WITH("windows", "[[1,1,0,1,9223372036854775807,1]]"),
        WITH("windows", "[[1,1,0,1,1,9223372036854775807]]"),
        WITH("windows", "[[],[1,1,0,1,1,1]]"),
        WITH("windows", "[[],[],[],[],[],[],[],[],[]]"),
        WITH("freeze", "[-1]"),
        WITH("freeze", "[1.5]"),
        WITH("freeze", "[9223372036854775807]"),
        WITH("freeze", "[1,1,1,1,1,1,1,1,1]"),
        WITH("scale", "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]"),
        WITH("scale", "[-1]"),
        WITH("scale", "[null]"),
        WITH("mean", "[true]"),
        WITH("mean", "[1e300],\"scale\":[1]"),
        WITH("heads", "4"),
        WITH("pattern", "2"),
        WITH("pattern_weight", "0"),
        WITH("objective", "4"), /* 4 x 4 have no waves */
        WITH("sleep.flip", "2"),
        WITH("sleep.cutout", "-1")};
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        struct ff_spec s;
        char why[FF_WHY_MAX] = "";
        int status = ff_spec_from_text(&s, evil[i], strlen(evil[i]), why);
        if (status != FF_ESPEC || !why[0])
            fail_msg("%s: %d", evil[i], status);
    }
}
