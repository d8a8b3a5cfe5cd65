#include "daemon/sleeper.h"
#include "tests/daemon/support.h"

enum { EVERY = 512, EXHAUSTED = 1024, QUIET_MS = 1000 };

static struct ffd_sleeper new_sleeper(void)
{
    struct ffd_sleeper s;

    ffd_sleeper_init(&s, EVERY, EXHAUSTED, QUIET_MS, 0);
    return s;
}

static struct ffd_sleeper sleeper_in_debt(uint64_t debt)
{
    struct ffd_sleeper s = new_sleeper();

    ffd_sleeper_learned(&s, debt);
    return s;
}

void sleeper_is_awake_below_every(void **state)
{
    struct ffd_sleeper s = sleeper_in_debt(EVERY - 1);

    (void)state;
    assert_int_equal(s.state, FFD_AWAKE);
    assert_true(ffd_sleeper_wait_ms(&s, 1000000) == FFD_NEVER);
}

void sleeper_is_drowsy_from_every_on(void **state)
{
    struct ffd_sleeper s = sleeper_in_debt(EVERY);

    (void)state;
    assert_int_equal(s.state, FFD_DROWSY);
}

void sleeper_waits_for_quiet(void **state)
{
    struct ffd_sleeper s = sleeper_in_debt(EVERY);

    (void)state;
    ffd_sleeper_request(&s, 5000);
    assert_int_equal(ffd_sleeper_wait_ms(&s, 5000), QUIET_MS);
    assert_int_equal(ffd_sleeper_wait_ms(&s, 5999), 1);
    assert_int_equal(s.state, FFD_DROWSY);
    assert_int_equal(ffd_sleeper_wait_ms(&s, 6000), 0);
    assert_int_equal(s.state, FFD_ASLEEP);
}

void sleeper_survives_a_clock_that_steps_back(void **state)
{
    struct ffd_sleeper s = sleeper_in_debt(EVERY);

    (void)state;
    ffd_sleeper_request(&s, 5000);
    assert_int_equal(ffd_sleeper_wait_ms(&s, 100), QUIET_MS);
}

void request_interrupts_a_quiet_sleep(void **state)
{
    struct ffd_sleeper s = sleeper_in_debt(EVERY);

    (void)state;
    assert_int_equal(ffd_sleeper_wait_ms(&s, QUIET_MS), 0);
    ffd_sleeper_slept(&s, 300);
    assert_int_equal(s.state, FFD_ASLEEP);
    ffd_sleeper_request(&s, 2000);
    assert_int_equal(s.state, FFD_DROWSY);
    assert_int_equal(ffd_sleeper_wait_ms(&s, 2500), 500);
    assert_int_equal(ffd_sleeper_wait_ms(&s, 3000), 0);
}

void sleep_ends_when_debt_is_paid(void **state)
{
    struct ffd_sleeper s = sleeper_in_debt(EVERY);

    (void)state;
    assert_int_equal(ffd_sleeper_wait_ms(&s, QUIET_MS), 0);
    ffd_sleeper_slept(&s, 1);
    assert_int_equal(ffd_sleeper_wait_ms(&s, QUIET_MS), 0);
    ffd_sleeper_slept(&s, 0);
    assert_int_equal(s.state, FFD_AWAKE);
    assert_true(ffd_sleeper_wait_ms(&s, 1000000) == FFD_NEVER);
}

void exhaustion_sleeps_at_once_and_is_not_interrupted(void **state)
{
    struct ffd_sleeper s = sleeper_in_debt(EXHAUSTED);

    (void)state;
    ffd_sleeper_request(&s, 1);
    assert_int_equal(s.state, FFD_ASLEEP);
    assert_int_equal(ffd_sleeper_wait_ms(&s, 1), 0);
    assert_int_equal(ffd_sleeper_may_learn(&s), 0);
    ffd_sleeper_slept(&s, EXHAUSTED - EVERY + 1);
    ffd_sleeper_request(&s, 2);
    assert_int_equal(s.state, FFD_ASLEEP);
    assert_int_equal(ffd_sleeper_may_learn(&s), 0);
}

void exhaustion_ends_at_exhausted_less_every(void **state)
{
    struct ffd_sleeper s = sleeper_in_debt(EXHAUSTED);

    (void)state;
    ffd_sleeper_slept(&s, EXHAUSTED - EVERY);
    assert_int_equal(s.state, FFD_DROWSY); /* 512 are still owed */
    assert_int_equal(ffd_sleeper_may_learn(&s), EVERY);
}

void exhaustion_ends_awake_when_little_is_left(void **state)
{
    struct ffd_sleeper s;

    (void)state;
    ffd_sleeper_init(&s, 400, 500, QUIET_MS, 0);
    ffd_sleeper_learned(&s, 500);
    ffd_sleeper_slept(&s, 100);
    assert_int_equal(s.state, FFD_AWAKE);
    assert_int_equal(ffd_sleeper_may_learn(&s), 400);
}

void learning_never_passes_exhaustion(void **state)
{
    struct ffd_sleeper s = new_sleeper();

    (void)state;
    assert_int_equal(ffd_sleeper_may_learn(&s), EXHAUSTED);
    ffd_sleeper_learned(&s, 1000);
    assert_int_equal(ffd_sleeper_may_learn(&s), 24);
    ffd_sleeper_learned(&s, EXHAUSTED);
    assert_int_equal(ffd_sleeper_may_learn(&s), 0);
}

/* A firehose for a week: every period is exactly as long as the one before. */
void equal_limits_give_a_strict_period(void **state)
{
    enum { PERIOD = 512, BATCH = 96 };
    struct ffd_sleeper s;
    uint64_t debt = 0, now_ms = 0, learned = 0, nights = 0;

    (void)state;
    ffd_sleeper_init(&s, PERIOD, PERIOD, QUIET_MS, 0);
    while (now_ms < 7ULL * 24 * 3600 * 1000) {
        uint64_t may = ffd_sleeper_may_learn(&s);

        now_ms += 50;
        ffd_sleeper_request(&s, now_ms);
        if (may > 0) {
            uint64_t n = may < BATCH ? may : BATCH;

            debt += n;
            learned += n;
            ffd_sleeper_learned(&s, debt);
            continue;
        }
        assert_int_equal(debt, PERIOD);
        assert_int_equal(learned, (nights + 1) * PERIOD);
        while (debt > 0) {
            assert_int_equal(ffd_sleeper_wait_ms(&s, now_ms), 0);
            debt -= debt < 128 ? debt : 128;
            ffd_sleeper_slept(&s, debt);
        }
        nights++;
    }
    assert_true(nights > 1000000);
}

/* A frame a minute: it sleeps in the quiet after every 512th, never more. */
void slow_stream_sleeps_in_quiet(void **state)
{
    struct ffd_sleeper s = new_sleeper();
    uint64_t debt = 0, nights = 0;

    (void)state;
    for (uint64_t minute = 1; minute <= 7ULL * 24 * 60; minute++) {
        uint64_t now_ms = minute * 60000;

        ffd_sleeper_request(&s, now_ms);
        ffd_sleeper_learned(&s, ++debt);
        if (ffd_sleeper_wait_ms(&s, now_ms + 30000) == 0) {
            assert_int_equal(debt, EVERY);
            debt = 0;
            ffd_sleeper_slept(&s, debt);
            nights++;
        }
    }
    assert_int_equal(nights, 7 * 24 * 60 / EVERY);
}

void command_sleeps_while_debt_is_owed(void **state)
{
    struct ffd_sleeper s = new_sleeper();

    (void)state;
    ffd_sleeper_command(&s, 10);
    assert_int_equal(ffd_sleeper_wait_ms(&s, 0), 0);
    ffd_sleeper_slept(&s, 0);
    assert_int_equal(s.state, FFD_AWAKE);
    ffd_sleeper_command(&s, 0);
    assert_int_equal(s.state, FFD_AWAKE);
}

void command_goes_on_between_requests_until_it_is_paid(void **state)
{
    struct ffd_sleeper s = new_sleeper();

    (void)state;
    ffd_sleeper_command(&s, 600);
    ffd_sleeper_request(&s, 100);
    assert_int_equal(s.state, FFD_ASLEEP);
    ffd_sleeper_learned(&s, 610);
    assert_int_equal(ffd_sleeper_wait_ms(&s, 100), 0);
    ffd_sleeper_slept(&s, 11);
    assert_int_equal(s.state, FFD_ASLEEP);
    ffd_sleeper_slept(&s, 10); /* 600 are paid; 10 came meanwhile */
    assert_int_equal(s.state, FFD_AWAKE);
    assert_true(ffd_sleeper_wait_ms(&s, 1000000) == FFD_NEVER);
}

void command_beyond_exhaustion_is_slept_to_its_end(void **state)
{
    struct ffd_sleeper s = new_sleeper();

    (void)state;
    ffd_sleeper_command(&s, 5000);
    assert_int_equal(ffd_sleeper_may_learn(&s), 0);
    for (uint64_t debt = 4900; debt > 0; debt -= 100) {
        ffd_sleeper_slept(&s, debt);
        assert_int_equal(s.state, FFD_ASLEEP);
        assert_int_equal(ffd_sleeper_wait_ms(&s, 0), 0);
    }
    assert_int_equal(ffd_sleeper_may_learn(&s), EXHAUSTED - 100);
    ffd_sleeper_slept(&s, 0);
    assert_int_equal(s.state, FFD_AWAKE);
}

void wake_ends_a_command(void **state)
{
    struct ffd_sleeper s = new_sleeper();

    (void)state;
    ffd_sleeper_command(&s, 5000);
    ffd_sleeper_wake(&s, 7);
    ffd_sleeper_learned(&s, EVERY);
    assert_int_equal(s.state, FFD_DROWSY);
}

void learning_while_asleep_by_command_may_exhaust(void **state)
{
    struct ffd_sleeper s = new_sleeper();

    (void)state;
    ffd_sleeper_command(&s, 1000);
    assert_int_equal(ffd_sleeper_may_learn(&s), 24);
    ffd_sleeper_learned(&s, EXHAUSTED);
    ffd_sleeper_request(&s, 5);
    assert_int_equal(s.state, FFD_ASLEEP);
}

void wake_forgives(void **state)
{
    struct ffd_sleeper s = sleeper_in_debt(EXHAUSTED);

    (void)state;
    ffd_sleeper_wake(&s, 7);
    assert_int_equal(s.state, FFD_AWAKE);
    assert_int_equal(s.debt, 0);
    assert_int_equal(ffd_sleeper_may_learn(&s), EXHAUSTED);
}

void sleep_off_never_sleeps_but_by_command(void **state)
{
    struct ffd_sleeper s;

    (void)state;
    ffd_sleeper_init(&s, 0, 0, QUIET_MS, 0);
    ffd_sleeper_learned(&s, 1000000);
    assert_int_equal(s.state, FFD_AWAKE);
    assert_true(ffd_sleeper_may_learn(&s) == FFD_NEVER);
    assert_true(ffd_sleeper_wait_ms(&s, 1000000) == FFD_NEVER);
    ffd_sleeper_command(&s, 1000000);
    assert_int_equal(ffd_sleeper_wait_ms(&s, 1000000), 0);
    assert_true(ffd_sleeper_may_learn(&s) == FFD_NEVER);
}

void tuning_takes_effect_with_the_next_event(void **state)
{
    struct ffd_sleeper s = sleeper_in_debt(300);

    (void)state;
    ffd_sleeper_tune(&s, 100, 200, 5);
    assert_int_equal(s.state, FFD_AWAKE);
    assert_int_equal(ffd_sleeper_may_learn(&s), 0);
    ffd_sleeper_learned(&s, 300);
    assert_int_equal(s.state, FFD_ASLEEP);
}

void sleep_states_have_names(void **state)
{
    (void)state;
    assert_string_equal(ffd_sleep_state_name(FFD_AWAKE), "awake");
    assert_string_equal(ffd_sleep_state_name(FFD_DROWSY), "drowsy");
    assert_string_equal(ffd_sleep_state_name(FFD_ASLEEP), "asleep");
}
