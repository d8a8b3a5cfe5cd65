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
