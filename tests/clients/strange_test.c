#include "clients/cli/strange.h"
#include "tests/clients/support.h"

void strange_rotation_turns_to_the_left(void **state)
{
    (void)state;
    static const uint8_t from[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const uint8_t want[9] = {3, 6, 9, 2, 5, 8, 1, 4, 7};
    uint8_t to[9];
    strange_rotate(to, from, 3, 1);
    assert_memory_equal(to, want, 9);
}

/* Blurring leaves patches: neighbours agree far more often than by chance. */
void strange_mask_has_large_patches(void **state)
{
    (void)state;
    float mask[784], spare[784];
    struct rng rng;
    size_t ones = 0, agree = 0;
    rng_init(&rng, 1);
    strange_mask(mask, spare, 28, 28, &rng);
    for (size_t i = 0; i < 784; i++) {
        assert_true(mask[i] == 0.0F || mask[i] == 1.0F);
        ones += mask[i] > 0;
        agree += i % 28 && mask[i] == mask[i - 1];
    }
    assert_in_range(ones, 784 / 5, 784 * 4 / 5);
    assert_true(agree > 27 * 28 * 3 / 4);
}

void strange_hybrids_hold_only_what_the_input_holds(void **state)
{
    (void)state;
    static uint8_t bytes[128];
    struct ffc_model shape = shape_of(8, 8, false);
    struct input_options o;
    struct strange_options want = {.hybrids = true};
    struct strange s;
    struct input_frame f;
    char why[WHY_MAX];
    size_t mixed = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i < 64 ? 10 : 20);
    put_idx(scratch("two"), 2, 8, 8, bytes, 0);
    input_options_init(&o);
    o.kind = INPUT_IDX;
    o.path = scratch("two");
    o.load = true;
    struct input *in = input_open(&o, &shape, NULL, why);
    assert_int_equal(strange_init(&s, &want, in, &shape, 20, 3, why), 0);
    while (strange_next(&s, &f, why) == 1) {
        size_t twenty = 0;
        for (size_t i = 0; i < 64; i++) {
            uint8_t v = ((const uint8_t *)f.data)[i];
            assert_true(v == 10 || v == 20);
            twenty += v == 20;
        }
        mixed += twenty > 0 && twenty < 64;
    }
    assert_int_equal(s.at, 20);
    assert_true(mixed > 0);
    strange_release(&s);
    input_free(in);
}

void strange_options_that_contradict_are_refused(void **state)
{
    (void)state;
    struct ffc_model shape = shape_of(8, 4, false);
    struct strange_options rotate = {.rotate = true};
    struct strange_options both = {.rotate = true, .hybrids = true};
    struct strange s;
    char why[WHY_MAX];
    assert_int_equal(strange_init(&s, &rotate, NULL, &shape, 1, 0, why), -1);
    strange_release(&s);
    assert_int_equal(strange_init(&s, &both, NULL, &shape, 1, 0, why), -1);
    strange_release(&s);
}
