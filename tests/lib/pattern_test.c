/*
 * Labels as pictures: what the patterns are, and what is learned with them.
 *
 * Floors of accuracy are some five points below what was measured;
 * FF_TEST_SHOW=1 prints the figures.
 */
#include "lib/pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/support.h"

/* ---- patterns --------------------------------------------------------------
 */

#define SIDE_MAX 28

static float drawn[FF_CLASSES_MAX * SIDE_MAX * SIDE_MAX];

struct picture {
    size_t height, width;
};

static const struct picture pictures[] = {{8, 8}, {28, 28}, {5, 9}, {1, 16}};

#define PICTURES (sizeof pictures / sizeof *pictures)

static struct ff_spec picture_spec(const struct picture *p,
                                   enum ff_pattern_kind pattern)
{
    struct ff_spec s;
    ff_spec_init(&s);
    s.shape[0] = p->height;
    s.shape[1] = p->width;
    s.shape[2] = 1;
    s.image = true;
    s.pattern = pattern;
    return s;
}

/* Those of at least two periods; each has two phases. */
static size_t waves_of(const struct picture *p)
{
    int most_y = (int)(p->height - 1) / 2, most_x = (int)(p->width - 1) / 2;
    size_t n = 0;
    for (int y = -most_y; y <= most_y; y++)
        for (int x = -most_x; x <= most_x; x++)
            n += y * y + x * x >= 4;
    return n; /* half of them times two */
}

static double product(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum / (double)n;
}

void waves_are_orthogonal_and_of_one_size_as_long_as_there_are_some(
    void **state)
{
    (void)state;
    for (size_t i = 0; i < PICTURES; i++) {
        struct ff_spec s = picture_spec(&pictures[i], FF_PATTERN_WAVES);
        size_t n = s.shape[0] * s.shape[1], K = waves_of(&pictures[i]);
        K = K < FF_CLASSES_MAX ? K : FF_CLASSES_MAX;
        assert_true(i != 0 || K == 40);
        assert_true(i != 1 || K == 27 * 27 - 9);
        ff_pattern_draw(drawn, K, &s);
        for (size_t a = 0; a < K; a++)
            for (size_t b = a; b < K; b++)
                assert_near(product(drawn + a * n, drawn + b * n, n), a == b, 0,
                            2e-5, "product");
    }
}

void strips_of_two_classes_are_never_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < PICTURES; i++) {
        struct ff_spec s = picture_spec(&pictures[i], FF_PATTERN_STRIPS);
        size_t n = s.shape[0] * s.shape[1], K = waves_of(&pictures[i]);
        K = K < FF_CLASSES_MAX ? K : FF_CLASSES_MAX;
        ff_pattern_draw(drawn, K, &s);
        for (size_t a = 0; a < K; a++)
            for (size_t b = 0; b < a; b++)
                if (memcmp(drawn + a * n, drawn + b * n, n * sizeof *drawn) ==
                    0)
                    fail_msg("%zu x %zu: %zu and %zu of %zu are alike",
                             s.shape[0], s.shape[1], b, a, K);
    }
}

/* Their share in each wave that is slower is none. */
void no_wave_is_slower_than_two_periods(void **state)
{
    (void)state;
    const double turn = 6.283185307179586;
    for (size_t i = 0; i < PICTURES; i++) {
        struct ff_spec s = picture_spec(&pictures[i], FF_PATTERN_WAVES);
        size_t H = s.shape[0], W = s.shape[1], K = waves_of(&pictures[i]);
        K = K + 10 < FF_CLASSES_MAX ? K + 10 : FF_CLASSES_MAX;
        ff_pattern_draw(drawn, K, &s);
        for (size_t k = 0; k < K; k++)
            for (int fy = -1; fy <= 1; fy++)
                for (int fx = 0; fx <= 1; fx++) {
                    double re = 0, im = 0;
                    for (size_t j = 0; j < H * W; j++) {
                        size_t y = j / W, x = j % W;
                        double at = turn * (fy * (double)y / (double)H +
                                            fx * (double)x / (double)W);
                        double v = (double)drawn[k * H * W + j];
                        re += v * cos(at) / (double)(H * W);
                        im += v * sin(at) / (double)(H * W);
                    }
                    assert_near(re, 0, 0, 1e-5, "slow wave");
                    assert_near(im, 0, 0, 1e-5, "slow wave");
                }
    }
}

void strips_are_the_signs_of_waves(void **state)
{
    (void)state;
    static float waves[SIDE_MAX * SIDE_MAX * 40];
    for (size_t i = 0; i < 2; i++) {
        struct ff_spec s = picture_spec(&pictures[i], FF_PATTERN_WAVES);
        size_t n = 40 * s.shape[0] * s.shape[1];
        ff_pattern_draw(waves, 40, &s);
        s.pattern = FF_PATTERN_STRIPS;
        ff_pattern_draw(drawn, 40, &s);
        for (size_t j = 0; j < n; j++)
            assert_true(drawn[j] == (waves[j] < 0 ? -1.0f : 1.0f));
    }
}

void a_very_wide_picture_has_waves_too(void **state)
{
    (void)state;
    const struct picture wide = {1, 100000};
    struct ff_spec s = picture_spec(&wide, FF_PATTERN_WAVES);
    const size_t n = 100000;
    ff_pattern_draw(drawn, 6, &s);
    for (size_t a = 0; a < 6; a++)
        for (size_t b = 0; b <= a; b++)
            assert_near(product(drawn + a * n, drawn + b * n, n), a == b, 0,
                        1e-4, "product");
}

void no_two_classes_have_the_same_pattern(void **state)
{
    (void)state;
    const size_t classes[] = {10, 40, 41, 100, 321, FF_CLASSES_MAX};
    for (size_t i = 0; i < PICTURES; i++)
        for (size_t c = 0; c < sizeof classes / sizeof *classes; c++) {
            struct ff_spec s = picture_spec(&pictures[i], FF_PATTERN_WAVES);
            size_t n = s.shape[0] * s.shape[1], K = classes[c];
            ff_pattern_draw(drawn, K, &s);
            for (size_t a = 0; a < K; a++) {
                assert_near(product(drawn + a * n, drawn + a * n, n), 1, 0,
                            2e-5, "mean square");
                for (size_t b = 0; b < a; b++)
                    if (product(drawn + a * n, drawn + b * n, n) > 0.9999)
                        fail_msg("%zu x %zu: %zu and %zu of %zu are alike",
                                 s.shape[0], s.shape[1], b, a, K);
            }
        }
}

void a_pattern_is_as_loud_as_its_frame_and_the_same_in_each_channel(
    void **state)
{
    (void)state;
    const struct picture colour = {8, 8};
    const size_t n = 192;
    struct ff_spec s = picture_spec(&colour, FF_PATTERN_WAVES);
    const float loud[] = {1, 0.1f, 1e6f};
    float x[192], with[192];
    const float *P = drawn + n; /* the fourth of 64 */
    struct ff_rng g;
    ff_rng_init(&g, 5);
    s.shape[2] = 3;
    ff_pattern_draw(drawn, 4, &s);
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < n; j++)
            with[j] = x[j] = loud[i] * (1 + ff_rng_normal(&g));
        double rms = sqrt(product(x, x, n));
        ff_pattern_add(with, P, 0.5f, s.shape);
        for (size_t j = 0; j < n; j++) {
            size_t pixel = j / 3;
            assert_near(((double)with[j] - (double)x[j]) / rms,
                        0.5 * (double)P[pixel], 1e-4, 1e-5, "added");
        }
    }
}

/* ---- label_pattern ---------------------------------------------------------
 */

static bool same(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static struct ff_spec labelled_spec(bool conv, enum ff_answer_kind answer)
{
    struct ff_spec s = conv ? conv_digits_spec() : digits_spec();
    s.objective = FF_LABEL_PATTERN;
    s.answer = answer;
    s.lr = 0;   /* as it is chosen */
    s.peer = 0; /* there are 1,437 frames; it would be most of the step */
    return s;
}

static void check_learned(bool conv, enum ff_answer_kind answer, double floor,
                          const char *what)
{
    struct ff_model *m = new_model(labelled_spec(conv, answer));
    learn_digits(m, 0, DIGITS_TRAIN, 32);
    double share = accuracy(m, DIGITS_TRAIN, DIGITS);
    if (getenv("FF_TEST_SHOW"))
        print_message("%s: %.3f\n", what, share);
    if (!(share >= floor))
        fail_msg("%s: %.3f of the digits right, should be %.3f", what, share,
                 floor);
    ff_model_free(m);
}

void digits_are_learned_by_labels_that_are_patterns(void **state)
{
    (void)state;
    check_learned(false, FF_ANSWER_SOFTMAX, 0.84, "dense, softmax");
    check_learned(false, FF_ANSWER_GOODNESS, 0.82, "dense, goodness");
    check_learned(true, FF_ANSWER_SOFTMAX, 0.84, "convolutions, softmax");
    check_learned(true, FF_ANSWER_GOODNESS, 0.79, "convolutions, goodness");
}

void a_negative_is_the_same_frame_with_another_label(void **state)
{
    (void)state;
    struct ff_model *m = new_model(labelled_spec(true, FF_ANSWER_SOFTMAX));
    struct ff_work *w = &m->work;
    learn_digits(m, 0, 320, 32);
    for (size_t from = 320; from < 448; from += 8) {
        learn_digits(m, from, from + 8, 8);
        for (size_t i = 0; i < 8; i++) {
            assert_int_equal(w->role[i], FF_ROLE_REAL);
            assert_int_equal(w->class_[i], class_of(m, digits_label(from + i)));
            assert_int_equal(w->role[8 + i], FF_ROLE_CONFUSION);
            assert_in_range(w->class_[8 + i], 0, 9);
            assert_int_not_equal(w->class_[8 + i], w->class_[i]);
        }
    }
    ff_model_free(m);
}

void a_label_that_is_not_known_is_no_pattern(void **state)
{
    (void)state;
    struct ff_model *m = new_model(labelled_spec(true, FF_ANSWER_SOFTMAX));
    float frame[64], row[64];
    for (size_t i = 0; i < 64; i++)
        frame[i] = (float)digits_frame(3)[i] / 255;
    for (int k = -1; k < 10; k++) {
        memcpy(row, frame, sizeof row);
        m->objective->write_label(m, row, k);
        assert_int_equal(same(row, frame, 64), k < 0);
    }
    ff_model_free(m);
}

#define ASKED ((size_t)48)

struct told {
    float scores[ASKED * 10], goodness[ASKED * 2], classes[ASKED * 2 * 10];
    int label[ASKED];
};

/* Test digits, n at a time. */
static void ask(struct ff_model *m, size_t n, struct told *told)
{
    struct ff_scratch *s;
    const void *rows[ASKED];
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&s, m, n), 0);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = 0; i < ASKED; i += n) {
        struct ff_answers out = {.label = told->label + i,
                                 .scores = told->scores + i * 10,
                                 .goodness = told->goodness + i * 2,
                                 .class_goodness = told->classes + i * 20};
        size_t some = ASKED - i < n ? ASKED - i : n;
        for (size_t j = 0; j < some; j++)
            rows[j] = digits_frame(DIGITS_TRAIN + i + j);
        assert_int_equal(ff_predict(v, s, rows, some, &out), 0);
    }
    ff_view_release(v);
    ff_scratch_free(s);
}

void an_answer_by_goodness_tries_each_label(void **state)
{
    (void)state;
    static struct told told;
    for (int conv = 0; conv < 2; conv++) {
        struct ff_model *m = new_model(labelled_spec(conv, FF_ANSWER_GOODNESS));
        /* One of the ten has not been learned. */
        for (size_t i = 0; i < 640; i++)
            if (digits_label(i) != 9)
                learn_listed(m, &i, 1);
        ask(m, 16, &told);
        for (size_t i = 0; i < ASKED; i++) {
            const float *g = told.classes + (i * 2 + 1) * 10;
            int best = -1, nine = ff_label_find(m, "9", 1);
            assert_int_equal(nine, -1);
            for (int k = 0; k < 10; k++) {
                const char name = (char)('0' + k);
                int class_ = ff_label_find(m, &name, 1);
                if (class_ < 0)
                    continue;
                for (int other = 0; other < class_; other++)
                    assert_true(g[other] != g[class_]);
                if (best < 0 || g[class_] > g[best])
                    best = class_;
            }
            assert_true(isnan(g[9]) && told.scores[i * 10 + 9] == 0);
            assert_int_equal(told.label[i], best); /* of the upper layer */
            assert_true(told.goodness[i * 2 + 1] == g[best]);
        }
        ff_model_free(m);
    }
}

void patterns_are_answered_for_alone_as_among_others(void **state)
{
    (void)state;
    static struct told alone, among;
    for (int conv = 0; conv < 2; conv++)
        for (int answer = FF_ANSWER_GOODNESS; answer <= FF_ANSWER_SOFTMAX;
             answer += FF_ANSWER_SOFTMAX - FF_ANSWER_GOODNESS) {
            struct ff_model *m =
                new_model(labelled_spec(conv, (enum ff_answer_kind)answer));
            learn_digits(m, 0, 640, 32);
            ask(m, 1, &alone);
            for (size_t n = 5; n <= 32; n += 27) {
                ask(m, n, &among);
                for (size_t i = 0; i < ASKED * 10; i++)
                    assert_near((double)among.scores[i],
                                (double)alone.scores[i], 0, 1e-5, "score");
                for (size_t i = 0; i < ASKED * 20; i++)
                    assert_near((double)among.classes[i],
                                (double)alone.classes[i], 1e-5, 1e-5,
                                "goodness");
            }
            ff_model_free(m);
        }
}

/* The neutral label is no pattern, whatever the patterns are. */
void a_read_out_sees_no_pattern(void **state)
{
    (void)state;
    static struct told before, after;
    for (int answer = FF_ANSWER_GOODNESS; answer <= FF_ANSWER_SOFTMAX;
         answer += FF_ANSWER_SOFTMAX - FF_ANSWER_GOODNESS) {
        bool reads = answer == FF_ANSWER_SOFTMAX;
        struct ff_model *m =
            new_model(labelled_spec(true, (enum ff_answer_kind)answer));
        learn_digits(m, 0, 640, 32);
        ask(m, 16, &before);
        for (size_t i = 0; i < m->K * m->D; i++)
            m->patterns[i] *= -2;
        ask(m, 16, &after);
        assert_int_equal(same(before.scores, after.scores, ASKED * 10), reads);
        ff_model_free(m);
    }
}

void patterns_go_on_bit_for_bit_from_a_snapshot(void **state)
{
    (void)state;
    for (int pattern = 0; pattern < 2; pattern++) {
        struct ff_spec s = labelled_spec(true, FF_ANSWER_GOODNESS);
        s.pattern = (enum ff_pattern_kind)pattern;
        s.pattern_weight = 0.5f;
        struct ff_model *a = new_model(s);
        learn_digits(a, 0, 320, 32);
        struct ff_model *b = copy_of(a);
        assert_same_state(a, b);
        assert_int_equal(b->spec.pattern, pattern);
        assert_memory_equal(a->patterns, b->patterns,
                            a->K * a->D * sizeof *a->patterns);
        learn_digits(a, 320, 640, 32);
        learn_digits(b, 320, 640, 32);
        assert_same_state(a, b);
        ff_model_free(a);
        ff_model_free(b);
    }
}
