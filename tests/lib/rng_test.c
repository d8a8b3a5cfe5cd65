/* Seeded random numbers. */
#include <math.h>

#include "lib/rng.h"
#include "tests/lib/support.h"

void a_seed_gives_one_sequence(void **state)
{
    (void)state;
    struct ff_rng a, b, c;
    size_t same = 0;
    ff_rng_init(&a, 1);
    ff_rng_init(&b, 1);
    ff_rng_init(&c, 2);
    for (int i = 0; i < 100; i++) {
        uint64_t x = ff_rng_next(&a);
        assert_true(x == ff_rng_next(&b));
        same += x == ff_rng_next(&c);
    }
    assert_int_equal(same, 0);
}

/* First outputs of xoshiro256++ from the state 1, 2, 3, 4: by hand,
   rotl(1 + 4, 23) + 1, and on. */
void the_generator_is_xoshiro256pp(void **state)
{
    (void)state;
    struct ff_rng g = {{1, 2, 3, 4}};
    assert_true(ff_rng_next(&g) == 41943041);
    assert_true(ff_rng_next(&g) == 58720359);
    assert_true(ff_rng_next(&g) == 3588806011781223);
}

/* The known first outputs of splitmix64 from 0 seed the state. */
void a_seed_goes_through_splitmix64(void **state)
{
    (void)state;
    struct ff_rng g;
    ff_rng_init(&g, 0);
    assert_true(g.s[0] == 0xe220a8397b1dcdaf);
    assert_true(g.s[1] == 0x6e789e6aa1b965f4);
}

void below_is_even_and_below(void **state)
{
    (void)state;
    struct ff_rng g;
    size_t count[7] = {0};
    ff_rng_init(&g, 3);
    for (int i = 0; i < 14000; i++) {
        uint64_t x = ff_rng_below(&g, 7);
        assert_true(x < 7);
        count[x]++;
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(count[i], 1840, 2160);
    for (int i = 0; i < 100; i++) {
        assert_true(ff_rng_below(&g, 1) == 0);
        assert_true(ff_rng_below(&g, UINT64_MAX) < UINT64_MAX);
    }
}

void uniform_and_normal_have_their_moments(void **state)
{
    (void)state;
    struct ff_rng g;
    double sum = 0, squares = 0, even = 0;
    const int n = 20000;
    ff_rng_init(&g, 4);
    for (int i = 0; i < n; i++) {
        double x = (double)ff_rng_normal(&g), u = (double)ff_rng_uniform(&g);
        assert_true(isfinite(x) && u >= 0 && u < 1);
        sum += x;
        squares += x * x;
        even += u;
    }
    assert_near(sum / n, 0, 0, 0.03, "mean of normal");
    assert_near(squares / n, 1, 0, 0.04, "variance of normal");
    assert_near(even / n, 0.5, 0, 0.01, "mean of uniform");
}
