/* No number flows from a layer to one below it, awake or asleep. */
#include <string.h>

#include "tests/lib/support.h"

/* Layer 0's part of the parameters comes first, then layer 1's, and so on. */
static size_t params_below(const struct ff_model *m, size_t l)
{
    return l == m->L ? m->params_n : m->layer[l].W;
}

static void live_a_day(struct ff_model *m)
{
    for (size_t i = 0; i < 96; i += 32) {
        learn_tiny(m, i, i + 32, 8);
        sleep_out(m, 3);
    }
}

static struct ff_spec spec_of(enum ff_goodness_kind goodness)
{
    struct ff_spec s = tiny_spec();
    s.goodness = goodness;
    s.layers = 3;
    s.units[2] = 8;
    s.margin = goodness == FF_GOODNESS_WEIGHTED ? 0.05f : 0.4f;
    s.peer = 0.1f;
    s.sleep.confusions = 0.5f;
    s.sleep.dreams = 0.5f;
    return s;
}

static void check_perturbed(enum ff_goodness_kind goodness, size_t from)
{
    struct ff_model *a = new_model(spec_of(goodness));
    struct ff_model *b = new_model(spec_of(goodness));
    size_t below = params_below(a, from);
    for (size_t i = below; i < b->params_n; i++)
        b->params[i] += (float)(i % 7) - 3;
    live_a_day(a);
    live_a_day(b);
    assert_memory_equal(a->params, b->params, below * sizeof(float));
    assert_memory_equal(a->average, b->average, below * sizeof(float));
    for (size_t l = 0; l < from; l++)
        assert_memory_equal(a->layer[l].W_rule.r, b->layer[l].W_rule.r,
                            a->layer[l].H * sizeof(float));
    assert_memory_not_equal(a->params + below, b->params + below,
                            (a->params_n - below) * sizeof(float));
    ff_model_free(a);
    ff_model_free(b);
}

void a_layer_above_cannot_touch_what_is_learned_below(void **state)
{
    (void)state;
    for (size_t from = 1; from < 3; from++) {
        check_perturbed(FF_GOODNESS_WEIGHTED, from);
        check_perturbed(FF_GOODNESS_GROUPS, from);
    }
}

static void check_depth(enum ff_goodness_kind goodness)
{
    struct ff_spec shallow = spec_of(goodness);
    shallow.layers = 2;
    struct ff_model *two = new_model(shallow);
    struct ff_model *three = new_model(spec_of(goodness));
    size_t below = two->params_n;
    assert_memory_equal(two->params, three->params, below * sizeof(float));
    /* A third layer was drawn from the generator that sleep draws from. */
    *three->rng = *two->rng;
    live_a_day(two);
    live_a_day(three);
    assert_true(two->count->confused > 0 && two->count->dreamt > 0);
    assert_memory_equal(two->params, three->params, below * sizeof(float));
    assert_memory_equal(two->average, three->average, below * sizeof(float));
    ff_model_free(two);
    ff_model_free(three);
}

void two_layers_learn_the_same_below_a_third(void **state)
{
    (void)state;
    check_depth(FF_GOODNESS_WEIGHTED);
    check_depth(FF_GOODNESS_GROUPS);
}

/* ---- convolutions ----------------------------------------------------------
 * Channels under channels, and channels under units. */

static struct ff_spec conv_spec(enum ff_goodness_kind goodness)
{
    struct ff_spec s = digits_spec();
    s.goodness = goodness;
    s.layers = 3;
    s.units[0] = s.units[1] = s.units[2] = 10;
    s.conv[0] = (struct ff_conv_spec){.kernel = 3, .pad = 1, .pool = 2};
    s.conv[1] = (struct ff_conv_spec){.kernel = 3, .pad = 1, .groups = 2};
    s.margin = goodness == FF_GOODNESS_WEIGHTED ? 0.05f : 0.4f;
    s.peer = 0.1f;
    s.memory = 40;
    s.sleep.every = s.sleep.exhausted = 32;
    s.sleep.confusions = 0.5f;
    s.sleep.dreams = 0.5f;
    return s;
}

static void check_conv(enum ff_goodness_kind goodness, size_t from)
{
    struct ff_model *a = new_model(conv_spec(goodness));
    struct ff_model *b = new_model(conv_spec(goodness));
    size_t below = params_below(a, from);
    for (size_t i = below; i < b->params_n; i++)
        b->params[i] += (float)(i % 7) * 0.5f;
    learn_digits(a, 0, 96, 8);
    learn_digits(b, 0, 96, 8);
    assert_true(a->count->confused > 0 && a->count->dreamt > 0);
    assert_memory_equal(a->params, b->params, below * sizeof(float));
    assert_memory_equal(a->average, b->average, below * sizeof(float));
    for (size_t l = 0; l < from; l++) {
        const struct ff_layer *x = &a->layer[l], *y = &b->layer[l];
        assert_memory_equal(x->W_rule.r, y->W_rule.r, x->R * sizeof(float));
        assert_memory_equal(x->b_rule.r, y->b_rule.r, x->R * sizeof(float));
        assert_memory_equal(x->activity, y->activity, x->R * sizeof(float));
    }
    assert_memory_not_equal(a->params + below, b->params + below,
                            (a->params_n - below) * sizeof(float));
    ff_model_free(a);
    ff_model_free(b);
}

void a_layer_above_cannot_touch_a_convolution_below(void **state)
{
    (void)state;
    for (size_t from = 1; from < 3; from++) {
        check_conv(FF_GOODNESS_WEIGHTED, from);
        check_conv(FF_GOODNESS_GROUPS, from);
    }
}
