/* Layers that settle between the one below and the one above. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/support.h"

void digits_are_learned_by_layers_that_settle(void **state)
{
    (void)state;
    struct ff_spec s = digits_spec();
    s.objective = FF_TOP_DOWN;
    s.lr = 0; /* as it is chosen */
    for (int answer = 0; answer < 2; answer++) {
        s.answer = answer ? FF_ANSWER_SOFTMAX : FF_ANSWER_GOODNESS;
        double share = learned_digits(s);
        if (getenv("FF_TEST_SHOW"))
            printf("digits, settled, answer %d: %.3f\n", answer, share);
        assert_true(share > (answer ? 0.85 : 0.82));
    }
}

/* Each layer but for what the one below and the one above pass. */
void what_settles_sees_the_layers_on_both_sides(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.objective = FF_TOP_DOWN;
    s.layers = 3;
    s.units[0] = 5;
    s.units[1] = 7;
    s.units[2] = 9;
    struct ff_model *m = new_model(s);
    assert_int_equal(m->layer[0].D, TINY_INPUTS + 7);
    assert_int_equal(m->layer[1].D, 5 + 9);
    assert_int_equal(m->layer[2].D, 7 + TINY_CLASSES);
    ff_model_free(m);
}
