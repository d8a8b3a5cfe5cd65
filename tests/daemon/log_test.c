#include "daemon/log.h"
#include "tests/daemon/support.h"

void log_lets_one_line_a_second_pass(void **state)
{
    static struct ffd_log_limit l;
    uint64_t swallowed, passed = 0;

    (void)state;
    for (uint64_t ms = 1; ms <= 10000; ms++)
        passed += ffd_log_limit_pass(&l, "busy", ms, &swallowed);
    assert_int_equal(passed, 10);
}

void log_says_how_many_were_swallowed(void **state)
{
    static struct ffd_log_limit l;
    uint64_t swallowed;

    (void)state;
    assert_true(ffd_log_limit_pass(&l, "busy", 1, &swallowed));
    assert_int_equal(swallowed, 0);
    for (uint64_t ms = 2; ms <= 1000; ms++)
        assert_false(ffd_log_limit_pass(&l, "busy", ms, &swallowed));
    assert_true(ffd_log_limit_pass(&l, "busy", 1001, &swallowed));
    assert_int_equal(swallowed, 999);
    assert_true(ffd_log_limit_pass(&l, "busy", 5000, &swallowed));
    assert_int_equal(swallowed, 0);
}

void log_keys_do_not_silence_each_other(void **state)
{
    static struct ffd_log_limit l;
    uint64_t swallowed;

    (void)state;
    assert_true(ffd_log_limit_pass(&l, "digits/0", 1, &swallowed));
    assert_true(ffd_log_limit_pass(&l, "digits/1", 1, &swallowed));
    assert_false(ffd_log_limit_pass(&l, "digits/0", 2, &swallowed));
}
