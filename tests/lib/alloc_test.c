/* What happens without memory, and that none is asked for while learning. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/heap.h"
#include "tests/lib/support.h"

static size_t left;  /* allocations until the one that fails; 0: none does */
static bool forever; /* so do all that follow it */

static _Bool fail_one(size_t bytes)
{
    (void)bytes;
    if (forever && left == 1)
        return false;
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

struct file {
    uint8_t *bytes;
    size_t n;
};

/* What is asked of a model and its snapshot, and what came of it the first
   time, when there was memory: it must be that whenever it comes. */
struct request {
    struct ff_model *m;
    struct file file;
    char hash[33];
    char *spec, *labels;
    bool known;
    size_t wrong;
};

static void expect(struct request *r, bool same)
{
    r->wrong += r->known && !same;
}

static int save(void *ctx)
{
    struct request *r = ctx;
    struct file f;
    int status = ff_model_save(r->m, &f.bytes, &f.n);
    if (status)
        return status;
    expect(r, f.n == r->file.n && memcmp(f.bytes, r->file.bytes, f.n) == 0);
    if (!r->known)
        r->file = f;
    else
        free(f.bytes);
    return 0;
}

static int digest(void *ctx)
{
    struct request *r = ctx;
    char hash[33];
    int status = ff_model_digest(r->m, hash);
    if (status == 0) {
        expect(r, strcmp(hash, r->hash) == 0);
        memcpy(r->hash, hash, sizeof hash);
    }
    return status;
}

static int load(void *ctx)
{
    struct request *r = ctx;
    struct ff_model *m;
    char why[FF_WHY_MAX], hash[33];
    _Bool (*hook)(size_t) = ff_alloc_hook;
    int status = ff_model_load(&m, r->file.bytes, r->file.n, why);
    if (status)
        return status;
    ff_alloc_hook = NULL;
    json_set_alloc_funcs(malloc, free);
    assert_int_equal(ff_model_digest(m, hash), 0);
    ff_alloc_hook = hook;
    expect(r, strcmp(hash, r->hash) == 0);
    ff_model_free(m);
    return 0;
}

static int take_text(struct request *r, char **known, char *text)
{
    expect(r, *known && strcmp(text, *known) == 0);
    if (r->known)
        free(text);
    else
        *known = text;
    return 0;
}

static int write_spec(void *ctx)
{
    struct request *r = ctx;
    char *text;
    int status = ff_spec_to_text(&r->m->spec, &text);
    return status ? status : take_text(r, &r->spec, text);
}

static int read_spec(void *ctx)
{
    struct request *r = ctx;
    struct ff_spec spec;
    char why[FF_WHY_MAX];
    const struct ff_spec *is = &r->m->spec;
    int status = ff_spec_from_text(&spec, r->spec, strlen(r->spec), why);
    if (status == 0)
        expect(r, ff_spec_same_structure(is, &spec, why) && spec.lr == is->lr &&
                      spec.sleep.jitter == 3 &&
                      spec.drift_frames == is->drift_frames);
    return status;
}

static int look(void *ctx)
{
    struct request *r = ctx;
    struct ff_snapshot_about about;
    char why[FF_WHY_MAX], *labels;
    int status =
        ff_snapshot_about(r->file.bytes, r->file.n, &about, &labels, why);
    if (status)
        return status;
    expect(r, about.record == UINT64_MAX && about.seq == 32 &&
                  strcmp(about.hash, r->hash) == 0);
    return take_text(r, &r->labels, labels);
}

static int (*const requests[])(void *ctx) = {save,       digest,    load,
                                             write_spec, read_spec, look};
#define REQUESTS (sizeof requests / sizeof *requests)

/* Labels and a seed that a reader could lose a character of. */
static void ask(struct request *r)
{
    struct ff_spec s = tiny_spec();
    char name[FF_LABEL_MAX];
    s.seed = UINT64_MAX;
    s.sleep.jitter = 3;
    s.layers = 1;
    s.calibration = 8;
    s.drift_frames = 123456789;
    *r = (struct request){.m = new_model(s)};
    for (int k = 0; k < TINY_CLASSES; k++) {
        memset(name, k % 2 ? '\n' : 'a' + k, sizeof name);
        assert_int_equal(
            ff_label_place(r->m, k, name, (size_t)(k % 3 ? 255 : 20)), 0);
    }
    for (size_t i = 0; i < 32; i++) {
        float x[TINY_INPUTS];
        const void *row = x;
        struct ff_learned out;
        int class_ = tiny_frame(x, i);
        assert_int_equal(ff_learn(r->m, &row, &class_, NULL, 1, &out), 0);
    }
    ff_model_set_record(r->m, UINT64_MAX);
    for (size_t i = 0; i < REQUESTS; i++)
        assert_int_equal(requests[i](r), 0);
    r->known = true;
}

static void answered(struct request *r)
{
    char hash[33];
    assert_int_equal(ff_model_digest(r->m, hash), 0);
    assert_string_equal(hash, r->hash); /* the model is as it was */
    assert_int_equal(r->wrong, 0);
    free(r->file.bytes);
    free(r->spec);
    free(r->labels);
    ff_model_free(r->m);
}

static const size_t failures[REQUESTS] = {5, 4, 5, 1, 1, 3};

void without_memory_it_is_said_and_nothing_leaks(void **state)
{
    (void)state;
    struct request r;
    ask(&r);
    assert_int_equal(fail_each(make, NULL), 2);
    assert_int_equal(fail_each(make_scratch, r.m), 2);
    for (size_t i = 0; i < REQUESTS; i++)
        assert_int_equal(fail_each(requests[i], &r), failures[i]);
    answered(&r);
}

static void *fail_in_json(size_t n)
{
    return fail_one(n) ? malloc(n) : NULL;
}

/*
 * jansson leaves out what it found no memory for, and calls it a syntax error
 * when it reads. A snapshot without an option or a label would load as another
 * model; damage means throw it away, and lack of memory try again.
 */
void what_json_had_no_memory_for_is_done_wholly_or_not_at_all(void **state)
{
    (void)state;
    struct request r;
    size_t wrong = 0;
    ask(&r);
    for (size_t i = 0; i < 2 * REQUESTS; i++) {
        int status = FF_ENOMEM;
        left = 0;
        forever = i % 2;
        for (size_t k = 1; status != 0 || left <= forever; k++) {
            left = k;
            json_set_alloc_funcs(fail_in_json, free);
            status = requests[i / 2](&r);
            json_set_alloc_funcs(malloc, free);
            wrong += status != 0 && status != FF_ENOMEM;
        }
        left = forever = 0;
    }
    assert_int_equal(wrong, 0);
    answered(&r);
}

void learning_sleeping_and_answering_allocate_nothing(void **state)
{
    (void)state;
    for (int turn = 0; turn < 9; turn++) {
        struct ff_spec s =
            turn < 2 || turn == 8 ? digits_spec() : conv_digits_spec();
        if (turn == 8)
            s.objective = FF_TOP_DOWN;
        if (turn == 7) {
            s.recurrent[0] = s.recurrent[1] = true;
            s.conv[0] = s.conv[1] = (struct ff_conv_spec){.pool = 2};
        }
        if (turn >= 4 && turn < 7)
            s.objective = turn == 4 ? FF_SELF_CONTRASTIVE : FF_LABEL_PATTERN;
        if (turn == 6)
            s.answer = FF_ANSWER_GOODNESS;
        struct ff_scratch *scratch;
        enum ff_dream_kind kinds[4];
        uint8_t dreams[4][64];
        float goodness[4], scores[10];
        int label;
        struct ff_answers out = {.label = &label, .scores = scores};
        s.update = turn % 2 ? FF_UPDATE_ADAM : FF_UPDATE_ROW;
        s.sleep.confusions = 0.5f;
        s.sleep.flip = 1;
        s.sleep.cutout = 0.3f;
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
        assert_int_equal(ff_label_rename(m, 0, "x", 1), 0);
        assert_int_equal(ff_label_merge(m, 1, 2), 0);
        assert_int_equal(ff_label_forget(m, 2), 0);
        assert_true(m->count->replayed > 0);
        assert_true(m->count->dreamt > 0 || turn == 5 || turn == 6 ||
                    turn == 8);
        assert_int_equal(heap_calls(), before);
        ff_scratch_free(scratch);
        ff_model_free(m);
    }
}

void streams_allocate_nothing(void **state)
{
    (void)state;
    const enum ff_features_kind features[] = {
        FF_FEATURES_RAW, FF_FEATURES_SPECTRUM, FF_FEATURES_SYMBOLS,
        FF_FEATURES_RAW};
    for (int turn = 0; turn < 4; turn++) {
        struct ff_spec s = tiny_spec();
        bool symbols = features[turn] == FF_FEATURES_SYMBOLS;
        s.stream.keys = 3;
        s.stream.shape[0] = symbols ? 1 : 20;
        s.stream.shape[1] = s.stream.shape[2] = 1;
        s.stream.dtype = FF_U8;
        s.stream.features = features[turn];
        s.stream.sound = turn == 3 ? FF_SOUND_MFCC : FF_SOUND_NONE;
        s.stream.coefficients = 8;
        s.stream.length = 6;
        s.stream.anomaly = 0.01f;
        s.stream.rows = 1024;
        struct ff_model *m = new_model(s);
        int classes[2] = {class_of(m, 1), class_of(m, 2)};
        size_t before = heap_calls();
        for (size_t i = 0; i < 300; i++) {
            uint8_t bytes[20];
            const void *row = bytes;
            const struct ff_origin from = {.stream = i % 5};
            struct ff_learned out;
            for (size_t j = 0; j < 20; j++)
                bytes[j] = (uint8_t)(i * 31 + j * (i / 20 % 2 ? 7 : 3));
            assert_int_equal(ff_learn_stream(m, &row, &classes[i / 20 % 2],
                                             NULL, &from, 1, &out),
                             0);
            if (out.exhausted)
                sleep_out(m, 4);
        }
        assert_int_equal(heap_calls(), before);
        ff_model_free(m);
    }
}
