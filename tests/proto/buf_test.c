#include <stdlib.h>
#include <string.h>

#include "proto/buf.h"
#include "tests/proto/support.h"

void buf_grows_to_its_cap_and_no_further(void **state)
{
    struct ffp_buf b;

    (void)state;
    ffp_buf_init(&b, 1000);
    for (int i = 0; i < 100; i++)
        assert_int_equal(ffp_buf_add(&b, "0123456789", 10), 0);
    assert_int_equal(b.n, 1000);
    assert_true(b.room <= 1000);
    assert_int_equal(ffp_buf_write(&b, "x", 1), -1);
    assert_true(b.failed);
    assert_int_equal(b.n, 1000);
    assert_memory_equal(b.data + 990, "0123456789", 10);
    ffp_buf_release(&b);
}

void buf_that_failed_stays_failed_until_cut(void **state)
{
    struct ffp_buf b;

    (void)state;
    ffp_buf_init(&b, 8);
    assert_int_equal(ffp_buf_add(&b, "abcd", 4), 0);
    assert_int_equal(ffp_buf_add(&b, "efghij", 6), -1);
    /* It would fit, but an answer with a hole must not go out. */
    assert_int_equal(ffp_buf_add(&b, "k", 1), -1);
    assert_int_equal(b.n, 4);
    ffp_buf_cut(&b, 2);
    assert_false(b.failed);
    assert_int_equal(ffp_buf_add(&b, "k", 1), 0);
    assert_memory_equal(b.data, "abk", 3);
    ffp_buf_release(&b);
}

void buf_without_memory_keeps_what_it_has(void **state)
{
    struct ffp_buf b;
    char block[600];

    (void)state;
    memset(block, 'x', sizeof block);
    ffp_buf_init(&b, 1 << 20);
    fail_allocation(2);
    assert_int_equal(ffp_buf_add(&b, block, 100), 0);
    assert_int_equal(ffp_buf_add(&b, block, sizeof block), -1);
    assert_true(b.failed);
    assert_int_equal(b.n, 100);
    fail_allocation(0);
    ffp_buf_clear(&b);
    assert_int_equal(ffp_buf_add(&b, block, sizeof block), 0);
    ffp_buf_release(&b);
}

void buf_is_shifted_and_taken(void **state)
{
    struct ffp_buf b;
    uint8_t *bytes = NULL;
    size_t n = 0;

    (void)state;
    ffp_buf_init(&b, 64);
    ffp_buf_shift(&b, 0);
    ffp_buf_add(&b, NULL, 0);
    ffp_buf_add(&b, "abcdef", 6);
    ffp_buf_shift(&b, 2);
    assert_memory_equal(b.data, "cdef", 4);
    bytes = ffp_buf_take(&b, &n);
    assert_int_equal(n, 4);
    assert_memory_equal(bytes, "cdef", 4);
    assert_int_equal(b.room, 0);
    free(bytes);
    assert_int_equal(ffp_buf_add(&b, "g", 1), 0);
    ffp_buf_shift(&b, 1);
    assert_int_equal(b.n, 0);
    ffp_buf_release(&b);
}

void buf_takes_text_and_the_digits_of_any_number(void **state)
{
    struct ffp_buf b;

    (void)state;
    ffp_buf_init(&b, 32);
    assert_int_equal(ffp_buf_text(&b, "n="), 0);
    ffp_buf_text(&b, "");
    ffp_buf_digits(&b, 0);
    ffp_buf_digits(&b, 907);
    ffp_buf_digits(&b, UINT64_MAX);
    assert_int_equal(b.n, 26);
    assert_memory_equal(b.data, "n=090718446744073709551615", 26);
    assert_int_equal(ffp_buf_digits(&b, UINT64_MAX), -1);
    ffp_buf_release(&b);
}
