/* Shifts and masks. */
#include <string.h>

#include "lib/image.h"
#include "tests/lib/support.h"

void a_shift_repeats_the_edge_and_keeps_channels_together(void **state)
{
    (void)state;
    const size_t shape[3] = {2, 3, 2};
    const float src[12] = {0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15};
    const float down[12] = {0, 10, 1, 11, 2, 12, 0, 10, 1, 11, 2, 12};
    const float right[12] = {0, 10, 0, 10, 1, 11, 3, 13, 3, 13, 4, 14};
    const float left2[12] = {2, 12, 2, 12, 2, 12, 5, 15, 5, 15, 5, 15};
    float dst[12];
    ff_image_shift(dst, src, shape, 0, 0);
    assert_memory_equal(dst, src, sizeof dst);
    ff_image_shift(dst, src, shape, 1, 0);
    assert_memory_equal(dst, down, sizeof dst);
    ff_image_shift(dst, src, shape, 0, 1);
    assert_memory_equal(dst, right, sizeof dst);
    ff_image_shift(dst, src, shape, 0, -2);
    assert_memory_equal(dst, left2, sizeof dst);
    ff_image_shift(dst, src, shape, 16, -16); /* farther than it is wide */
    for (int i = 0; i < 12; i += 2)
        assert_true(dst[i] == 2 && dst[i + 1] == 12);
}

#define SIDE ((size_t)28)

void a_mask_is_half_full_and_patchy(void **state)
{
    (void)state;
    const size_t shape[3] = {SIDE, SIDE, 3};
    uint8_t mask[SIDE * SIDE];
    float work[SIDE * SIDE];
    struct ff_rng g;
    size_t full = 0, borders = 0, neighbours = 0;
    ff_rng_init(&g, 6);
    for (int turn = 0; turn < 50; turn++) {
        ff_image_mask(mask, work, shape, FF_IMAGE_BLURS, &g);
        for (size_t i = 0; i < SIDE * SIDE; i++) {
            assert_true(mask[i] <= 1);
            full += mask[i];
            if (i % SIDE == SIDE - 1)
                continue;
            neighbours++;
            borders += mask[i] != mask[i + 1];
        }
    }
    double share = (double)full / (50.0 * (double)(SIDE * SIDE));
    assert_near(share, 0.5, 0, 0.05, "share of ones");
    /* Noise would have a border at every second pixel. */
    assert_true(borders > 0 && borders < neighbours / 5);
}

void a_mask_of_a_thin_picture_is_a_mask(void **state)
{
    (void)state;
    const size_t shapes[][3] = {{1, 1, 1}, {1, 9, 1}, {9, 1, 2}};
    for (int s = 0; s < 3; s++) {
        uint8_t mask[9];
        float work[9];
        struct ff_rng g;
        ff_rng_init(&g, 1);
        ff_image_mask(mask, work, shapes[s], FF_IMAGE_BLURS, &g);
        for (size_t i = 0; i < shapes[s][0] * shapes[s][1]; i++)
            assert_true(mask[i] <= 1);
    }
}

void a_vector_mask_is_half_full_and_runs_an_eighth(void **state)
{
    (void)state;
    enum { LENGTH = 160, TURNS = 200 };
    uint8_t mask[LENGTH];
    struct ff_rng g;
    size_t full = 0, borders = 0;
    ff_rng_init(&g, 6);
    for (int turn = 0; turn < TURNS; turn++) {
        ff_vector_mask(mask, LENGTH, &g);
        for (size_t i = 0; i < LENGTH; i++) {
            full += mask[i];
            borders += i > 0 && mask[i] != mask[i - 1];
        }
    }
    assert_near((double)full / (LENGTH * TURNS), 0.5, 0, 0.05, "share");
    assert_near((double)borders / TURNS, 8, 0, 1, "borders");
    ff_vector_mask(mask, 1, &g);
    assert_true(mask[0] <= 1);
}

void a_picture_mirrored_twice_is_itself(void **state)
{
    (void)state;
    for (size_t width = 1; width < 6; width++) {
        const size_t shape[3] = {3, width, 2};
        float x[3 * 6 * 2], was[3 * 6 * 2];
        for (size_t i = 0; i < 3 * width * 2; i++)
            x[i] = was[i] = (float)i;
        ff_image_flip(x, shape);
        for (size_t i = 0; i < 3 * width; i++)
            for (size_t c = 0; c < 2; c++) {
                size_t row = i / width, from = width - 1 - i % width;
                assert_true(x[i * 2 + c] == was[(row * width + from) * 2 + c]);
            }
        ff_image_flip(x, shape);
        assert_memory_equal(x, was, 3 * width * 2 * sizeof *x);
    }
}

/* Where the square ends in a picture whose pixels are all different: it is as
   large as asked for, or reaches over an edge. */
static void check_cut(struct ff_rng *g, const size_t shape[3], float share,
                      size_t side, size_t *whole)
{
    float x[12 * 9 * 3], was[12 * 9 * 3], mean[3] = {0};
    size_t H = shape[0], W = shape[1], C = shape[2];
    size_t y0 = H, y1 = 0, x0 = W, x1 = 0, blank = 0;
    for (size_t i = 0; i < H * W * C; i++) {
        was[i] = x[i] = (float)(i + 1) * (float)(i % C + 1);
        mean[i % C] += x[i] / (float)(H * W);
    }
    ff_image_cut(x, shape, share, g);
    for (size_t i = 0; i < H * W; i++) {
        if (memcmp(x + i * C, was + i * C, C * sizeof *x) == 0)
            continue;
        for (size_t c = 0; c < C; c++)
            assert_near((double)x[i * C + c], (double)mean[c], 1e-5, 0,
                        "colour");
        y0 = i / W < y0 ? i / W : y0;
        y1 = i / W >= y1 ? i / W + 1 : y1;
        x0 = i % W < x0 ? i % W : x0;
        x1 = i % W >= x1 ? i % W + 1 : x1;
        blank++;
    }
    if (blank == 0) {
        assert_int_equal(side, 0);
        return;
    }
    assert_int_equal(blank, (y1 - y0) * (x1 - x0));
    assert_true(y1 - y0 == side || y0 == 0 || y1 == H);
    assert_true(x1 - x0 == side || x0 == 0 || x1 == W);
    assert_true(y1 - y0 <= side && x1 - x0 <= side);
    *whole += blank == side * side;
}

void a_square_of_the_share_asked_for_gets_the_mean_colour(void **state)
{
    (void)state;
    const struct {
        size_t shape[3];
        float share;
        size_t side;
    } cuts[] = {{{8, 8, 1}, 0.5f, 4},   {{12, 9, 3}, 0.5f, 5},
                {{9, 12, 3}, 0.34f, 3}, {{8, 8, 1}, 0, 0},
                {{8, 8, 2}, 0.01f, 0},  {{4, 4, 1}, 1, 4},
                {{8, 6, 1}, 0.2f, 1}};
    struct ff_rng g;
    ff_rng_init(&g, 4);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        size_t whole = 0;
        for (int turn = 0; turn < 200; turn++)
            check_cut(&g, cuts[i].shape, cuts[i].share, cuts[i].side, &whole);
        assert_true(whole > 0 || cuts[i].side == 0);
    }
}
