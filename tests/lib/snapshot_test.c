/* A model as bytes and back. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/support.h"

static struct ff_spec lively_spec(int goodness, int update)
{
    struct ff_spec s = tiny_spec();
    s.goodness = (enum ff_goodness_kind)goodness;
    s.update = (enum ff_update_kind)update;
    s.margin = 0.02f;
    s.normalise = (enum ff_normalise_kind)goodness;
    s.peer = 0.05f;
    s.seed = UINT64_MAX - 5;
    s.lr = 0.1f / 3;
    s.sleep.confusions = 0.3f;
    s.sleep.dreams = 0.4f;
    return s;
}

static void check_goes_on(int goodness, int update)
{
    struct ff_model *m = new_model(lively_spec(goodness, update));
    learn_tiny(m, 0, 83, 8);
    struct ff_slept slept;
    assert_int_equal(ff_sleep(m, 3, &slept), 0); /* amid a night */
    struct ff_model *copy = copy_of(m);
    assert_same_state(copy, m);
    assert_memory_equal(ff_model_spec(copy)->units, ff_model_spec(m)->units,
                        2 * sizeof(size_t));
    assert_true(ff_model_spec(copy)->seed == ff_model_spec(m)->seed);
    assert_true(ff_model_spec(copy)->lr == ff_model_spec(m)->lr);
    assert_int_equal(ff_label_count(copy), ff_label_count(m));
    sleep_out(m, 2);
    sleep_out(copy, 2);
    learn_tiny(m, 83, 150, 5);
    learn_tiny(copy, 83, 150, 5);
    sleep_out(m, 9);
    sleep_out(copy, 1);
    assert_same_state(copy, m);
    ff_model_free(m);
    ff_model_free(copy);
}

void a_loaded_model_goes_on_bit_for_bit(void **state)
{
    (void)state;
    for (int goodness = 0; goodness < 2; goodness++)
        for (int update = 0; update < 2; update++)
            check_goes_on(goodness, update);
}

void a_loaded_model_answers_like_the_one_saved(void **state)
{
    (void)state;
    struct ff_model *m = new_model(digits_spec());
    learn_digits(m, 0, 300, 32);
    struct ff_model *copy = copy_of(m);
    const struct ff_view *a, *b;
    assert_int_equal(ff_publish(m), 0);
    a = ff_view_acquire(m);
    b = ff_view_acquire(copy);
    assert_memory_equal(a->params, b->params, m->params_n * sizeof(float));
    assert_memory_equal(a->live, b->live, m->N);
    assert_int_equal(ff_view_step(a), ff_view_step(b));
    assert_int_equal(ff_view_seq(a), ff_view_seq(b));
    ff_view_release(a);
    ff_view_release(b);
    ff_model_free(m);
    ff_model_free(copy);
}

void the_same_model_makes_the_same_bytes(void **state)
{
    (void)state;
    uint8_t *bytes[2];
    size_t n[2];
    for (int i = 0; i < 2; i++) {
        struct ff_model *m = new_model(lively_spec(0, 0));
        learn_tiny(m, 0, 50, 8);
        assert_int_equal(ff_model_save(m, &bytes[i], &n[i]), 0);
        ff_model_free(m);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    free(bytes[0]);
    free(bytes[1]);
}

/* The smallest snapshot worth the name. */
static uint8_t *small_snapshot(size_t *n)
{
    struct ff_spec s = tiny_spec();
    struct ff_learned learned;
    float x[2] = {1, -0.5f};
    const void *row = x;
    uint8_t *bytes;
    s.shape[0] = 2;
    s.classes = 2;
    s.layers = 1;
    s.units[0] = 2;
    s.batch = 2;
    s.memory = 2;
    struct ff_model *m = new_model(s);
    int class_ = class_of(m, 0);
    assert_int_equal(ff_learn(m, &row, &class_, NULL, 1, &learned), 0);
    assert_int_equal(ff_model_save(m, &bytes, n), 0);
    assert_true(*n < 16384);
    ff_model_free(m);
    return bytes;
}

void every_flipped_bit_is_found(void **state)
{
    (void)state;
    size_t n;
    uint8_t *bytes = small_snapshot(&n);
    for (size_t i = 0; i < 8 * n; i++) {
        char why[FF_WHY_MAX] = "";
        struct ff_model *m = NULL;
        bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        int status = ff_model_load(&m, bytes, n, why);
        if (status != FF_ECORRUPT && status != FF_EVERSION)
            fail_msg("bit %zu of byte %zu: %d", i % 8, i / 8, status);
        assert_true(why[0] != 0);
        bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    free(bytes);
}

void every_cut_is_found(void **state)
{
    (void)state;
    size_t n;
    uint8_t *bytes = small_snapshot(&n);
    for (size_t cut = 0; cut < n; cut++) {
        char why[FF_WHY_MAX] = "";
        struct ff_model *m = NULL;
        uint8_t *part = malloc(cut + !cut); /* reading past it is seen */
        assert_non_null(part);
        memcpy(part, bytes, cut);
        assert_int_equal(ff_model_load(&m, part, cut, why), FF_ECORRUPT);
        free(part);
    }
    free(bytes);
}

void more_bytes_than_saved_are_refused(void **state)
{
    (void)state;
    size_t n;
    uint8_t *bytes = small_snapshot(&n);
    uint8_t *more = calloc(1, n + 64);
    char why[FF_WHY_MAX];
    struct ff_model *m = NULL;
    assert_non_null(more);
    memcpy(more, bytes, n);
    assert_int_equal(ff_model_load(&m, more, n + 64, why), FF_ECORRUPT);
    free(more);
    free(bytes);
}

void labels_of_any_text_survive(void **state)
{
    (void)state;
    static const char *const names[] = {"\"}],\"xxh3\":\"0",
                                        "Stra\xc3\x9f"
                                        "e \xf0\x9f\x90\x88",
                                        "\x01\t\n\\\x1f\x7f", "null"};
    struct ff_model *m = new_model(tiny_spec());
    for (int k = 0; k < TINY_CLASSES; k++) {
        int class_;
        assert_int_equal(ff_label_bind(m, names[k], strlen(names[k]), &class_),
                         0);
        show(m, class_);
    }
    struct ff_model *copy = copy_of(m);
    for (int k = 0; k < TINY_CLASSES; k++)
        assert_string_equal(ff_label_name(copy, k), names[k]);
    ff_model_free(copy);
    ff_model_free(m);
}

void a_verified_snapshot_tells_its_hash(void **state)
{
    (void)state;
    size_t n;
    char why[FF_WHY_MAX], hash[33] = "";
    uint8_t *bytes = small_snapshot(&n);
    assert_int_equal(ff_snapshot_verify(bytes, n, hash, why), 0);
    assert_int_equal(strspn(hash, "0123456789abcdef"), 32);
    assert_non_null(memmem(bytes, n, hash, 32));
    bytes[n - 1] ^= 1;
    assert_int_equal(ff_snapshot_verify(bytes, n, hash, why), FF_ECORRUPT);
    free(bytes);
}

/* Of the release that knew format 1, after 256 frames of the tiny stream and
   their sleep; classes are recent for 24 frames. */
static struct ff_model *old_model(void)
{
    static uint8_t bytes[16384];
    char why[FF_WHY_MAX] = "";
    struct ff_model *m = NULL;
    FILE *f = fopen(FFD_TEST_DATA "/format1.safetensors", "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    if (ff_model_load(&m, bytes, n, why))
        fail_msg("%s", why);
    return m;
}

void a_snapshot_of_format_1_goes_on_where_it_was(void **state)
{
    (void)state;
    struct ff_model *m = old_model();
    struct ff_stats stats;
    ff_model_stats(m, &stats);
    assert_int_equal(stats.seq, 256);
    assert_int_equal(stats.labelled, 256); /* all had one then */
    assert_int_equal(stats.remembered, 16);
    assert_int_equal(m->spec.normalise, FF_NORMALISE_LENGTH);
    assert_int_equal(m->spec.goodness, FF_GOODNESS_WEIGHTED);

    /* What was recent is so still: all compete with a frame of one class. */
    float x[TINY_INPUTS];
    const void *row = x;
    int class_ = class_of(m, tiny_frame(x, 256));
    struct ff_learned out;
    assert_int_equal(ff_learn(m, &row, &class_, NULL, 1, &out), 0);
    for (size_t k = 0; k < m->K; k++)
        assert_int_equal(m->work.live[k], 1);
    learn_tiny(m, 257, 320, 8);
    ff_model_stats(m, &stats);
    assert_true(stats.accuracy_window > 0.8);
    sleep_out(m, 2);
    assert_int_equal(ff_fit_begin(m), 0);
    assert_int_equal(ff_fit_run(m), 0);
    assert_int_equal(ff_fit_install(m), 0);
    struct ff_model *copy = copy_of(m); /* of format 2 now */
    assert_same_state(copy, m);
    ff_model_free(copy);
    ff_model_free(m);
}

static size_t width_of(const char *dtype)
{
    static const char *const names[] = {"U8", "F32", "U32", "F64", "U64"};
    static const size_t widths[] = {1, 4, 4, 8, 8};
    for (int i = 0; i < 5; i++)
        if (strcmp(dtype, names[i]) == 0)
            return widths[i];
    fail_msg("dtype %s is none of safetensors", dtype);
    return 0;
}

void a_snapshot_is_laid_out_as_safetensors(void **state)
{
    (void)state;
    size_t n, length = 0, at = 0;
    uint8_t *bytes = small_snapshot(&n);
    for (int i = 0; i < 8; i++)
        length |= (size_t)bytes[i] << (8 * i);
    assert_int_equal((8 + length) % 64, 0);
    assert_int_equal(bytes[8], '{');
    json_t *root = json_loadb((char *)bytes + 8, length, 0, NULL);
    assert_non_null(root);
    const char *key;
    json_t *value, *text;
    json_object_foreach(json_object_get(root, "__metadata__"), key, text)
        assert_true(json_is_string(text));
    json_object_foreach(root, key, value)
    {
        json_int_t begin, end;
        const char *dtype;
        if (strcmp(key, "__metadata__") == 0)
            continue;
        json_t *shape;
        assert_int_equal(json_unpack(value, "{s:s, s:o, s:[I,I] !}", "dtype",
                                     &dtype, "shape", &shape, "data_offsets",
                                     &begin, &end),
                         0);
        size_t want = width_of(dtype);
        for (size_t i = 0; i < json_array_size(shape); i++)
            want *= (size_t)json_integer_value(json_array_get(shape, i));
        assert_int_equal(begin, at);
        assert_int_equal((size_t)(end - begin), want);
        at = (size_t)end;
    }
    assert_int_equal(8 + length + at, n);
    json_decref(root);
    free(bytes);
}

/* ---- digest, record, about ------------------------------------------------
 */

static void save(const struct ff_model *m, uint8_t **bytes, size_t *n)
{
    assert_int_equal(ff_model_save(m, bytes, n), 0);
}

void a_digest_is_the_hash_that_a_snapshot_would_have(void **state)
{
    (void)state;
    struct ff_spec specs[] = {tiny_spec(), digits_spec()};
    specs[0].calibration = 20;
    specs[1].calibration = 50;
    for (int i = 0; i < 2; i++) {
        struct ff_model *m = new_model(specs[i]);
        char hash[33], want[33], why[FF_WHY_MAX];
        uint8_t *bytes;
        size_t n;
        if (i == 0)
            learn_tiny(m, 0, 100, 8);
        else
            learn_digits(m, 0, 100, 32);
        assert_int_equal(ff_model_digest(m, hash), 0);
        save(m, &bytes, &n);
        assert_int_equal(ff_snapshot_verify(bytes, n, want, why), 0);
        assert_string_equal(hash, want);
        free(bytes);
        assert_int_equal(ff_publish(m), 0); /* no part of a model */
        assert_int_equal(ff_model_digest(m, hash), 0);
        assert_string_equal(hash, want);
        m->params[m->params_n - 1] += 1;
        assert_int_equal(ff_model_digest(m, hash), 0);
        assert_string_not_equal(hash, want);
        ff_model_free(m);
    }
}

void a_record_goes_with_its_model(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec()), *old = old_model();
    char a[33], b[33];
    assert_int_equal(ff_model_record(old), 0);
    assert_int_equal(ff_model_record(m), 0);
    assert_int_equal(ff_model_digest(m, a), 0);
    ff_model_set_record(m, UINT64_MAX);
    assert_int_equal(ff_model_digest(m, b), 0);
    assert_string_not_equal(a, b);
    struct ff_model *copy = copy_of(m);
    assert_true(ff_model_record(copy) == UINT64_MAX);
    ff_model_free(copy);
    ff_model_free(old);
    ff_model_free(m);
}

void a_header_is_enough_to_tell_what_a_snapshot_is(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    struct ff_snapshot_about about;
    char hash[33], why[FF_WHY_MAX], *labels;
    uint8_t *bytes;
    size_t n, header = 0;
    assert_int_equal(ff_label_place(m, 1, "b", 1), 0);
    assert_int_equal(ff_label_place(m, 0, "never shown", 11), 0);
    show(m, 1);
    ff_model_set_record(m, 99);
    save(m, &bytes, &n);
    assert_int_equal(ff_model_digest(m, hash), 0);
    for (int i = 0; i < 8; i++)
        header |= (size_t)bytes[i] << (8 * i);
    assert_int_equal(ff_snapshot_about(bytes, 8 + header, &about, &labels, why),
                     0);
    assert_int_equal(about.record, 99);
    assert_int_equal(about.seq, 1);
    assert_int_equal(about.step, 1);
    assert_string_equal(about.hash, hash);
    assert_string_equal(labels, "[null,\"b\"]");
    free(labels);
    assert_int_equal(ff_snapshot_about(bytes, n, &about, NULL, why), 0);
    for (size_t cut = 0; cut < 8 + header; cut += 13)
        assert_int_equal(ff_snapshot_about(bytes, cut, &about, &labels, why),
                         FF_ECORRUPT);
    free(bytes);
    ff_model_free(m);
}

/* Where BLAS took what any x86-64 can run, there may be better; else it knows
   best. */
void a_better_core_is_a_known_one_and_not_the_one_in_use(void **state)
{
    (void)state;
    const char *better = ff_core_better();
    if (better) {
        assert_string_equal(ff_core(), "Prescott");
        assert_true(strcmp(better, "SkylakeX") == 0 ||
                    strcmp(better, "Haswell") == 0);
    }
}
