/* Channels made anew, and channels that change places. */
#include <string.h>

#include "tests/lib/conv_looks.h"

#define ASKED ((size_t)64)

/* The channel of the input that weight `at` of a unit's row sees. */
static size_t channel_of(const struct ff_layer *l, size_t unit, size_t at)
{
    size_t each = l->in[2] / l->window.groups;
    return unit / (l->R / l->window.groups) * each + at % each;
}

void a_unit_made_anew_touches_no_other(void **state)
{
    (void)state;
    struct bare n, before;
    struct ff_rng g;
    ff_rng_init(&g, 4);
    for (size_t c = 0; c < LOOKS; c++) {
        bare_init(&n, &looks[c], 1);
        bare_init(&before, &looks[c], 1);
        const struct ff_layer *l = &n.l;
        size_t own = l->R - 1;
        l->kind->renew_unit(l, n.params, own, &g);
        for (size_t i = 0; i < n.params_n; i++) {
            bool is_own = i < l->b ? i / l->C == own : i == l->b + own;
            assert_true((n.params[i] != before.params[i]) == is_own);
        }
        bare_release(&n);
        bare_release(&before);
    }
}

void an_input_made_anew_is_that_of_whoever_sees_it(void **state)
{
    (void)state;
    struct bare n, before;
    struct ff_rng g;
    ff_rng_init(&g, 4);
    for (size_t c = 0; c < LOOKS; c++)
        for (size_t channel = 0; channel < looks[c].shape[2]; channel++) {
            bare_init(&n, &looks[c], 1);
            bare_init(&before, &looks[c], 1);
            const struct ff_layer *l = &n.l;
            l->kind->renew_input(l, n.params, channel, &g);
            for (size_t i = 0; i < n.params_n; i++) {
                bool sees =
                    i < l->b && channel_of(l, i / l->C, i % l->C) == channel;
                assert_true((n.params[i] != before.params[i]) == sees);
            }
            bare_release(&n);
            bare_release(&before);
        }
}

/* What layers `from` and above think of some digits. */
static void hear(struct ff_model *m, size_t from, float *goodness)
{
    struct ff_scratch *s;
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = 0; i < ASKED; i++) {
        float each[4 * 10];
        const void *row = digits_frame(DIGITS_TRAIN + i);
        struct ff_answers out = {.class_goodness = each};
        assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
        memcpy(goodness, each + from * 10, (m->L - from) * 10 * sizeof *each);
        goodness += (m->L - from) * 10;
    }
    ff_view_release(v);
    ff_scratch_free(s);
}

void channels_that_change_places_are_heard_above_as_before(void **state)
{
    (void)state;
    static float before[ASKED * 4 * 10], after[ASKED * 4 * 10];
    struct ff_spec s = conv_digits_spec();
    s.layers = 4;
    s.units[2] = 100;
    s.units[3] = 20;
    s.conv[1].pool = 1;
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, 320, 32);
    for (size_t l = 0; l + 1 < m->L; l++) {
        struct ff_layer *low = &m->layer[l], *high = low + 1;
        float *const sets[] = {m->params, m->average};
        hear(m, l + 1, before);
        for (int i = 0; i < 2; i++) {
            low->kind->swap_units(low, sets[i], 3, 17);
            high->kind->swap_inputs(high, sets[i], 3, 17);
        }
        hear(m, l + 1, after);
        for (size_t i = 0; i < ASKED * (m->L - l - 1) * 10; i++)
            assert_near((double)after[i], (double)before[i], 1e-4, 1e-4,
                        "goodness");
    }
    ff_model_free(m);
}
