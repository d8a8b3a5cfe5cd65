/* The same calls give the same bytes; what fails moves none. */
#include <math.h>
#include <string.h>

#include "tests/lib/support.h"

static struct ff_spec spec_of(int goodness, int update, uint64_t seed)
{
    struct ff_spec s = digits_spec();
    s.goodness = (enum ff_goodness_kind)goodness;
    s.update = (enum ff_update_kind)update;
    s.seed = seed;
    s.memory = 50;
    s.sleep.confusions = 0.3f;
    return s;
}

void the_same_calls_give_the_same_bytes(void **state)
{
    (void)state;
    for (int goodness = 0; goodness < 2; goodness++)
        for (int update = 0; update < 2; update++) {
            struct ff_model *a = new_model(spec_of(goodness, update, 3));
            struct ff_model *b = new_model(spec_of(goodness, update, 3));
            learn_digits(a, 0, 320, 32);
            learn_digits(b, 0, 320, 32);
            /* Looking changes nothing. */
            accuracy(b, 0, 10);
            learn_digits(a, 320, 400, 32);
            learn_digits(b, 320, 400, 32);
            assert_true(a->count->dreamt > 0 && a->count->confused > 0);
            assert_same_state(a, b);
            ff_model_free(a);
            ff_model_free(b);
        }
}

void another_seed_gives_another_model(void **state)
{
    (void)state;
    struct ff_model *a = new_model(spec_of(0, 0, 3));
    struct ff_model *b = new_model(spec_of(0, 0, 4));
    assert_memory_not_equal(a->params, b->params, a->params_n * sizeof(float));
    assert_false(same_state(a, b));
    ff_model_free(a);
    ff_model_free(b);
}

void a_batch_that_is_no_number_moves_nothing_at_all(void **state)
{
    (void)state;
    const float evil[] = {NAN, INFINITY, -INFINITY};
    struct ff_model *a = new_model(tiny_spec()), *b = new_model(tiny_spec());
    learn_tiny(a, 0, 40, 8);
    learn_tiny(b, 0, 40, 8);
    for (int e = 0; e < 3; e++)
        for (size_t at = 0; at < 3; at++) { /* which frame is spoilt */
            float x[3][TINY_INPUTS];
            const void *rows[3];
            int classes[3];
            struct ff_learned out;
            for (size_t i = 0; i < 3; i++) {
                classes[i] = class_of(a, tiny_frame(x[i], 40 + i));
                rows[i] = x[i];
            }
            x[at][5] = evil[e];
            assert_int_equal(ff_learn(a, rows, classes, NULL, 3, &out),
                             FF_EFINITE);
        }
    assert_same_state(a, b);
    learn_tiny(a, 40, 80, 8);
    learn_tiny(b, 40, 80, 8);
    sleep_out(a, 5);
    sleep_out(b, 5);
    assert_same_state(a, b);
    ff_model_free(a);
    ff_model_free(b);
}

void weights_that_overflowed_are_not_taught_further(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec()), *twin = new_model(tiny_spec());
    float x[TINY_INPUTS];
    const void *row = x;
    struct ff_learned out;
    learn_tiny(m, 0, 40, 8);
    learn_tiny(twin, 0, 40, 8);
    m->params[m->layer[1].c] = twin->params[m->layer[1].c] = INFINITY;
    int class_ = class_of(m, tiny_frame(x, 41));
    assert_int_equal(ff_learn(m, &row, &class_, NULL, 1, &out), FF_EFINITE);
    assert_same_state(m, twin);
    ff_model_free(twin);
    ff_model_free(m);
}
