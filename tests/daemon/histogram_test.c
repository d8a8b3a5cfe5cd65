#include "daemon/histogram.h"
#include "tests/daemon/support.h"

void histogram_of_nothing_is_zero(void **state)
{
    struct ffd_histogram h;

    (void)state;
    ffd_histogram_init(&h);
    assert_int_equal(ffd_histogram_at(&h, 0.5), 0);
    assert_int_equal(h.max_us, 0);
}

void histogram_is_exact_below_eight(void **state)
{
    struct ffd_histogram h;

    (void)state;
    ffd_histogram_init(&h);
    for (uint64_t us = 0; us < 8; us++)
        ffd_histogram_add(&h, us);
    assert_int_equal(ffd_histogram_at(&h, 0.125), 0);
    assert_int_equal(ffd_histogram_at(&h, 0.5), 3);
    assert_int_equal(ffd_histogram_at(&h, 1), 7);
}

void histogram_is_within_an_eighth(void **state)
{
    (void)state;
    for (uint64_t us = 1; us < (1ULL << 33); us += us / 7 + 1) {
        struct ffd_histogram h;
        uint64_t at;

        ffd_histogram_init(&h);
        ffd_histogram_add(&h, us);
        ffd_histogram_add(&h, 1ULL << 34); /* so that max does not help */
        at = ffd_histogram_at(&h, 0.5);
        assert_true(at >= us);
        assert_true(at <= us + us / 8);
    }
}

void histogram_counts_the_tail(void **state)
{
    struct ffd_histogram h;

    (void)state;
    ffd_histogram_init(&h);
    for (int i = 0; i < 999; i++)
        ffd_histogram_add(&h, 100);
    ffd_histogram_add(&h, 5000);
    assert_in_range(ffd_histogram_at(&h, 0.5), 100, 112);
    assert_in_range(ffd_histogram_at(&h, 0.999), 100, 112);
    assert_int_equal(ffd_histogram_at(&h, 0.9999), 5000);
    assert_int_equal(ffd_histogram_at(&h, 1), 5000);
    assert_int_equal(h.max_us, 5000);
}

void histogram_takes_any_value(void **state)
{
    struct ffd_histogram h;

    (void)state;
    ffd_histogram_init(&h);
    ffd_histogram_add(&h, UINT64_MAX);
    assert_int_equal(h.count, 1);
    assert_true(h.max_us == UINT64_MAX);
    assert_true(ffd_histogram_at(&h, 0.5) > (1ULL << 33));
}

void histogram_below_a_bound_is_cumulative_and_near(void **state)
{
    struct ffd_histogram h;
    uint64_t bounds[64], below[64], before = 0;
    size_t n = 0;

    (void)state;
    ffd_histogram_init(&h);
    for (uint64_t us = 0; us < 10000; us++)
        ffd_histogram_add(&h, us);
    assert_int_equal(h.sum_us, 9999 * 10000 / 2);
    for (uint64_t us = 1; us < 20000; us += 1 + us / 3)
        bounds[n++] = us;
    bounds[n++] = 1 << 20;
    ffd_histogram_below(&h, below, bounds, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t us = bounds[i], alone;

        assert_true(below[i] >= before);
        assert_true(below[i] <= us + 1);
        assert_true(below[i] >= (us < 10000 ? us : 10000) * 7 / 8);
        before = below[i];
        ffd_histogram_below(&h, &alone, &us, 1);
        assert_int_equal(alone, below[i]);
    }
    assert_int_equal(below[n - 1], 10000);
}
