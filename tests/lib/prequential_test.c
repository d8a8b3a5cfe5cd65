/* Test, then train: against sums written out. */
#include <math.h>

#include "lib/prequential.h"
#include "tests/lib/support.h"

#define FRAMES 2500

void accuracy_is_that_of_the_window_and_of_the_fading_sum(void **state)
{
    (void)state;
    struct ff_arena arena = {0};
    struct ff_prequential p;
    struct ff_rng g;
    uint8_t right[FRAMES];
    double hits = 0, all = 0;
    ff_prequential_carve(&p, &arena);
    assert_int_equal(ff_arena_init(&arena), 0);
    ff_prequential_carve(&p, &arena);
    assert_true(isnan(ff_prequential_window(&p)));
    assert_true(isnan(ff_prequential_fading(&p)));
    ff_rng_init(&g, 8);
    for (size_t i = 0; i < FRAMES; i++) {
        right[i] = ff_rng_below(&g, FRAMES) < i; /* it gets better */
        ff_prequential_add(&p, right[i]);
        hits = 0.999 * hits + right[i];
        all = 0.999 * all + 1;
        size_t from = i + 1 < 1000 ? 0 : i + 1 - 1000, sum = 0;
        if (i % 97 != 0 && i != 999 && i != 1000)
            continue;
        for (size_t j = from; j <= i; j++)
            sum += right[j];
        assert_near(ff_prequential_window(&p),
                    (double)sum / (double)(i + 1 - from), 1e-12, 0, "window");
        assert_near(ff_prequential_fading(&p), hits / all, 1e-9, 0, "fading");
    }
    ff_arena_release(&arena);
}

void a_frame_is_judged_before_it_is_learned(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    struct ff_stats stats;
    ff_model_stats(m, &stats);
    assert_true(isnan(stats.accuracy_window));
    /* Nothing is known, so that nothing can be right. */
    assert_int_equal(learn_tiny(m, 0, 8, 8).right, 0);
    learn_tiny(m, 8, 400, 8);
    ff_model_stats(m, &stats);
    assert_true(stats.accuracy_window > 0.6);
    assert_true(stats.accuracy_fading > stats.accuracy_window - 0.1);
    ff_model_free(m);
}

void which_frames_were_right_is_told(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    size_t some = 0, all = 0;
    for (size_t i = 0; i < 80; i += 8) {
        struct ff_learned learned = learn_tiny(m, i, i + 8, 8);
        size_t right = 0;
        for (size_t j = 0; j < 8; j++)
            right += learned.correct[j] == 1;
        assert_int_equal(right, learned.right);
        some += right;
        all += 8;
    }
    assert_true(some > 0 && some < all);
    ff_model_free(m);
}
