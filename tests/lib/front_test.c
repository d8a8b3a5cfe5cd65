/* Samples of streams become frames. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/samples.h"

#define KEYS 1000

static void expect(const struct ff_model *m, uint64_t key, const float *frame)
{
    const float *newest = ff_stream_newest(m, key);
    assert_non_null(newest);
    for (size_t i = 0; i < m->D; i++)
        assert_near(newest[i], frame[i], 1e-6, 1e-6, "value of a frame");
}

void a_window_is_of_the_newest_samples_and_comes_at_its_stride(void **state)
{
    (void)state;
    struct ff_model *m = new_model(stream_spec());
    const float first[] = {0, 1, 1, 1, 2, 1, 3, 1};
    const float second[] = {2, 1, 3, 1, 4, 1, 5, 1};
    for (int t = 0; t < 6; t++) {
        assert_true((ff_stream_newest(m, 9) == NULL) == (t < 4));
        struct ff_learned out = give(m, 9, (float)t, 1, -1, 0, 0);
        assert_int_equal(out.fate[0],
                         t == 3 || t == 5 ? FF_FATE_KEPT : FF_FATE_GATHERED);
        assert_int_equal(out.seq, t + 1);
        if (t == 3)
            expect(m, 9, first);
    }
    expect(m, 9, second);
    assert_null(ff_stream_newest(m, 8));
    ff_model_free(m);
}

/* Sample t of a key, unlike any other's. */
static void make_sample(float x[CHANNELS], size_t key, size_t t)
{
    x[0] = sinf((float)(key * 31 + t)) * (float)(1 + key % 7);
    x[1] = cosf((float)(key + 3 * t)) + (float)key;
}

void a_thousand_streams_make_the_frames_that_each_makes_alone(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.stream.standardise = FF_STANDARDISE_KEY;
    struct ff_spec one = spec;
    spec.stream.keys = KEYS;
    one.stream.keys = 1;
    struct ff_model *all = new_model(spec);
    size_t order[KEYS];
    struct ff_rng g;
    ff_rng_init(&g, 7);
    for (size_t k = 0; k < KEYS; k++)
        order[k] = k;
    for (size_t t = 0; t < 9; t++)
        for (size_t k = KEYS; k-- > 0;) { /* each time in another order */
            size_t other = ff_rng_below(&g, (uint32_t)k + 1),
                   key = order[other];
            float x[CHANNELS];
            order[other] = order[k];
            order[k] = key;
            make_sample(x, key, t);
            give(all, key, x[0], x[1], -1, 0, 0);
        }
    for (size_t key = 0; key < KEYS; key += 37) {
        struct ff_model *alone = new_model(one);
        for (size_t t = 0; t < 9; t++) {
            float x[CHANNELS];
            make_sample(x, key, t);
            give(alone, key, x[0], x[1], -1, 0, 0);
        }
        assert_memory_equal(ff_stream_newest(all, key),
                            ff_stream_newest(alone, key), all->frame_bytes);
        ff_model_free(alone);
    }
    ff_model_free(all);
}

void the_stream_silent_longest_gives_way(void **state)
{
    (void)state;
    struct ff_model *m = new_model(stream_spec());
    struct ff_stats stats;
    for (uint64_t key = 1; key <= 4; key++)
        for (int t = 0; t < 4; t++)
            give(m, key, (float)t, (float)key, -1, 0, 0);
    give(m, 1, 0, 0, -1, 0, 0);
    give(m, 5, 0, 0, -1, 0, 0);
    assert_null(ff_stream_newest(m, 2));
    assert_null(ff_stream_newest(m, 5));
    assert_non_null(ff_stream_newest(m, 1));
    assert_non_null(ff_stream_newest(m, 3));
    ff_model_stats(m, &stats);
    assert_int_equal(stats.streams, 4);
    assert_int_equal(stats.streams_gone, 1);
    assert_int_equal(stats.windows, 4);
    ff_model_free(m);
}

void channels_are_standardised_whatever_their_scale(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.stream.standardise = FF_STANDARDISE_KEY;
    struct ff_model *m = new_model(spec);
    for (int t = 0; t < 400; t++) {
        float x = t % 2 ? 1.0f : -1.0f;
        give(m, 1, 1000 + 50 * x, -3 + 0.01f * x, -1, 0, 0);
    }
    const float frame[] = {-1, -1, 1, 1, -1, -1, 1, 1};
    const float *newest = ff_stream_newest(m, 1);
    for (size_t i = 0; i < m->D; i++)
        assert_near(newest[i], frame[i], 1e-2, 1e-2, "standardised");
    ff_model_free(m);
}

void a_spike_moves_the_moments_little_and_a_new_level_is_followed(void **state)
{
    (void)state;
    float mean = 0, variance = 0;
    uint64_t n = 0;
    struct ff_moments m = {
        .C = 1, .mean = &mean, .variance = &variance, .n = &n};
    for (int t = 0; t < 200; t++)
        ff_moments_add(&m, 0, t % 2 ? 1 : -1, 100);
    ff_moments_add(&m, 0, 1e6f, 100);
    assert_true(fabsf(mean) < 0.1f);
    assert_true(variance < 1.3f);
    assert_near(ff_moments_standard(&m, 0, 1e6f), FF_MOMENTS_REACH, 1e-6, 0,
                "a spike's standard value");
    for (int t = 0; t < 2000; t++)
        ff_moments_add(&m, 0, t % 2 ? 51 : 49, 100);
    assert_near(mean, 50, 0.01, 0, "mean");
    assert_near(variance, 1, 0.1, 0, "variance");
}

void what_is_missing_is_held_or_the_mean_or_refused(void **state)
{
    (void)state;
    const enum ff_missing_kind kinds[] = {FF_MISSING_HOLD, FF_MISSING_MEAN};
    const float expected[] = {3, 2}; /* after 1, 2, 3 */
    struct ff_spec spec = stream_spec();
    for (int i = 0; i < 2; i++) {
        spec.stream.missing = kinds[i];
        struct ff_model *m = new_model(spec);
        for (int t = 1; t <= 3; t++)
            give(m, 1, (float)t, 0, -1, 0, 0);
        give(m, 1, NAN, 0, -1, 0, 0);
        const float frame[] = {1, 0, 2, 0, 3, 0, expected[i], 0};
        expect(m, 1, frame);
        ff_model_free(m);
    }
    spec.stream.missing = FF_MISSING_REJECT;
    struct ff_model *m = new_model(spec);
    struct ff_model *before = copy_of(m);
    const float x[][CHANNELS] = {{1, 1}, {1, INFINITY}};
    const void *rows[] = {x[0], x[1]};
    const int classes[] = {-1, -1};
    struct ff_learned out;
    assert_int_equal(ff_learn(m, rows, classes, NULL, 2, &out), FF_EFINITE);
    assert_same_state(m, before);
    ff_model_free(before);
    ff_model_free(m);
}

void so_many_samples_count_as_their_mean(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.stream.decimate = 3;
    struct ff_model *m = new_model(spec);
    for (int t = 0; t < 12; t++)
        give(m, 1, (float)t, 1, -1, 0, 0);
    const float frame[] = {1, 1, 4, 1, 7, 1, 10, 1};
    expect(m, 1, frame);
    ff_model_free(m);
}

void a_recording_makes_its_frame_at_its_end_and_the_next_begins_anew(
    void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.stream.stride = 0;
    struct ff_model *m = new_model(spec);
    for (int t = 0; t < 9; t++)
        give(m, 1, (float)t, 1, -1, 0, 0);
    assert_null(ff_stream_newest(m, 1));
    give(m, 1, 9, 1, -1, 0, FF_SAMPLE_END);
    const float first[] = {0, 1, 1, 1, 2, 1, 3, 1};
    expect(m, 1, first);
    give(m, 1, 1, 2, -1, 0, 0);
    give(m, 1, 2, 2, -1, 0, FF_SAMPLE_END);
    const float *newest = ff_stream_newest(m, 1);
    assert_near(newest[0], 1, 0, 1e-6, "first of a short recording");
    assert_near(newest[2], 2, 0, 1e-6, "second of a short recording");
    assert_near(newest[4], newest[6], 0, 1e-6, "what it goes on with");
    ff_model_free(m);
}

void a_stream_goes_on_from_its_snapshot_to_the_bit(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.stream.standardise = FF_STANDARDISE_ALL;
    spec.stream.decimate = 2;
    struct ff_model *m = new_model(spec);
    const int class_[] = {class_of(m, 1), class_of(m, 2)};
    for (size_t t = 0; t < 161; t++) {
        float x[CHANNELS];
        make_sample(x, t % 3, t);
        give(m, t % 3, x[0], x[1], class_[t / 12 % 2], 0, 0);
    }
    struct ff_model *copy = copy_of(m);
    for (size_t t = 161; t < 400; t++) {
        float x[CHANNELS];
        make_sample(x, t % 3, t);
        give(m, t % 3, x[0], x[1], class_[t / 12 % 2], 0, 0);
        give(copy, t % 3, x[0], x[1], class_[t / 12 % 2], 0, 0);
    }
    assert_true(m->count->step > 10);
    assert_same_state(m, copy);
    ff_model_free(copy);
    ff_model_free(m);
}

void a_late_label_is_for_the_window_that_its_sample_completed(void **state)
{
    (void)state;
    struct ff_model *m = new_model(stream_spec());
    struct ff_learned out;
    int class_ = class_of(m, 1);
    for (uint64_t t = 1; t <= 4; t++)
        give(m, 1, (float)t, 1, -1, t, 0);
    const void *late = NULL;
    uint64_t ids[] = {3, 4};
    assert_int_equal(ff_learn(m, &late, &class_, &ids[0], 1, &out), 0);
    assert_int_equal(out.fate[0], FF_FATE_MISSED);
    assert_int_equal(ff_learn(m, &late, &class_, &ids[1], 1, &out), 0);
    assert_int_equal(out.fate[0], FF_FATE_LEARNED);
    ff_model_free(m);
}

void a_window_is_of_the_class_that_most_of_its_samples_have(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.stream.stride = 4;
    struct ff_model *m = new_model(spec);
    int a = class_of(m, 1), b = class_of(m, 2);
    const int classes[][4] = {{a, b, b, -1}, {-1, -1, a, -1}, {a, a, b, b}};
    const int of[] = {b, a, b};
    for (int w = 0; w < 3; w++) {
        struct ff_learned out = {0};
        for (int t = 0; t < 4; t++)
            out = give(m, 1, (float)t, 1, classes[w][t], 0, 0);
        assert_int_equal(out.labelled, 1);
        assert_int_equal(ff_memory_count_of(&m->memory, of[w]), w < 1 ? 1 : w);
    }
    give(m, 1, 1, 1, -1, 0, 0);
    assert_int_equal(ff_label_merge(m, a, b), 0);
    assert_int_equal(ff_memory_count_of(&m->memory, b), 3);
    ff_model_free(m);
}

void of_a_forgotten_class_no_sample_stays_in_a_window(void **state)
{
    (void)state;
    struct ff_model *m = new_model(stream_spec());
    int a = class_of(m, 1), b = class_of(m, 2);
    for (int t = 0; t < 6; t++) {
        give(m, 1, 7, 1, a, 0, 0);
        give(m, 2, 8, 1, b, 0, 0);
    }
    assert_int_equal(ff_label_forget(m, a), 0);
    assert_null(ff_stream_newest(m, 1));
    assert_null(ff_stream_newest(m, 2)); /* whose it was is not known */
    for (size_t i = 0; i < m->front.slots.S * m->front.L * CHANNELS; i++)
        assert_true(m->front.ring[i] != 7);
    ff_model_free(m);
}

void a_recording_that_ended_leaves_nothing_of_a_forgotten_class(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.stream.anomaly = 0.5f;
    spec.stream.windows = 10;
    struct ff_model *m = new_model(spec);
    int a = class_of(m, 1), b = class_of(m, 2);
    for (int t = 0; t < 6; t++) {
        give(m, 1, 7, 1, a, 0, t == 5 ? FF_SAMPLE_END : 0);
        give(m, 2, 8, 1, b, 0, 0);
    }
    assert_int_equal(ff_label_forget(m, a), 0);
    const float seven = 7;
    const struct ff_front *f = &m->front;
    for (size_t i = 0; i < f->slots.S * f->frame_bytes; i += sizeof seven)
        assert_memory_not_equal(f->newest + i, &seven, sizeof seven);
    for (size_t i = 0; i < f->anomaly.R * f->D; i++)
        assert_true(f->anomaly.rows[i] != 7);
    for (size_t i = 0; i < f->slots.S * CHANNELS; i++)
        assert_true(f->last[i] != 7);
    ff_model_free(m);
}

void a_huge_value_is_missing_and_leaves_no_mark(void **state)
{
    (void)state;
    const enum ff_standardise_kind kinds[] = {
        FF_STANDARDISE_OFF, FF_STANDARDISE_KEY, FF_STANDARDISE_ALL};
    for (int i = 0; i < 3; i++) {
        struct ff_spec spec = stream_spec();
        spec.stream.standardise = kinds[i];
        spec.stream.decimate = 2;
        struct ff_model *m = new_model(spec);
        const float x[] = {1, 2e19f};
        const void *row = x;
        const int class_ = -1;
        struct ff_learned out;
        assert_int_equal(ff_learn(m, &row, &class_, NULL, 1, &out), FF_EFINITE);
        ff_model_free(m);
        spec.stream.missing = FF_MISSING_HOLD;
        m = new_model(spec);
        for (int t = 0; t < 40; t++)
            give(m, 1, t % 5 == 0 ? 3e38f : (float)(t % 3), 1, -1, 0, 0);
        struct ff_model *copy = copy_of(m); /* it loads */
        assert_same_state(m, copy);
        ff_model_free(copy);
        ff_model_free(m);
    }
}

void an_end_makes_no_window_twice(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.stream.decimate = 2;
    struct ff_model *m = new_model(spec);
    struct ff_stats stats;
    for (int t = 0; t < 8; t++)
        give(m, 1, (float)t, 1, -1, 0, 0);
    give(m, 1, 9, 1, -1, 0, FF_SAMPLE_END); /* half of a sample that counts */
    ff_model_stats(m, &stats);
    assert_int_equal(stats.windows, 1);
    ff_model_free(m);
}

void a_spectrum_tells_what_moves_whenever_it_does(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.stream.length = 32;
    spec.stream.stride = 7;
    spec.stream.features = FF_FEATURES_SPECTRUM;
    struct ff_model *m = new_model(spec);
    size_t octaves = ff_octaves_out(32);
    assert_int_equal(octaves,
                     9); /* the mean; from bin 1, 2, 3, 4, 6, 8, 11, 16 */
    assert_int_equal(m->D, CHANNELS * octaves);
    float least = 1e9f, most = -1e9f;
    for (int t = 0; t < 200; t++) { /* bin 4 on a level of 3, and a still one */
        give(m, 1, 3 + sinf(0.78539816f * (float)t), 5, -1, 0, 0);
        const float *frame = ff_stream_newest(m, 1);
        if (!frame || m->front.due[0] != 7)
            continue;
        assert_near((double)frame[0], 3, 1e-3, 0, "mean");
        assert_near((double)frame[1], 5, 1e-3, 0, "mean of a still channel");
        for (size_t o = 1; o < octaves; o++)
            assert_true(frame[o * CHANNELS] <= frame[8]);
        least = fminf(least, frame[8]);
        most = fmaxf(most, frame[8]);
    }
    assert_true(most - least < 0.01f);
    ff_model_free(m);
}

/* A wave with noise, and between bad and worse a level that never was. */
static float wave(struct ff_rng *g, int t, bool strange)
{
    return sinf(0.3f * (float)t) + 0.1f * ff_rng_normal(g) +
           (strange ? 4.0f : 0.0f);
}

void a_window_unlike_any_before_is_an_alarm_once_an_episode(void **state)
{
    (void)state;
    struct ff_spec spec = stream_spec();
    spec.objective = FF_SELF_CONTRASTIVE;
    spec.stream.length = 16;
    spec.stream.stride = 1;
    spec.stream.standardise = FF_STANDARDISE_KEY;
    spec.stream.anomaly = 0.01f;
    spec.stream.windows = 200;
    struct ff_model *m = new_model(spec);
    struct ff_rng g;
    struct ff_stats stats;
    int false_alarms = 0, claimed = 0, first = -1;
    ff_rng_init(&g, 5);
    for (int t = 0; t < 2000; t++) {
        bool strange = t >= 1500 && t < 1510;
        struct ff_learned out =
            give(m, 3, wave(&g, t, strange), ff_rng_normal(&g), -1, 0, 0);
        claimed += isfinite(out.typicality[0]);
        if (t >= 1500 && t < 1526) {
            first = first < 0 && out.alarm[0] ? t : first;
            assert_true(!out.alarm[0] || t - first == 0 || t - first == 16);
        } else {
            false_alarms += out.alarm[0];
        }
    }
    assert_in_range(first, 1500, 1503);
    assert_in_range(false_alarms, 0, 20); /* 1 % of 1,700 are 17 */
    assert_in_range(claimed, 1700, 1790);
    ff_model_stats(m, &stats);
    assert_true(stats.anomalies >= 1);
    ff_model_free(m);
}

void ordinary_windows_have_small_p_values_as_often_as_they_should(void **state)
{
    (void)state;
    struct ff_arena arena = {0};
    struct ff_anomaly a;
    struct ff_rng g;
    size_t low = 0, all = 0;
    ff_anomaly_carve(&a, &arena, 300, 5, 3);
    assert_int_equal(ff_arena_init(&arena), 0);
    ff_anomaly_carve(&a, &arena, 300, 5, 3);
    ff_rng_init(&g, 11);
    for (uint64_t t = 0; t < 8000; t++) {
        float w[5];
        for (size_t i = 0; i < 5; i++)
            w[i] = ff_rng_normal(&g);
        float s = ff_anomaly_score(&a, w, 1, t, 0), p = ff_anomaly_p(&a, s);
        ff_anomaly_keep(&a, w, s, 1, t, &g);
        low += p <= 0.05f;
        all += isfinite(p);
    }
    assert_near((double)low / (double)all, 0.05, 0, 0.01, "share of p <= 0.05");
    ff_arena_release(&arena);
}

void a_stream_that_cannot_be_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t offset, value;
    } bad[] = {
        {"stream.keys", offsetof(struct ff_spec, stream.keys),
         (size_t)FF_KEYS_MAX + 1},
        {"stream.decimate", offsetof(struct ff_spec, stream.decimate), 0},
        {"stream.length", offsetof(struct ff_spec, stream.length), 0},
        {"input.shape", offsetof(struct ff_spec, stream.shape[0]), 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ff_spec s = stream_spec();
        char why[FF_WHY_MAX];
        memcpy((char *)&s + bad[i].offset, &bad[i].value, sizeof(size_t));
        assert_int_equal(ff_spec_check(&s, why), FF_ESPEC);
        assert_memory_equal(why, bad[i].name, strlen(bad[i].name));
    }
}

void an_alarm_that_could_never_come_is_refused(void **state)
{
    (void)state;
    static const struct {
        float level;
        int status;
    } levels[] = {{0, FF_OK},           {0.0005f, FF_OK},      {1, FF_OK},
                  {0.00049f, FF_ESPEC}, {1e-9f, FF_ESPEC},     {1.1f, FF_ESPEC},
                  {-0.01f, FF_ESPEC},   {(float)NAN, FF_ESPEC}};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        struct ff_spec s = stream_spec();
        char why[FF_WHY_MAX] = "";
        s.stream.anomaly = levels[i].level;
        assert_int_equal(ff_spec_check(&s, why), levels[i].status);
        if (levels[i].status != FF_OK)
            assert_non_null(
                strstr(why, "stream.anomaly: must be 0, or 0.0005 to 1, is "));
    }
}

void the_least_alarm_that_is_allowed_can_come(void **state)
{
    (void)state;
    struct ff_arena arena = {0};
    struct ff_anomaly a;
    struct ff_rng g;
    float w[1] = {0}, p = NAN;
    ff_anomaly_carve(&a, &arena, 50, 1, 1);
    assert_int_equal(ff_arena_init(&arena), 0);
    ff_anomaly_carve(&a, &arena, 50, 1, 1);
    ff_rng_init(&g, 3);
    for (uint64_t t = 0; t <= FF_ANOMALY_SCORES; t++) {
        w[0] = ff_rng_normal(&g);
        ff_anomaly_keep(&a, w, ff_anomaly_score(&a, w, 1, t, 0), 1, t, &g);
    }
    w[0] = 1e6f; /* nothing was ever as strange */
    p = ff_anomaly_p(&a, ff_anomaly_score(&a, w, 1, FF_ANOMALY_SCORES + 1, 0));
    assert_true(p <= 0.0005f && p > 0.00049f);
    ff_arena_release(&arena);
}

void a_stream_is_in_the_text_of_its_specification(void **state)
{
    (void)state;
    struct ff_spec s = stream_spec(), back;
    char why[FF_WHY_MAX], *text;
    s.stream.dtype = FF_I16;
    s.stream.missing = FF_MISSING_HOLD;
    assert_int_equal(ff_spec_check(&s, why), 0);
    assert_int_equal(s.shape[0], 4);
    assert_int_equal(s.shape[2], CHANNELS);
    assert_int_equal(ff_spec_sample_bytes(&s), 4);
    assert_int_equal(ff_spec_to_text(&s, &text), 0);
    assert_int_equal(ff_spec_from_text(&back, text, strlen(text), why), 0);
    assert_true(ff_spec_same_structure(&s, &back, why));
    back.stream.stride++;
    assert_false(ff_spec_same_structure(&s, &back, why));
    assert_string_equal(why, "stream: differs, which needs a new model");
    free(text);
}
