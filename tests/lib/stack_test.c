/*
 * Stacks with convolutions, as their users see them.
 *
 * Floors are some five points below what was measured; FF_TEST_SHOW=1 prints
 * the figures.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/support.h"

static void assert_above(double share, double floor, const char *what)
{
    if (getenv("FF_TEST_SHOW"))
        print_message("%s: %.3f\n", what, share);
    if (!(share >= floor))
        fail_msg("%s: %.3f of the digits right, should be %.3f", what, share,
                 floor);
}

static double one_pass(struct ff_spec s, size_t B)
{
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, DIGITS_TRAIN, B);
    double share = accuracy(m, DIGITS_TRAIN, DIGITS);
    ff_model_free(m);
    return share;
}

/* Channels, channels, and units on top. */
static struct ff_spec topped_spec(void)
{
    struct ff_spec s = conv_digits_spec();
    s.layers = 3;
    s.units[2] = 100;
    return s;
}

void digits_are_learned_by_convolutions(void **state)
{
    (void)state;
    struct ff_spec s = conv_digits_spec();
    assert_above(one_pass(s, 32), 0.85, "two convolutions");
    assert_above(one_pass(s, 1), 0.88, "single frames");
    assert_above(one_pass(topped_spec(), 32), 0.87, "a dense layer on top");
    s.conv[1].groups = 2;
    assert_above(one_pass(s, 32), 0.84, "in two groups");
    s = conv_digits_spec();
    s.update = FF_UPDATE_ADAM;
    s.lr = 0.003f;
    assert_above(one_pass(s, 32), 0.85, "adam");
    s = conv_digits_spec();
    s.goodness = FF_GOODNESS_GROUPS;
    assert_above(one_pass(s, 32), 0.65, "channels of their own");
    s.units[0] = 40;
    s.units[1] = 80;
    s.loss = FF_LOSS_SOFTMAX;
    s.temperature = 10;
    s.margin = 0.05f;
    assert_above(one_pass(s, 32), 0.84, "and softmax of their means");
}

/* The answers of a fresh view to digits from..to, n at a time: (K) scores. */
static void ask(struct ff_model *m, size_t from, size_t to, size_t n,
                float *scores)
{
    struct ff_scratch *s;
    const void *rows[32];
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&s, m, n), 0);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = from; i < to; i += n) {
        size_t some = to - i < n ? to - i : n;
        struct ff_answers out = {.scores = scores + (i - from) * m->K};
        for (size_t j = 0; j < some; j++)
            rows[j] = digits_frame(i + j);
        assert_int_equal(ff_predict(v, s, rows, some, &out), 0);
    }
    ff_view_release(v);
    ff_scratch_free(s);
}

#define ASKED ((size_t)64)

void convolutions_answer_a_frame_alone_as_among_others(void **state)
{
    (void)state;
    static float alone[ASKED * 10], among[ASKED * 10];
    struct ff_model *m = new_model(topped_spec());
    learn_digits(m, 0, 640, 32);
    ask(m, DIGITS_TRAIN, DIGITS_TRAIN + ASKED, 1, alone);
    for (size_t n = 3; n <= 32; n += 29) {
        ask(m, DIGITS_TRAIN, DIGITS_TRAIN + ASKED, n, among);
        for (size_t i = 0; i < ASKED * 10; i++)
            assert_near((double)among[i], (double)alone[i], 0, 1e-5, "score");
    }
    ff_model_free(m);
}

/* What a model can take at once is room, and no part of what it becomes. */
void a_convolution_is_the_same_alone_or_in_micro_batches_of_one(void **state)
{
    (void)state;
    struct ff_spec s = conv_digits_spec();
    s.memory = 0;
    struct ff_model *wide = new_model(s);
    s.batch = 1;
    struct ff_model *narrow = new_model(s);
    learn_digits(wide, 0, 40, 1);
    learn_digits(narrow, 0, 40, 1);
    assert_memory_equal(wide->params, narrow->params,
                        wide->params_n * sizeof(float));
    ff_model_free(wide);
    ff_model_free(narrow);
}

/* ---- read-outs ------------------------------------------------------------
 */

static void fit(struct ff_model *m)
{
    assert_int_equal(ff_fit_begin(m), 0);
    assert_int_equal(ff_fit_run(m), 0);
    assert_int_equal(ff_fit_install(m), 0);
    assert_int_equal(ff_publish(m), 0);
}

/* Of 512 x 512, 64 frames are more than a pass holds, and the read-out is
   fitted to as many. */
void many_large_pictures_are_answered_for_as_each_alone(void **state)
{
    (void)state;
    enum { SIDE = 512, MANY = 64 };
    static uint8_t frame[MANY][SIDE * SIDE];
    struct ff_spec s = digits_spec();
    struct ff_scratch *scratch;
    struct ff_learned learned;
    const void *rows[MANY];
    int classes[MANY], label[MANY], alone;
    float sure[MANY], scores[MANY][10], one_sure, one_scores[10];
    s.shape[0] = s.shape[1] = SIDE;
    s.layers = 1;
    s.units[0] = 4;
    s.conv[0] = (struct ff_conv_spec){.kernel = 3, .stride = 2, .pool = 2};
    s.batch = 8;
    s.memory = MANY;
    s.answer = FF_ANSWER_CLOSED_FORM;
    s.sleep.every = 0;
    struct ff_model *m = new_model(s);
    for (size_t i = 0; i < MANY; i++) {
        classes[i] = class_of(m, (int)(i % 2));
        rows[i] = frame[i];
        for (size_t j = 0; j < sizeof frame[i]; j++) { /* a bright half */
            bool bright = (j % SIDE < SIDE / 2) == (i % 2 == 0);
            frame[i][j] = (uint8_t)((bright ? 200 : 20) + j * (i + 3) % 17);
        }
    }
    for (size_t i = 0; i < MANY; i += 8)
        assert_int_equal(ff_learn(m, rows + i, classes + i, NULL, 8, &learned),
                         0);
    fit(m);
    assert_int_equal(ff_scratch_new(&scratch, m, MANY), 0);
    assert_true(ff_pass_rows(m, MANY) < MANY);
    const struct ff_view *v = ff_view_acquire(m);
    struct ff_answers out = {
        .label = label, .confidence = sure, .scores = scores[0]};
    assert_int_equal(ff_predict(v, scratch, rows, MANY, &out), 0);
    for (size_t i = 0; i < MANY; i++) {
        struct ff_answers one = {
            .label = &alone, .confidence = &one_sure, .scores = one_scores};
        assert_int_equal(ff_predict(v, scratch, rows + i, 1, &one), 0);
        assert_int_equal(label[i], classes[i]);
        assert_int_equal(label[i], alone);
        assert_near((double)sure[i], (double)one_sure, 1e-5, 1e-5, "sure");
        for (size_t k = 0; k < 10; k++)
            assert_near((double)scores[i][k], (double)one_scores[k], 1e-5, 1e-5,
                        "score");
    }
    ff_view_release(v);
    ff_scratch_free(scratch);
    ff_model_free(m);
}

/* Mean p-value of test digits, as they are or turned into their negative. */
static double typicality(struct ff_model *m, bool negative)
{
    struct ff_scratch *s;
    double sum = 0;
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = DIGITS_TRAIN; i < DIGITS; i++) {
        uint8_t frame[64];
        float p;
        const void *row = frame;
        struct ff_answers out = {.typicality = &p};
        for (size_t d = 0; d < 64; d++)
            frame[d] = negative ? (uint8_t)(255 - digits_frame(i)[d])
                                : digits_frame(i)[d];
        assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
        assert_true(p > 0 && p <= 1);
        sum += (double)p / (DIGITS - DIGITS_TRAIN);
    }
    ff_view_release(v);
    ff_scratch_free(s);
    return sum;
}

void what_convolutions_learned_is_read_out_and_calibrated(void **state)
{
    (void)state;
    const enum ff_answer_kind answers[] = {
        FF_ANSWER_GOODNESS, FF_ANSWER_CLOSED_FORM, FF_ANSWER_SOFTMAX};
    const char *const names[] = {"goodness", "closed form", "softmax"};
    for (int i = 0; i < 3; i++) {
        struct ff_spec s = topped_spec();
        s.answer = answers[i];
        s.calibration = 200;
        struct ff_model *m = new_model(s);
        assert_int_equal(m->F, 20 * 9 + 40 * 4 + 100);
        learn_digits(m, 0, DIGITS_TRAIN, 32);
        learn_digits(m, 0, 600, 32);
        fit(m);
        const struct ff_view *v = ff_view_acquire(m);
        assert_int_equal(ff_view_answers_by(v), answers[i]);
        ff_view_release(v);
        assert_above(accuracy(m, DIGITS_TRAIN, DIGITS), 0.88, names[i]);
        double real = typicality(m, false), strange = typicality(m, true);
        if (getenv("FF_TEST_SHOW"))
            print_message("typicality %.3f, of negatives %.3f\n", real,
                          strange);
        assert_true(real > 0.25 && strange < real / 3);
        struct ff_model *copy = copy_of(m);
        assert_same_state(copy, m);
        ff_model_free(copy);
        ff_model_free(m);
    }
}

/* Random channels under the same read-out have 0.86. */
void convolutions_learn_from_hybrids_without_labels(void **state)
{
    (void)state;
    struct ff_spec s = topped_spec();
    s.objective = FF_HYBRID;
    s.lr = 0.005f;
    s.answer = FF_ANSWER_SOFTMAX;
    assert_above(one_pass(s, 32), 0.85, "hybrid, softmax");
    s.answer = FF_ANSWER_CLOSED_FORM;
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, DIGITS_TRAIN, 32);
    fit(m);
    assert_above(accuracy(m, DIGITS_TRAIN, DIGITS), 0.84,
                 "hybrid, closed form");
    ff_model_free(m);
}

/* What a class had of its own in each layer: rows of V when weighted, channels
   when it has some. */
void a_class_that_is_forgotten_leaves_nothing_of_its_own(void **state)
{
    (void)state;
    for (int goodness = 0; goodness < 2; goodness++) {
        struct ff_spec s = topped_spec();
        s.goodness = (enum ff_goodness_kind)goodness;
        struct ff_model *m = new_model(s);
        learn_digits(m, 0, 640, 32);
        struct ff_model *before = copy_of(m);
        size_t k = (size_t)ff_label_find(m, "3", 1);
        assert_int_equal(ff_label_forget(m, (int)k), 0);
        for (size_t l = 0; l < m->L; l++) {
            const struct ff_layer *p = &m->layer[l];
            size_t own = p->R / m->K, own_W = own * p->C;
            const float *const sets[] = {m->params, m->average};
            const float *W = before->params + p->W + k * own_W;
            for (int i = 0; i < 2; i++)
                for (size_t j = 0; j < p->Q && goodness == 0; j++)
                    assert_true(sets[i][p->V + k * p->Q + j] == 0);
            for (size_t j = 0; j < own_W && goodness == 1; j++) {
                size_t at = p->W + k * own_W + j;
                assert_true(m->params[at] != W[j]);
                assert_true(m->average[at] == m->params[at]);
            }
            for (size_t j = 0; j < own && goodness == 1; j++)
                assert_true(m->params[p->b + k * own + j] == 0);
            if (k > 0) /* and what is another's stays */
                assert_memory_equal(m->params + p->W, before->params + p->W,
                                    k * own_W * sizeof(float));
        }
        ff_model_free(before);
        ff_model_free(m);
    }
}

/* ---- freeze ---------------------------------------------------------------
 */

/* Layer l's parameters, up to those of the next. */
static size_t params_of(const struct ff_model *m, size_t l, const float **at)
{
    size_t end = l + 1 < m->L ? m->layer[l + 1].W : m->params_n;
    *at = m->params + m->layer[l].W;
    return end - m->layer[l].W;
}

static bool same_layer(const struct ff_model *a, const struct ff_model *b,
                       size_t l)
{
    const float *x, *y;
    size_t n = params_of(a, l, &x), R = a->layer[l].R;
    params_of(b, l, &y);
    return memcmp(x, y, n * sizeof *x) == 0 &&
           memcmp(a->layer[l].W_rule.r, b->layer[l].W_rule.r,
                  R * sizeof(float)) == 0 &&
           memcmp(a->layer[l].V_rule.r, b->layer[l].V_rule.r,
                  a->N * sizeof(float)) == 0 &&
           memcmp(a->layer[l].activity, b->layer[l].activity,
                  R * sizeof(float)) == 0;
}

void a_frozen_layer_stays_while_those_above_go_on(void **state)
{
    (void)state;
    struct ff_spec s = topped_spec();
    s.freeze[0] = 320;
    s.freeze[1] = 640;
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, 320, 32);
    struct ff_model *first = copy_of(m);
    assert_int_equal(ff_model_spec(first)->freeze[1], 640);
    learn_digits(m, 320, 640, 32);
    struct ff_model *second = copy_of(m);
    sleep_out(m, 4);
    learn_digits(m, 640, DIGITS_TRAIN, 32);
    assert_true(same_layer(first, m, 0));
    assert_false(same_layer(first, second, 1));
    assert_true(same_layer(second, m, 1));
    assert_false(same_layer(second, m, 2));
    assert_above(accuracy(m, DIGITS_TRAIN, DIGITS), 0.85, "frozen early");
    ff_model_free(first);
    ff_model_free(second);
    ff_model_free(m);
}

/* ---- heads ----------------------------------------------------------------
 */

static void check_heads(enum ff_heads_kind heads, bool conv, size_t from)
{
    struct ff_spec s = topped_spec();
    struct ff_scratch *scratch;
    float each[3 * 10], scores[10];
    s.heads = heads;
    if (!conv)
        memset(s.conv, 0, sizeof s.conv);
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, 320, 32);
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&scratch, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = DIGITS_TRAIN; i < DIGITS_TRAIN + ASKED; i++) {
        int label;
        const void *row = digits_frame(i);
        struct ff_answers out = {
            .label = &label, .scores = scores, .class_goodness = each};
        double mean[10] = {0}, sum = 0;
        assert_int_equal(ff_predict(v, scratch, &row, 1, &out), 0);
        for (size_t k = 0; k < 10; k++) {
            for (size_t l = from; l < 3; l++)
                mean[k] += (double)each[l * 10 + k] / (double)(3 - from);
            sum += exp(mean[k]);
        }
        for (size_t k = 0; k < 10; k++) {
            assert_true(mean[k] <= mean[label] + 1e-5);
            assert_near((double)scores[k], exp(mean[k]) / sum, 1e-4, 1e-5,
                        "score");
        }
    }
    ff_view_release(v);
    ff_scratch_free(scratch);
    ff_model_free(m);
}

void the_layers_chosen_as_heads_answer(void **state)
{
    (void)state;
    check_heads(FF_HEADS_ALL, true, 0);
    check_heads(FF_HEADS_UPPER, true, 1);
    check_heads(FF_HEADS_LAST, true, 2);
    check_heads(FF_HEADS_AUTO, true, 1); /* a first convolution has no say */
    check_heads(FF_HEADS_AUTO, false, 0);
    check_heads(FF_HEADS_LAST, false, 2);
}

/* ---- snapshots, sleep ------------------------------------------------------
 */

void convolutions_go_on_bit_for_bit_from_a_snapshot(void **state)
{
    (void)state;
    for (int update = 0; update < 2; update++)
        for (int goodness = 0; goodness < 2; goodness++) {
            struct ff_spec s = topped_spec();
            s.update = (enum ff_update_kind)update;
            s.goodness = (enum ff_goodness_kind)goodness;
            s.conv[0].groups = 1;
            s.conv[1] = (struct ff_conv_spec){
                .kernel = 2, .stride = 2, .pad = 1, .groups = 2};
            s.freeze[0] = 400;
            s.heads = FF_HEADS_LAST;
            s.mean[0] = 0.3f;
            s.scale[0] = 0.4f;
            s.peer = 0.1f;
            s.sleep.jitter = 1;
            s.sleep.flip = 1;
            s.sleep.cutout = 0.3f;
            s.sleep.confusions = 0.3f;
            struct ff_model *m = new_model(s);
            struct ff_slept slept;
            learn_digits(m, 0, 300, 32);
            ff_sleep_owe(m, 200);
            assert_int_equal(ff_sleep(m, 3, &slept), 0);
            struct ff_model *copy = copy_of(m);
            assert_same_state(copy, m);
            char why[FF_WHY_MAX] = "";
            if (!ff_spec_same_structure(&m->spec, &copy->spec, why))
                fail_msg("%s", why);
            sleep_out(m, 2);
            sleep_out(copy, 2);
            learn_digits(m, 300, 640, 16);
            learn_digits(copy, 300, 640, 16);
            assert_same_state(copy, m);
            ff_model_free(m);
            ff_model_free(copy);
        }
}

void mirrored_and_cut_memories_are_learned_from(void **state)
{
    (void)state;
    struct ff_spec s = conv_digits_spec();
    struct ff_model *plain = new_model(s);
    learn_digits(plain, 0, 320, 32);
    s.sleep.flip = 1;
    s.sleep.cutout = 0.4f;
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, 320, 32);
    assert_int_equal(m->count->replayed, plain->count->replayed);
    assert_memory_not_equal(m->params, plain->params,
                            m->params_n * sizeof(float));
    learn_digits(m, 320, DIGITS_TRAIN, 32);
    assert_above(accuracy(m, DIGITS_TRAIN, DIGITS), 0.8, "mirrored and cut");
    ff_model_free(plain);
    ff_model_free(m);
}
