#include "daemon/novelty.h"

#include <math.h>

#include "tests/daemon/support.h"

static bool look(struct ffd_novelty *v, float alarm, float typicality,
                 int label, uint64_t now_ms)
{
    return ffd_novelty_look(v, alarm, &typicality, &label, 1, now_ms);
}

void novelty_is_at_or_below_the_alarm(void **state)
{
    struct ffd_novelty v = {0};

    (void)state;
    assert_false(look(&v, 0.01F, 0.011F, 3, 0));
    assert_true(look(&v, 0.01F, 0.01F, 4, 0));
    assert_int_equal(v.frames, 1);
    assert_int_equal(v.label, 4);
}

void novelty_unknown_or_off_is_no_alarm(void **state)
{
    struct ffd_novelty v = {0};

    (void)state;
    assert_false(look(&v, 1, NAN, 0, 0));
    assert_false(look(&v, 0, 0, 0, 0));
    assert_int_equal(v.frames, 0);
}

/* What a storm left over is told with the next strange answer, not before. */
void novelty_waits_for_a_strange_answer_and_its_time(void **state)
{
    struct ffd_novelty v = {0};

    (void)state;
    assert_true(look(&v, 0.5F, 0.5F, 1, 50));
    ffd_novelty_told(&v, 50);
    assert_false(look(&v, 0.5F, 0.25F, 2, 50 + FFD_NOVELTY_MS - 1));
    assert_false(look(&v, 0.5F, 1, 3, 50 + FFD_NOVELTY_MS));
    assert_true(look(&v, 0.5F, 0.5F, 4, 50 + FFD_NOVELTY_MS));
    assert_int_equal(v.frames, 2);
    assert_int_equal(v.label, 2);
    assert_float_equal(v.typicality, 0.25F, 0);
}
