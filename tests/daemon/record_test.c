/*
 * Records: what was done to a model is done again to another, to the bit.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/record.h"
#include "tests/daemon/support.h"

#define SIDE   4
#define INPUTS (SIDE * SIDE)
#define BATCH  8

/* With streams it takes samples of so many bytes, and makes windows of them. */
static struct ff_spec small_spec(bool streams)
{
    struct ff_spec spec;
    char why[FF_WHY_MAX];

    ff_spec_init(&spec);
    spec.shape[0] = spec.shape[1] = SIDE;
    spec.shape[2] = 1;
    spec.image = true;
    spec.classes = 6;
    spec.layers = 2;
    spec.units[0] = spec.units[1] = 24;
    spec.batch = BATCH;
    spec.memory = 64;
    spec.pending = 16;
    spec.calibration = 32;
    spec.fit_every = 64;
    spec.sleep.every = 32;
    spec.sleep.exhausted = 64;
    if (streams)
        spec.stream = (struct ff_stream_spec){
            .keys = 3, /* some must go */
            .shape = {SIDE, SIDE, 1},
            .dtype = FF_U8,
            .decimate = 1,
            .standardise = FF_STANDARDISE_KEY,
            .horizon = 50,
            .length = 3,
            .stride = 2,
        };
    if (ff_spec_check(&spec, why) != FF_OK)
        fail_msg("%s", why);
    return spec;
}

/* A course of a model: whatever is done is written down. */
struct course {
    struct ff_model *m;
    struct ffd_records r;
    uint32_t seed;
    uint64_t next_id;
    bool fit_begun;
};

static unsigned draw(struct course *c, unsigned n)
{
    c->seed = c->seed * 1664525u + 1013904223u;
    return (c->seed >> 8) % n;
}

static void begin_course(struct course *c, uint32_t seed, bool streams)
{
    struct ff_spec spec = small_spec(streams);

    *c = (struct course){.seed = seed, .next_id = 1};
    assert_int_equal(ff_model_new(&c->m, &spec), FF_OK);
    assert_int_equal(ffd_record_spec(&c->r, c->m, FFD_RECORD_CREATE, &spec), 0);
}

static void end_course(struct course *c)
{
    ff_model_free(c->m);
    ffd_records_release(&c->r);
}

static void learn(struct course *c)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    _Alignas(64) uint8_t frames[BATCH][64];
    const void *at[BATCH];
    uint64_t ids[BATCH];
    int classes[BATCH];
    struct ff_origin origins[BATCH];
    struct ff_learned out;
    size_t n = 1 + draw(c, BATCH);

    for (size_t i = 0; i < n; i++) {
        unsigned k = draw(c, 5), kind = draw(c, 8);

        classes[i] = -1;
        ids[i] = c->next_id++;
        origins[i] = (struct ff_origin){
            .stream = UINT64_MAX - draw(c, 4),
            .flags = draw(c, 6) ? 0 : (uint8_t)(1 + draw(c, 3))};
        at[i] = frames[i];
        for (unsigned j = 0; j < INPUTS; j++)
            frames[i][j] =
                (uint8_t)(j % 5 == k ? 200 + draw(c, 50) : draw(c, 60));
        if (kind == 0 && ids[i] > 4) { /* a late label, maybe for nobody */
            at[i] = NULL;
            ids[i] = 1 + draw(c, (unsigned)ids[i] - 1);
        }
        if (kind != 1) /* 1: no label */
            assert_int_equal(ff_label_bind(c->m, names[k], 1, &classes[i]),
                             FF_OK);
    }
    assert_int_equal(
        ffd_record_learn(&c->r, c->m, at, classes, ids, origins, n), 0);
    assert_int_equal(ff_learn_stream(c->m, at, classes, ids, origins, n, &out),
                     FF_OK);
}

static void sleep_some(struct course *c)
{
    struct ff_slept out;

    assert_int_equal(ffd_record_sleep(&c->r, c->m, 3), 0);
    ff_sleep(c->m, 3, &out);
}

static void fit_some(struct course *c)
{
    if (!c->fit_begun) {
        if (ff_fit_begin(c->m) != FF_OK)
            return;
        ffd_record_plain(&c->r, c->m, FFD_RECORD_FIT_BEGIN);
        ff_fit_run(c->m);
    } else {
        ffd_record_plain(&c->r, c->m, FFD_RECORD_FIT_INSTALL);
        ff_fit_install(c->m);
    }
    c->fit_begun = !c->fit_begun;
}

static void tune(struct course *c)
{
    struct ff_spec spec = *ff_model_spec(c->m);

    spec.lr = 0.01f + 0.001f * (float)draw(c, 10);
    assert_int_equal(ffd_record_spec(&c->r, c->m, FFD_RECORD_TUNE, &spec), 0);
    assert_int_equal(ff_model_tune(c->m, &spec), FF_OK);
}

static void by_hand(struct course *c)
{
    int a = ff_label_find(c->m, "a", 1), b = ff_label_find(c->m, "b", 1);

    if (c->fit_begun || a < 0 || b < 0 || !ff_label_shown(c->m, a) ||
        !ff_label_shown(c->m, b))
        return;
    switch (draw(c, 3)) {
    case 0:
        assert_int_equal(ff_label_merge(c->m, a, b), FF_OK);
        ffd_record_merge(&c->r, c->m, a, b);
        break;
    case 1:
        assert_int_equal(ff_label_forget(c->m, a), FF_OK);
        ffd_record_forget(&c->r, c->m, a);
        break;
    default:
        if (ff_label_find(c->m, "z", 1) >= 0)
            return;
        assert_int_equal(ff_label_rename(c->m, a, "z", 1), FF_OK);
        ffd_record_rename(&c->r, c->m, a, "z", 1);
        break;
    }
}

static void anything(struct course *c)
{
    unsigned what = draw(c, 16);

    if (what < 9)
        learn(c);
    else if (what < 12)
        sleep_some(c);
    else if (what < 13)
        fit_some(c);
    else if (what < 14)
        tune(c);
    else if (what < 15)
        by_hand(c);
    else if (draw(c, 2)) {
        ffd_record_owe(&c->r, c->m, 40);
        ff_sleep_owe(c->m, 40);
    } else {
        ffd_record_plain(&c->r, c->m, FFD_RECORD_FORGIVE);
        ff_sleep_forgive(c->m);
    }
}

static void assert_same(const struct ff_model *a, const struct ff_model *b)
{
    char x[33], y[33];

    assert_int_equal(ff_model_digest(a, x), FF_OK);
    assert_int_equal(ff_model_digest(b, y), FF_OK);
    assert_string_equal(x, y);
}

static void replay(struct ffd_replay *p, const struct ffd_records *r,
                   size_t *at)
{
    const uint8_t *body;
    char why[FF_WHY_MAX];
    uint64_t n;
    size_t bytes;

    while (ffd_records_next(r, at, &n, &body, &bytes)) {
        if (ffd_record_apply(p, n, body, bytes, why) != FFD_APPLIED)
            fail_msg("record %u, kind %d: %s", (unsigned)n, body[0], why);
    }
}

void a_course_done_again_is_the_same_model_to_the_bit(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 8; seed++) {
        struct ffd_replay p = {0};
        struct course c;
        size_t at = 0;

        begin_course(&c, seed, seed % 2 == 0);
        for (int i = 0; i < 150; i++) {
            anything(&c);
            replay(&p, &c.r, &at);
            assert_same(p.ff, c.m);
            assert_int_equal(ff_model_record(p.ff), c.r.count);
            assert_int_equal(p.fit_ready, c.fit_begun);
        }
        ff_model_free(p.ff);
        end_course(&c);
    }
}

static void go_on_from_a_snapshot(bool streams)
{
    struct ffd_replay p = {0};
    const uint8_t *body;
    uint8_t *bytes = NULL;
    char why[FF_WHY_MAX];
    struct course c;
    uint64_t n;
    size_t size = 0, at = 0;

    begin_course(&c, 99, streams);
    for (int i = 0; i < 100 || c.fit_begun; i++)
        anything(&c);
    assert_int_equal(ff_model_save(c.m, &bytes, &size), FF_OK);
    for (int i = 0; i < 100; i++)
        anything(&c);
    assert_int_equal(ff_model_load(&p.ff, bytes, size, why), FF_OK);
    free(bytes);
    while (ffd_records_next(&c.r, &at, &n, &body, &size)) {
        if (n > ff_model_record(p.ff))
            assert_int_equal(ffd_record_apply(&p, n, body, size, why),
                             FFD_APPLIED);
    }
    assert_same(p.ff, c.m);
    ff_model_free(p.ff);
    end_course(&c);
}

void a_snapshot_goes_on_by_the_records_after_it(void **state)
{
    (void)state;
    go_on_from_a_snapshot(false);
    go_on_from_a_snapshot(true); /* in the middle of windows */
}

void a_record_of_streams_is_of_no_other_model(void **state)
{
    struct course c;
    char why[FF_WHY_MAX];

    (void)state;
    for (int streams = 0; streams < 2; streams++) {
        struct ffd_replay p = {0};
        const uint8_t *body;
        uint8_t *copy;
        uint64_t n;
        size_t bytes, at = 0;

        begin_course(&c, 5, streams);
        learn(&c);
        assert_true(ffd_records_next(&c.r, &at, &n, &body, &bytes));
        assert_int_equal(ffd_record_apply(&p, n, body, bytes, why),
                         FFD_APPLIED);
        assert_true(ffd_records_next(&c.r, &at, &n, &body, &bytes));
        assert_int_equal(body[1], 1 + streams);
        copy = malloc(bytes);
        assert_non_null(copy);
        memcpy(copy, body, bytes);
        copy[1] = (uint8_t)(2 - streams);
        assert_int_equal(ffd_record_apply(&p, n, copy, bytes, why),
                         FFD_APPLY_DAMAGED);
        assert_string_equal(why, streams ? "its version is 1, and must be 2"
                                         : "its version is 2, and must be 1");
        free(copy);
        ff_model_free(p.ff);
        end_course(&c);
    }
}

void a_loaded_snapshot_is_a_record(void **state)
{
    struct ffd_replay p = {0};
    struct ff_model *old = NULL;
    uint8_t *bytes = NULL;
    char why[FF_WHY_MAX];
    struct course c;
    size_t size = 0, at = 0;

    (void)state;
    begin_course(&c, 7, false);
    for (int i = 0; i < 40 || c.fit_begun; i++)
        anything(&c);
    assert_int_equal(ff_model_save(c.m, &bytes, &size), FF_OK);
    for (int i = 0; i < 40 || c.fit_begun; i++)
        anything(&c);
    assert_int_equal(ff_model_load(&old, bytes, size, why), FF_OK);
    ff_model_set_record(old, ff_model_record(c.m));
    assert_int_equal(ffd_record_load(&c.r, old, bytes, size), 0);
    free(bytes);
    ff_model_free(c.m);
    c.m = old;
    for (int i = 0; i < 40; i++)
        anything(&c);
    replay(&p, &c.r, &at);
    assert_same(p.ff, c.m);
    ff_model_free(p.ff);
    end_course(&c);
}

static void damage(uint32_t seed, bool streams, int rounds)
{
    struct course c;

    begin_course(&c, seed, streams);
    for (int i = 0; i < 30; i++)
        anything(&c);
    for (int i = 0; i < rounds; i++) {
        struct ffd_replay p = {0};
        const uint8_t *body;
        uint8_t *copy;
        char why[FF_WHY_MAX] = "";
        size_t at = 0, bytes, target = draw(&c, (unsigned)c.r.count);
        uint64_t n;

        for (size_t k = 0; ffd_records_next(&c.r, &at, &n, &body, &bytes);
             k++) {
            if (k < target && k < 12) {
                assert_int_equal(ffd_record_apply(&p, n, body, bytes, why),
                                 FFD_APPLIED);
                continue;
            }
            copy = malloc(bytes);
            assert_non_null(copy);
            memcpy(copy, body, bytes);
            for (unsigned flips = 1 + draw(&c, 4); flips > 0; flips--)
                copy[draw(&c, (unsigned)bytes)] ^= (uint8_t)(1 + draw(&c, 255));
            ffd_record_apply(&p, p.ff ? ff_model_record(p.ff) + 1 : n, copy,
                             bytes - draw(&c, (unsigned)bytes) / 8, why);
            free(copy);
            break;
        }
        ff_model_free(p.ff);
    }
    end_course(&c);
}

void a_damaged_record_is_refused_or_harmless(void **state)
{
    (void)state;
    damage(3, false, 4000);
    damage(4, true, 4000);
}

void a_slice_of_sleep_without_end_is_refused(void **state)
{
    uint8_t body[6] = {FFD_RECORD_SLEEP, 1, 0xff, 0xff, 0xff, 0xff};
    struct ffd_replay p = {0};
    struct course c;
    char why[FF_WHY_MAX] = "";

    (void)state;
    begin_course(&c, 4, false);
    learn(&c);
    ff_sleep_owe(c.m, (uint64_t)1 << 60);
    p.ff = c.m;
    assert_int_equal(
        ffd_record_apply(&p, ff_model_record(c.m) + 1, body, sizeof(body), why),
        FFD_APPLY_DAMAGED);
    assert_string_equal(why, "a slice of sleep is of 4294967295 updates");
    end_course(&c);
}

void records_without_a_journal_only_count(void **state)
{
    struct ff_spec spec = small_spec(false);
    struct ff_model *m = NULL;

    (void)state;
    assert_int_equal(ff_model_new(&m, &spec), FF_OK);
    assert_int_equal(ffd_record_spec(NULL, m, FFD_RECORD_CREATE, &spec), 0);
    assert_int_equal(ffd_record_sleep(NULL, m, 4), 0);
    assert_int_equal(ffd_record_plain(NULL, m, FFD_RECORD_FORGIVE), 0);
    assert_int_equal(ff_model_record(m), 3);
    ff_model_free(m);
}
