/* Loops over rows of numbers, against the C library's. */
#include <math.h>

#include "lib/vec.h"
#include "tests/lib/support.h"

#define VALUES 1000

void logarithms_are_the_c_librarys(void **state)
{
    (void)state;
    float x[VALUES], y[VALUES];
    struct ff_rng g;
    ff_rng_init(&g, 5);
    for (size_t i = 0; i < VALUES; i++) /* near 1, then far and wide */
        y[i] = x[i] = i % 2 ? 1 + 1e-3f * ff_rng_uniform(&g)
                            : expf(160 * (ff_rng_uniform(&g) - 0.5f));
    y[0] = x[0] = 1;
    ff_vec_log(y, VALUES);
    assert_true(y[0] == 0);
    for (size_t i = 0; i < VALUES; i++)
        assert_near((double)y[i], log((double)x[i]), 5e-7, 1e-7, "log");
}

void shares_by_softmax_are_the_c_librarys(void **state)
{
    (void)state;
    static const float temperature[] = {0.1f, 1, 3};
    float x[VALUES], y[VALUES];
    struct ff_rng g;
    ff_rng_init(&g, 6);
    for (size_t t = 0; t < 3; t++)
        for (size_t n = 1; n < 40; n++) {
            double sum = 0;
            for (size_t i = 0; i < n; i++) {
                y[i] = x[i] = 20 * (ff_rng_uniform(&g) - 0.5f);
                sum += exp((double)x[i] / (double)temperature[t]);
            }
            ff_vec_softmax(y, n, 1 / temperature[t]);
            for (size_t i = 0; i < n; i++)
                assert_near((double)y[i],
                            exp((double)x[i] / (double)temperature[t]) / sum,
                            2e-5, 1e-30, "share");
        }
}

void a_share_that_is_next_to_nothing_is_a_number(void **state)
{
    (void)state;
    float x[] = {0, -1e30f, -200};
    ff_vec_softmax(x, 3, 100);
    assert_near((double)x[0], 1, 1e-6, 0, "all of it");
    assert_true(x[1] > 0 && x[1] < 1e-37f && x[2] == x[1]);
}
