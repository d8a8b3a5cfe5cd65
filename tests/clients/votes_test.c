/* Which samples complete a window, and its label. */
#include "clients/cli/votes.h"
#include "tests/clients/support.h"

void votes_complete_windows_as_the_daemon_does(void **state)
{
    (void)state;
    struct votes v;
    const struct stream_shape s = {.length = 4, .stride = 2, .decimate = 1};
    const int labels[8] = {0, 0, 1, -1, 1, 1, -1, 0};
    const int winners[8] = {-9, -9, -9, 0, -9, 1, -9, 1};
    votes_init(&v, &s);
    for (int i = 0; i < 8; i++) {
        int winner = -9;
        bool whole = votes_add(&v, labels[i], i == 7, &winner);
        assert_true(whole == (winners[i] != -9));
        assert_int_equal(winner, winners[i]);
    }
    for (int i = 0; i < 3; i++) { /* the next recording begins anew */
        int winner;
        assert_false(votes_add(&v, 0, false, &winner));
    }
    votes_release(&v);
}

void votes_of_a_recording_are_those_of_its_beginning(void **state)
{
    (void)state;
    struct votes v;
    struct stream_shape s = {.length = 2, .stride = 0, .decimate = 2};
    const int labels[7] = {1, 0, 1, 0, 1, 1, 1};
    int winner = -9;
    votes_init(&v, &s);
    for (int i = 0; i < 7; i++)
        assert_true(votes_add(&v, labels[i], i == 6, &winner) == (i == 6));
    assert_int_equal(winner, 0);
    votes_release(&v);
}

/* Windows that a recording of n samples makes. */
static int windows_of(const struct stream_shape *s, int n)
{
    struct votes v;
    int windows = 0, winner;
    votes_init(&v, s);
    for (int pass = 0; pass < 2; pass++) /* the second as the first */
        for (int i = 0; i < n; i++)
            windows += votes_add(&v, 0, i == n - 1, &winner);
    votes_release(&v);
    return windows;
}

void votes_of_what_an_end_cuts_short_are_a_window(void **state)
{
    (void)state;
    struct stream_shape s = {.length = 16, .stride = 8, .decimate = 1};
    assert_int_equal(windows_of(&s, 10), 2); /* short of one */
    assert_int_equal(windows_of(&s, 16), 2); /* none is made twice */
    assert_int_equal(windows_of(&s, 17), 4);
    assert_int_equal(windows_of(&s, 24), 4);
    s.decimate = 4;
    assert_int_equal(windows_of(&s, 3), 0); /* none that counts */
    assert_int_equal(windows_of(&s, 7), 2);
    assert_int_equal(windows_of(&s, 66), 2); /* a part of one is none */
    assert_int_equal(windows_of(&s, 68), 4);
    s.stride = 0;
    assert_int_equal(windows_of(&s, 3), 0);
    assert_int_equal(windows_of(&s, 200), 2);
}
