/* Samples of streams that are only looked at: nothing is learned of them. */
#include <math.h>
#include <string.h>

#include "tests/lib/samples.h"

#define KEYS SAMPLE_KEYS

/* Whatever both hold that is learned is the same to the bit. */
static void expect_same(struct ff_model *a, struct ff_model *b)
{
    const struct ff_front *f = &a->front, *g = &b->front;
    size_t all = f->slots.S * f->C, bytes = f->C * sizeof(float);
    assert_memory_equal(f->mean + all, g->mean + all, bytes);
    assert_memory_equal(f->variance + all, g->variance + all, bytes);
    if (f->features)
        assert_memory_equal(f->feature_mean, g->feature_mean,
                            f->D * sizeof *f->feature_mean);
    assert_int_equal(*f->anomaly.seen, *g->anomaly.seen);
    assert_memory_equal(f->anomaly.scores, g->anomaly.scores,
                        FF_ANOMALY_SCORES * sizeof *f->anomaly.scores);
    assert_memory_equal(f->anomaly.rows, g->anomaly.rows,
                        f->anomaly.R * f->D * sizeof *f->anomaly.rows);
    assert_int_equal(*f->anomaly.alarms, *g->anomaly.alarms);
    assert_memory_equal(a->params, b->params, a->params_n * sizeof(float));
}

void an_observed_sample_moves_the_stream_and_no_weight(void **state)
{
    (void)state;
    struct ff_model *m = new_model(stream_spec());
    int class_ = class_of(m, 1);
    for (int t = 0; t < 20; t++)
        give(m, 1, (float)(t % 3), 1, class_, 0, 0);
    struct ff_model *before = copy_of(m);
    struct ff_learned out = give(m, 1, 7, 8, class_, 0, FF_SAMPLE_OBSERVE);
    assert_int_equal(out.fate[0], FF_FATE_GATHERED);
    out = give(m, 1, 7, 8, class_, 0, FF_SAMPLE_OBSERVE);
    assert_int_equal(out.fate[0], FF_FATE_GATHERED);
    assert_int_equal(out.labelled, 0);
    assert_near(((const float *)ff_stream_newest(m, 1))[7], 8, 0, 1e-6,
                "newest value");
    assert_memory_equal(m->params, before->params, m->params_n * sizeof(float));
    assert_int_equal(ff_memory_count(&m->memory),
                     ff_memory_count(&before->memory));
    ff_model_free(before);
    ff_model_free(m);
}

/* Two keys in turn, and for one of the models a third that is only looked at
   and is like neither. */
void what_is_only_looked_at_changes_nothing_for_others(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.objective = FF_SELF_CONTRASTIVE;
    spec.stream.length = 8;
    spec.stream.features = FF_FEATURES_SPECTRUM;
    spec.stream.standardise = FF_STANDARDISE_ALL;
    spec.stream.anomaly = 0.05f;
    struct ff_model *with = new_model(spec), *without = new_model(spec);
    struct ff_rng g;
    int alarms = 0, judged = 0;
    ff_rng_init(&g, 3);
    for (int t = 0; t < 3000; t++) {
        float a = ff_rng_normal(&g), b = ff_rng_normal(&g);
        uint64_t key = 1 + (uint64_t)t % 2;
        give(with, key, a, b, -1, 0, 0);
        give(without, key, a, b, -1, 0, 0);
        struct ff_learned out =
            give(with, 7, 100 * a, 50, -1, 0, FF_SAMPLE_OBSERVE);
        judged += isfinite(out.typicality[0]);
        alarms += out.alarm[0];
    }
    assert_true(judged > 500);
    assert_int_equal(alarms, 0);
    expect_same(with, without);
    ff_model_free(with);
    ff_model_free(without);
}

void a_stream_only_looked_at_pushes_out_none_that_is_learned_from(void **state)
{
    (void)state;
    struct ff_model *m = new_model(stream_spec());
    struct ff_stats stats;
    for (uint64_t key = 11; key <= 10 + 2 * KEYS; key++)
        for (int t = 0; t < 4; t++)
            give(m, key, (float)t, 1, -1, 0, FF_SAMPLE_OBSERVE);
    assert_non_null(ff_stream_newest(m, 11)); /* what is free is for all */
    for (uint64_t key = 1; key <= KEYS; key++)
        for (int t = 0; t < 4; t++)
            give(m, key, (float)t, 1, -1, 0, 0);
    for (uint64_t key = 11; key <= 12 + KEYS; key++)
        for (int t = 0; t < 4; t++)
            give(m, key, (float)t, 1, -1, 0, FF_SAMPLE_OBSERVE);
    for (uint64_t key = 1; key <= KEYS; key++)
        assert_non_null(ff_stream_newest(m, key));
    assert_null(ff_stream_newest(m, 11));
    assert_null(ff_stream_newest(m, 12));
    assert_non_null(ff_stream_newest(m, 13));
    ff_model_stats(m, &stats);
    assert_int_equal(stats.streams, KEYS);
    assert_int_equal(stats.streams_gone, 0);
    ff_model_free(m);
}

void a_stream_that_was_looked_at_goes_on_when_it_is_learned_from(void **state)
{
    (void)state;
    struct ff_model *m = new_model(stream_spec());
    struct ff_stats stats;
    for (uint64_t key = 1; key <= KEYS; key++)
        give(m, key, 0, 1, -1, 0, 0);
    for (int t = 0; t < 3; t++)
        give(m, 11, (float)t, 1, -1, 0, FF_SAMPLE_OBSERVE);
    give(m, 11, 3, 1, -1, 0, 0);
    const float *newest = ff_stream_newest(m, 11);
    assert_non_null(newest);
    assert_near(newest[0], 0, 0, 1e-6, "first value, that was looked at");
    assert_near(newest[6], 3, 0, 1e-6, "newest value");
    ff_model_stats(m, &stats);
    assert_int_equal(stats.streams, KEYS);
    assert_int_equal(stats.streams_gone, 1); /* for it, the first */
    assert_int_equal(ff_slots_find(&m->front.slots, 1), m->front.slots.S);
    ff_model_free(m);
}

void windows_that_are_only_looked_at_make_no_fit_due(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.answer = FF_ANSWER_CLOSED_FORM;
    spec.fit_every = 16;
    struct ff_model *m = new_model(spec);
    struct ff_stats stats;
    const int classes[] = {class_of(m, 1), class_of(m, 2)};
    for (int t = 0; t < 160; t++)
        give(m, 1, (float)(t % 7), (float)(t / 40 % 2), classes[t / 40 % 2], 0,
             0);
    sleep_out(m, 4);
    assert_true(ff_fit_due(m));
    assert_int_equal(ff_fit_begin(m), 0);
    assert_int_equal(ff_fit_run(m), 0);
    assert_int_equal(ff_fit_install(m), 0);
    ff_model_stats(m, &stats);
    assert_int_equal(stats.windows, 79);
    for (int t = 0; t < 160; t++)
        give(m, 1, (float)(t % 7), 1, -1, 0, FF_SAMPLE_OBSERVE);
    assert_false(ff_fit_due(m));
    ff_model_stats(m, &stats);
    assert_int_equal(stats.windows, 79);
    ff_model_free(m);
}
