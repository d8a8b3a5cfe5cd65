/* Streams of symbols: what comes next. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/symbols.h"
#include "lib/vec.h"
#include "tests/lib/support.h"

#define KINDS  4
#define ORDERS 3
#define LONG   300

static struct ff_spec text_spec(void)
{
    struct ff_spec s;
    char why[FF_WHY_MAX];
    ff_spec_init(&s);
    s.stream.keys = 3;
    s.stream.shape[0] = s.stream.shape[1] = s.stream.shape[2] = 1;
    s.stream.dtype = FF_U8;
    s.stream.features = FF_FEATURES_SYMBOLS;
    s.stream.rows = 4096;
    s.classes = 30;
    s.memory = 100;
    assert_int_equal(ff_spec_check(&s, why), 0);
    return s;
}

static int symbol_class(struct ff_model *m, char c)
{
    int class_;
    assert_int_equal(ff_label_bind(m, &c, 1, &class_), 0);
    return class_;
}

/* Text of a key, in micro-batches of B. */
static struct ff_learned read_text(struct ff_model *m, uint64_t key,
                                   const char *text, size_t B)
{
    struct ff_learned out = {0};
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i += B) {
        const void *samples[32];
        int classes[32];
        struct ff_origin from[32];
        size_t n = length - i < B ? length - i : B;
        for (size_t j = 0; j < n; j++) {
            samples[j] = text + i + j;
            classes[j] = symbol_class(m, text[i + j]);
            from[j] = (struct ff_origin){.stream = key};
        }
        assert_int_equal(
            ff_learn_stream(m, samples, classes, NULL, from, n, &out), 0);
    }
    return out;
}

static char most_likely(struct ff_model *m, const void *past, float *sure)
{
    struct ff_scratch *scratch;
    int label;
    struct ff_answers out = {.label = &label, .confidence = sure};
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&scratch, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    assert_int_equal(ff_predict(v, scratch, &past, 1, &out), 0);
    ff_view_release(v);
    ff_scratch_free(scratch);
    return *ff_label_name(m, label);
}

/* ---- the formulas, by counting what came --------------------------------- */

static bool same_context(const uint8_t *a, const uint8_t *b, size_t n)
{
    for (size_t i = 1; i <= n; i++)
        if (a[-(ptrdiff_t)i] != b[-(ptrdiff_t)i])
            return false;
    return true;
}

/* p of what follows `now`, given all from `begin` on; a and r as learned. */
static void answer_by_counting(const struct ff_symbols *s, const uint8_t *begin,
                               const uint8_t *now, double *p)
{
    static const size_t until[] = {1, 2, 3, 4, 6, 9, 17, 33, 65, 257, 2049};
    double below[KINDS], sum = 0;
    for (size_t k = 0; k < KINDS; k++) {
        below[k] = 1.0 / KINDS;
        p[k] = 0;
    }
    for (size_t n = 0; n <= ORDERS; n++) {
        double c[KINDS] = {0}, all = 0, seen = 0;
        size_t last = 0, age = 0;
        for (const uint8_t *at = begin; at < now; at++)
            if (same_context(at, now, n)) {
                c[*at]++;
                all++;
                last = *at;
            }
        for (size_t k = 0; k < KINDS; k++)
            seen += c[k] > 0;
        if (all == 0)
            continue;
        double e = 0.85 * seen;
        for (size_t k = 0; k < KINDS; k++) {
            p[k] += (double)s->a[n * KINDS + now[-1]] *
                    log(1 + c[k] / (e * below[k]));
            below[k] = (c[k] + e * below[k]) / (all + e);
        }
        while (age < 11 && all >= (double)until[age])
            age++;
        p[last] += (double)s->r[n * ff_symbols_ages() + age];
    }
    for (size_t k = 0; k < KINDS; k++)
        sum += p[k] = exp(p[k]);
    for (size_t k = 0; k < KINDS; k++)
        p[k] /= sum;
}

void answers_are_what_the_formulas_say_of_what_came(void **state)
{
    (void)state;
    struct ff_arena a = {0};
    struct ff_symbols s;
    struct ff_symbol_trace t;
    struct ff_rng g;
    uint8_t text[FF_SYMBOLS_SEEN + LONG] = {0};
    uint8_t *begin = text + FF_SYMBOLS_SEEN;
    ff_symbols_carve(&s, &a, KINDS, ORDERS, 4096, false);
    assert_int_equal(ff_arena_init(&a), 0);
    ff_symbols_carve(&s, &a, KINDS, ORDERS, 4096, false);
    ff_symbols_init(&s);
    ff_rng_init(&g, 3);
    for (uint8_t *now = begin; now < begin + LONG; now++) {
        double p[KINDS], sum = 0;
        ff_symbols_answer(&s, now - FF_SYMBOLS_SEEN, 1, &t);
        answer_by_counting(&s, begin, now, p);
        for (size_t k = 0; k < KINDS; k++) {
            assert_near((double)t.p[k], p[k], 1e-3, 1e-5, "probability");
            sum += (double)t.p[k];
        }
        assert_near(sum, 1, 1e-5, 0, "sum");
        *now = (uint8_t)((now[-1] + ff_rng_below(&g, 2) * 2 + 1) % KINDS);
        ff_symbols_learn(&s, &t, *now);
    }
    assert_true(ff_symbols_hold(&s));
    ff_arena_release(&a);
}

static size_t sum_of(const uint8_t *cells, size_t rows, size_t slots, size_t k)
{
    size_t sum = 0;
    for (size_t i = 0; i < rows * slots; i++) {
        size_t at = i / slots * 2 * slots + i % slots;
        sum += cells[at + slots] > 0 && cells[at] == k ? cells[at + slots] : 0;
    }
    return sum;
}

/* A symbol's goodness in all rows of all layers. */
static size_t goodness_of(const struct ff_model *m, size_t k)
{
    const struct ff_symbols *s = &m->sequence.symbols;
    return sum_of(s->cells, s->rows, 32, k) +
           sum_of(s->wide_cells, s->K + 1, s->K, k);
}

void only_what_came_is_lifted_and_nothing_is_pushed_down(void **state)
{
    (void)state;
    struct ff_model *m = new_model(text_spec());
    struct ff_symbols *s = &m->sequence.symbols;
    read_text(m, 0, "abracadabra abracadabra ", 32);
    struct ff_model *before = copy_of(m);
    read_text(m, 0, "c", 1);
    size_t came = (size_t)symbol_class(m, 'c');
    for (size_t k = 0; k < s->K; k++)
        assert_int_equal(goodness_of(m, k),
                         goodness_of(before, k) + (k == came ? s->L : 0));
    ff_model_free(before);
    ff_model_free(m);
}

void what_repeats_becomes_sure(void **state)
{
    (void)state;
    struct ff_model *m = new_model(text_spec());
    struct ff_stats stats;
    float sure;
    read_text(m, 0, "the cat ", 3);
    ff_model_stats(m, &stats);
    double early = stats.bits_all;
    for (int i = 0; i < 200; i++)
        read_text(m, 0, "the cat ", 3);
    ff_model_stats(m, &stats);
    assert_true(early > 3);
    assert_true(stats.bits_fading < 0.1);
    assert_true(stats.accuracy_window > 0.99);
    assert_int_equal(most_likely(m, ff_stream_newest(m, 0), &sure), 't');
    assert_true(sure > 0.95f);
    ff_model_free(m);
}

void micro_batches_do_not_change_what_symbols_teach(void **state)
{
    (void)state;
    const char *text = "a stream may come in any pieces; it is one stream.";
    struct ff_model *one = new_model(text_spec());
    struct ff_model *many = new_model(text_spec());
    read_text(one, 0, text, 1);
    read_text(many, 0, text, 32);
    const struct ff_symbols *a = &one->sequence.symbols;
    const struct ff_symbols *b = &many->sequence.symbols;
    assert_memory_equal(a->cells, b->cells, a->rows * 64);
    assert_memory_equal(a->a, b->a, a->L * a->K * sizeof *a->a);
    ff_model_free(one);
    ff_model_free(many);
}

void a_text_that_ended_is_not_what_the_next_goes_on_from(void **state)
{
    (void)state;
    struct ff_model *m = new_model(text_spec());
    const char *text = "cab";
    int classes[3];
    uint8_t frame[FF_SYMBOLS_SEEN] = {0};
    for (size_t i = 0; i < 3; i++)
        classes[i] = symbol_class(m, text[i]);
    for (size_t i = 0; i < 3; i++) { /* c a, then b after nothing */
        const struct ff_origin from = {.flags = i == 1 ? FF_SAMPLE_END : 0};
        const void *sample = text + i;
        struct ff_learned out;
        assert_int_equal(
            ff_learn_stream(m, &sample, &classes[i], NULL, &from, 1, &out), 0);
        if (i != 1)
            continue;
        ff_symbols_frame(classes, 2, frame);
        assert_memory_equal(ff_stream_newest(m, 0), frame, sizeof frame);
    }
    ff_symbols_frame(classes + 2, 1, frame);
    assert_memory_equal(ff_stream_newest(m, 0), frame, sizeof frame);
    ff_model_free(m);
}

void two_texts_of_two_keys_do_not_mix(void **state)
{
    (void)state;
    struct ff_model *m = new_model(text_spec());
    float sure;
    for (int i = 0; i < 100; i++)
        for (int j = 0; j < 4; j++) {
            const char first[] = {"abcd"[j], 0}, second[] = {"badc"[j], 0};
            read_text(m, 1, first, 1);
            read_text(m, 2, second, 1);
        }
    assert_int_equal(most_likely(m, ff_stream_newest(m, 1), &sure), 'a');
    assert_true(sure > 0.9f);
    assert_int_equal(most_likely(m, ff_stream_newest(m, 2), &sure), 'b');
    assert_true(sure > 0.9f);
    ff_model_free(m);
}

void asleep_a_model_writes_and_forgets_nothing_that_it_saw(void **state)
{
    (void)state;
    struct ff_spec spec = text_spec();
    spec.sleep.every = spec.sleep.exhausted = 64;
    spec.sleep.dreams = 2;
    spec.sleep.replay = 0;
    struct ff_model *m = new_model(spec);
    for (int i = 0; i < 20; i++)
        read_text(m, 0, "to be or not to be ", 19);
    struct ff_symbols *s = &m->sequence.symbols;
    struct ff_model *before = copy_of(m);
    const struct ff_symbols *was = &before->sequence.symbols;
    size_t gone = 0, lower = 0;
    assert_int_equal(m->count->debt, 380);
    struct ff_slept slept = sleep_out(m, 4);
    assert_int_equal(slept.replayed, 0);
    assert_in_range(slept.dreamt, 700, 760);
    for (size_t i = 0; i < s->rows * 64; i++) {
        gone += was->cells[i] > 0 && s->cells[i] == 0;
        lower += s->cells[i] < was->cells[i];
    }
    assert_int_equal(gone, 0);
    assert_true(lower > 0);
    assert_true(ff_symbols_hold(s));
    ff_model_free(before);
    ff_model_free(m);
}

void symbols_are_not_replayed_unless_it_is_asked_for(void **state)
{
    (void)state;
    struct ff_spec frames;
    char why[FF_WHY_MAX];
    ff_spec_init(&frames);
    frames.shape[0] = 4;
    frames.shape[1] = frames.shape[2] = 1;
    assert_int_equal(ff_spec_check(&frames, why), 0);
    assert_true(frames.sleep.replay == 1);
    assert_true(text_spec().sleep.replay == 0);
}

void windows_that_were_kept_are_taught_again_when_asked_for(void **state)
{
    (void)state;
    struct ff_spec spec = text_spec();
    spec.sleep.every = spec.sleep.exhausted = 64;
    spec.sleep.dreams = 0;
    spec.sleep.replay = 0.5f;
    struct ff_model *m = new_model(spec);
    read_text(m, 0, "what was kept is taught again, half of it. ", 32);
    size_t before = 0, after = 0;
    for (size_t k = 0; k < m->K; k++)
        before += goodness_of(m, k);
    struct ff_slept slept = sleep_out(m, 4);
    for (size_t k = 0; k < m->K; k++)
        after += goodness_of(m, k);
    assert_int_equal(slept.replayed, 21); /* of 43 */
    assert_int_equal(slept.debt, 0);
    assert_int_equal(after - before, 21 * m->sequence.symbols.L);
    ff_model_free(m);
}

void what_is_written_follows_seed_and_temperature(void **state)
{
    (void)state;
    struct ff_model *m = new_model(text_spec());
    int a[64], b[64], c[64];
    const struct ff_view *v = ff_view_acquire(m);
    assert_int_equal(ff_generate(v, NULL, 1, 7, 64, a), FF_EMPTY);
    ff_view_release(v);
    for (int i = 0; i < 40; i++)
        read_text(m, 0, "one two three four five ", 24);
    assert_int_equal(ff_publish(m), 0);
    v = ff_view_acquire(m);
    const void *past = ff_stream_newest(m, 0);
    assert_int_equal(ff_generate(v, past, 1, 7, 64, a), 0);
    assert_int_equal(ff_generate(v, past, 1, 7, 64, b), 0);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(ff_generate(v, past, 0.01f, 9, 64, c), 0);
    ff_view_release(v);
    for (size_t i = 0; i < 24; i++)
        assert_int_equal(*ff_label_name(m, c[i]),
                         "one two three four five "[i]);
    ff_model_free(m);
}

void at_a_high_temperature_all_that_came_is_written(void **state)
{
    (void)state;
    struct ff_model *m = new_model(text_spec());
    int written[800];
    size_t count[30] = {0};
    for (int i = 0; i < 3; i++)
        read_text(m, 0, "abcdefgh", 8);
    assert_int_equal(ff_publish(m), 0);
    const struct ff_view *v = ff_view_acquire(m);
    assert_int_equal(ff_generate(v, NULL, 100, 3, 800, written), 0);
    ff_view_release(v);
    for (size_t i = 0; i < 800; i++)
        count[written[i]]++;
    for (size_t k = 0; k < 30; k++)
        if (k < 8)
            assert_in_range(count[k], 50, 160);
        else
            assert_int_equal(count[k], 0);
    ff_model_free(m);
}

struct asker {
    struct ff_model *m;
    atomic_size_t asked, wrong;
    atomic_bool done;
};

static void *ask_on(void *of)
{
    struct asker *a = of;
    struct ff_scratch *scratch;
    uint8_t past[FF_SYMBOLS_SEEN] = {1, 2, 3};
    const void *row = past;
    if (ff_scratch_new(&scratch, a->m, 1))
        return NULL;
    while (!a->done) {
        int label, written[8];
        float confidence;
        struct ff_answers out = {.label = &label, .confidence = &confidence};
        const struct ff_view *v = ff_view_acquire(a->m);
        a->wrong += ff_predict(v, scratch, &row, 1, &out) != 0 ||
                    !(confidence >= 0 && confidence <= 1.001f);
        a->wrong += ff_generate(v, past, 1, a->asked, 8, written) != 0;
        ff_view_release(v);
        a->asked++;
    }
    ff_scratch_free(scratch);
    return NULL;
}

void symbols_are_asked_about_and_written_beside_learning(void **state)
{
    (void)state;
    struct ff_spec spec = text_spec();
    spec.sleep.every = spec.sleep.exhausted = 64;
    spec.sleep.dreams = 1;
    struct asker a = {.m = new_model(spec)};
    pthread_t thread;
    read_text(a.m, 0, "what is said meanwhile ", 23);
    assert_int_equal(ff_publish(a.m), 0);
    assert_int_equal(pthread_create(&thread, NULL, ask_on, &a), 0);
    for (size_t i = 0; i < 100 || a.asked < 100; i++) {
        read_text(a.m, i % 3, "what is said meanwhile ", 23);
        sleep_out(a.m, 2);
        ff_publish(a.m); /* may be busy */
    }
    a.done = true;
    pthread_join(thread, NULL);
    assert_int_equal(a.wrong, 0);
    ff_model_free(a.m);
}

void a_sequence_goes_on_from_its_snapshot_to_the_bit(void **state)
{
    (void)state;
    struct ff_spec spec = text_spec();
    spec.sleep.every = spec.sleep.exhausted = 64;
    spec.sleep.dreams = 2;
    struct ff_model *m = new_model(spec);
    read_text(m, 5, "what goes on must go on as it would have gone.", 7);
    sleep_out(m, 3);
    struct ff_model *copy = copy_of(m);
    read_text(m, 5, " and so it does; it does so.", 9);
    read_text(copy, 5, " and so it does; it does so.", 9);
    sleep_out(m, 3);
    sleep_out(copy, 3);
    assert_same_state(m, copy);
    assert_true(m->count->dreamt > 0);
    ff_model_free(copy);
    ff_model_free(m);
}

void a_symbol_may_be_renamed_but_not_merged_or_forgotten(void **state)
{
    (void)state;
    struct ff_model *m = new_model(text_spec());
    read_text(m, 0, "abab", 4);
    int a = symbol_class(m, 'a'), b = symbol_class(m, 'b');
    assert_int_equal(ff_label_merge(m, a, b), FF_ESPEC);
    assert_int_equal(ff_label_forget(m, a), FF_ESPEC);
    assert_int_equal(m->sequence.symbols.letter[a], 'a');
    assert_int_equal(ff_label_rename(m, a, ".", 1), 0);
    assert_int_equal(m->sequence.symbols.letter[a], 0);
    ff_model_free(m);
}

void a_rarely_seen_context_gives_way_when_rows_are_few(void **state)
{
    (void)state;
    struct ff_spec spec = text_spec();
    spec.stream.rows = 64;
    struct ff_model *m = new_model(spec);
    struct ff_rng g;
    ff_rng_init(&g, 1);
    for (int i = 0; i < 3000; i++) {
        const char c[] = {(char)('a' + ff_rng_below(&g, 26)), 0};
        read_text(m, 0, c, 1);
    }
    const struct ff_symbols *s = &m->sequence.symbols;
    size_t kept = 0;
    for (size_t row = 0; row < s->rows; row++)
        kept += s->head[row].n;
    assert_in_range(kept, 64, 3000);
    assert_true(ff_symbols_hold(s));
    ff_model_free(m);
}
