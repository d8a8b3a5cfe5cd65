/* What happens without memory, and that none is asked for while learning. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/heap.h"
#include "tests/lib/support.h"

static size_t left; /* allocations until the one that fails; 0: none does */

static _Bool fail_one(size_t bytes)
{
    (void)bytes;
    return left == 0 || --left > 0;
}

/* Run `act` with the first, second, ... allocation failing until it passes;
   returns how many times it failed. */
static size_t fail_each(int (*act)(void *ctx), void *ctx)
{
    for (size_t k = 1; k < 1000; k++) {
        left = k;
        ff_alloc_hook = fail_one;
        int status = act(ctx);
        ff_alloc_hook = NULL;
        if (status == 0)
            return k - 1;
        assert_int_equal(status, FF_ENOMEM);
    }
    fail_msg("it never passed");
    return 0;
}

static int make(void *ctx)
{
    struct ff_model *m;
    (void)ctx;
    struct ff_spec s = tiny_spec();
    char why[FF_WHY_MAX];
    assert_int_equal(ff_spec_check(&s, why), 0);
    int status = ff_model_new(&m, &s);
    if (status == 0)
        ff_model_free(m);
    return status;
}

static int make_scratch(void *ctx)
{
    struct ff_scratch *s;
    int status = ff_scratch_new(&s, ctx, 4);
    if (status == 0)
        ff_scratch_free(s);
    return status;
}

static int save(void *ctx)
{
    uint8_t *bytes;
    size_t n;
    int status = ff_model_save(ctx, &bytes, &n);
    if (status == 0)
        free(bytes);
    return status;
}

struct file {
    uint8_t *bytes;
    size_t n;
};

static int load(void *ctx)
{
    const struct file *f = ctx;
    struct ff_model *m;
    char why[FF_WHY_MAX];
    int status = ff_model_load(&m, f->bytes, f->n, why);
    if (status == 0)
        ff_model_free(m);
    return status;
}

void without_memory_it_is_said_and_nothing_leaks(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    struct file f;
    learn_tiny(m, 0, 32, 8);
    assert_int_equal(ff_model_save(m, &f.bytes, &f.n), 0);
    assert_int_equal(fail_each(make, NULL), 2);
    assert_int_equal(fail_each(make_scratch, m), 2);
    assert_int_equal(fail_each(save, m), 6);
    assert_int_equal(fail_each(load, &f), 2);
    free(f.bytes);
    ff_model_free(m);
}

static void *fail_in_json(size_t n)
{
    return fail_one(n) ? malloc(n) : NULL;
}

/* A snapshot with an option or a label left out would load as another model. */
void a_snapshot_is_whole_or_not_made(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    struct file whole, f;
    size_t wrong = 0;
    int status = FF_ENOMEM;
    learn_tiny(m, 0, 32, 8);
    assert_int_equal(ff_model_save(m, &whole.bytes, &whole.n), 0);
    for (size_t k = 1; status != 0 || left == 0; k++) {
        left = k;
        json_set_alloc_funcs(fail_in_json, free);
        status = ff_model_save(m, &f.bytes, &f.n);
        json_set_alloc_funcs(malloc, free);
        if (status)
            continue;
        wrong += f.n != whole.n || memcmp(f.bytes, whole.bytes, f.n) != 0;
        free(f.bytes);
    }
    left = 0;
    free(whole.bytes);
    ff_model_free(m);
    assert_int_equal(wrong, 0);
}

/* Damage means: throw it away. Lack of memory means: try again. */
void lack_of_memory_is_not_taken_for_damage(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    struct file f;
    size_t wrong = 0;
    int status = FF_ENOMEM;
    learn_tiny(m, 0, 32, 8);
    assert_int_equal(ff_model_save(m, &f.bytes, &f.n), 0);
    for (size_t k = 1; status != 0 || left == 0; k++) {
        left = k;
        json_set_alloc_funcs(fail_in_json, free);
        status = load(&f);
        json_set_alloc_funcs(malloc, free);
        wrong += status != 0 && status != FF_ENOMEM;
    }
    left = 0;
    free(f.bytes);
    ff_model_free(m);
    assert_int_equal(wrong, 0);
}

void learning_sleeping_and_answering_allocate_nothing(void **state)
{
    (void)state;
    for (int update = FF_UPDATE_ROW; update <= FF_UPDATE_ADAM; update++) {
        struct ff_spec s = digits_spec();
        struct ff_scratch *scratch;
        enum ff_dream_kind kinds[4];
        uint8_t dreams[4][64];
        float goodness[4], scores[10];
        int label;
        struct ff_answers out = {.label = &label, .scores = scores};
        s.update = (enum ff_update_kind)update;
        s.sleep.confusions = 0.5f;
        struct ff_model *m = new_model(s);
        assert_int_equal(ff_scratch_new(&scratch, m, 1), 0);
        size_t before = heap_calls();
        assert_true(before > 0);
        for (size_t i = 0; i < 320; i += 32) {
            const void *row = digits_frame(i);
            learn_digits(m, i, i + 32, 32);
            assert_int_equal(ff_publish(m), 0);
            const struct ff_view *v = ff_view_acquire(m);
            assert_int_equal(ff_predict(v, scratch, &row, 1, &out), 0);
            ff_view_release(v);
        }
        assert_int_equal(ff_dream(m, 1, 4, dreams, kinds, goodness), 0);
        assert_true(m->count->replayed > 0 && m->count->dreamt > 0);
        assert_int_equal(heap_calls(), before);
        ff_scratch_free(scratch);
        ff_model_free(m);
    }
}
