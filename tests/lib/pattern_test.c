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
