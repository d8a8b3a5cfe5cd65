/* Dreams to look at. */
#include <math.h>
#include <string.h>

#include "tests/lib/support.h"

#define DREAMS 8
#define PIXELS 64

static struct ff_model *model_of(struct ff_spec s)
{
    s.memory = 20;
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, 96, 32);
    return m;
}

static struct ff_model *digits_model(void)
{
    return model_of(digits_spec());
}

/* Whether each pixel is that of one of two remembered frames. */
static bool is_of_two(const struct ff_model *m, const uint8_t *dream)
{
    for (size_t a = 0; a < 20; a++)
        for (size_t b = 0; b <= a; b++) {
            const uint8_t *x = m->memory.rows + a * PIXELS;
            const uint8_t *y = m->memory.rows + b * PIXELS;
            size_t i = 0;
            while (i < PIXELS && (dream[i] == x[i] || dream[i] == y[i]))
                i++;
            if (i == PIXELS)
                return true;
        }
    return false;
}

void hybrids_are_made_of_two_remembered_frames(void **state)
{
    (void)state;
    struct ff_model *m = digits_model();
    uint8_t frames[DREAMS][PIXELS];
    enum ff_dream_kind kinds[DREAMS];
    float goodness[DREAMS];
    size_t hybrids = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        assert_int_equal(ff_dream(m, seed, DREAMS, frames, kinds, goodness), 0);
        for (size_t i = 0; i < DREAMS; i++) {
            bool hybrid = kinds[i] == FF_DREAM_HYBRID;
            hybrids += hybrid;
            assert_true(!hybrid || is_of_two(m, frames[i]));
            assert_true(hybrid || !is_of_two(m, frames[i]));
        }
    }
    assert_int_equal(hybrids, 10 * DREAMS / 2);
    ff_model_free(m);
}

/* The model is moved. */
static void check_climbs(struct ff_model *m)
{
    uint8_t frames[DREAMS][PIXELS];
    enum ff_dream_kind kinds[DREAMS];
    float goodness[DREAMS], sum[2] = {0};
    for (uint64_t seed = 0; seed < 5; seed++) {
        assert_int_equal(ff_dream(m, seed, DREAMS, frames, kinds, goodness), 0);
        for (size_t i = 0; i < DREAMS; i++)
            sum[kinds[i] == FF_DREAM_CLIMB] += goodness[i];
    }
    assert_true(sum[1] > 1.2f * sum[0]);
    ff_model_free(m);
}

void climbing_raises_the_goodness_of_the_first_layer(void **state)
{
    (void)state;
    struct ff_spec s = conv_digits_spec();
    check_climbs(digits_model());
    check_climbs(model_of(s));
    s.mean[0] = 0.3f;
    s.scale[0] = 0.4f;
    check_climbs(model_of(s));
}

void a_dream_is_decided_by_its_seed(void **state)
{
    (void)state;
    struct ff_model *m = digits_model();
    uint8_t a[DREAMS][PIXELS], b[DREAMS][PIXELS], c[DREAMS][PIXELS];
    enum ff_dream_kind kinds[DREAMS];
    float goodness[DREAMS];
    assert_int_equal(ff_dream(m, 1, DREAMS, a, kinds, goodness), 0);
    assert_int_equal(ff_dream(m, 1, DREAMS, b, kinds, goodness), 0);
    assert_int_equal(ff_dream(m, 2, DREAMS, c, kinds, goodness), 0);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
    ff_model_free(m);
}

void looking_at_dreams_leaves_no_trace(void **state)
{
    (void)state;
    struct ff_model *seen = digits_model(), *unseen = digits_model();
    uint8_t frames[DREAMS][PIXELS];
    enum ff_dream_kind kinds[DREAMS];
    float goodness[DREAMS];
    assert_int_equal(ff_dream(seen, 7, DREAMS, frames, kinds, goodness), 0);
    assert_same_state(seen, unseen);
    learn_digits(seen, 96, 400, 32);
    learn_digits(unseen, 96, 400, 32);
    assert_same_state(seen, unseen);
    ff_model_free(seen);
    ff_model_free(unseen);
}

void dreams_of_vectors_stay_within_what_was_seen(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    float frames[DREAMS][TINY_INPUTS], goodness[DREAMS];
    float least = 0, greatest = 0;
    enum ff_dream_kind kinds[DREAMS];
    learn_tiny(m, 0, 64, 8);
    for (size_t i = 0; i < 64; i++) {
        float x[TINY_INPUTS];
        tiny_frame(x, i);
        for (size_t d = 0; d < TINY_INPUTS; d++) {
            least = fminf(least, x[d]);
            greatest = fmaxf(greatest, x[d]);
        }
    }
    for (uint64_t seed = 0; seed < 20; seed++) {
        assert_int_equal(ff_dream(m, seed, DREAMS, frames, kinds, goodness), 0);
        for (size_t i = 0; i < DREAMS; i++) {
            assert_true(isfinite(goodness[i]) && goodness[i] >= 0);
            for (size_t d = 0; d < TINY_INPUTS; d++)
                assert_true(frames[i][d] >= least && frames[i][d] <= greatest);
        }
    }
    ff_model_free(m);
}

void one_dream_alone_is_a_dream(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.batch = 1;
    struct ff_model *m = new_model(s);
    float frame[TINY_INPUTS], goodness;
    enum ff_dream_kind kind;
    learn_tiny(m, 0, 16, 1);
    assert_int_equal(ff_dream(m, 3, 1, frame, &kind, &goodness), 0);
    assert_int_equal(kind, FF_DREAM_HYBRID);
    ff_model_free(m);
}

void without_memories_there_are_no_dreams(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    float frame[TINY_INPUTS], goodness;
    enum ff_dream_kind kind;
    assert_int_equal(ff_dream(m, 3, 1, frame, &kind, &goodness), FF_EMPTY);
    ff_model_free(m);
}
