/*
 * Ten thousand damaged snapshots. With its hash left as it was none of them is
 * a model. With the hash made right again, as whoever can write the file can
 * do, it is refused or a model that does no harm: it lives a little.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "tests/lib/support.h"

#define DAMAGES  10000
#define HASH_KEY "\"xxh3\":\""
#define FILES    12

static struct ff_rng dice[1];

static size_t below(size_t n)
{
    return (size_t)ff_rng_below(dice, n);
}

struct file {
    uint8_t *bytes; /* owned */
    size_t n;
};

/* The six values of a frame as a picture of 2 x 3. */
static void convolve(struct ff_spec *s, bool groups)
{
    s->shape[0] = 2;
    s->shape[1] = 3;
    s->image = true;
    s->layers = 3;
    s->units[0] = s->units[1] = s->units[2] = 8;
    s->conv[0] = (struct ff_conv_spec){.kernel = 2, .pad = 1};
    s->conv[1] = (struct ff_conv_spec){
        .kernel = 3, .pad = 1, .pool = 2, .groups = groups ? 2 : 1};
    s->freeze[0] = 500;
    s->mean[0] = 0.2f;
    s->scale[0] = 0.5f;
    s->answer = groups ? FF_ANSWER_SOFTMAX : FF_ANSWER_CLOSED_FORM;
    s->goodness = groups ? FF_GOODNESS_GROUPS : FF_GOODNESS_WEIGHTED;
}

/* Samples of six values, or symbols, which are the classes of the same. */
static void stream(struct ff_spec *s, bool symbols)
{
    s->stream.keys = 3;
    s->stream.shape[0] = symbols ? 1 : TINY_INPUTS;
    s->stream.shape[1] = s->stream.shape[2] = 1;
    s->stream.dtype = symbols ? FF_U8 : FF_F32;
    s->stream.features = symbols ? FF_FEATURES_SYMBOLS : FF_FEATURES_SPECTRUM;
    s->stream.length = 8;
    s->stream.stride = 2;
    s->stream.anomaly = 0.1f;
    s->stream.windows = 20;
    s->stream.rows = 64;
}

/* Models that have something of everything in them. */
static struct ff_spec spec_of(int i)
{
    static const enum ff_objective_kind objectives[FILES] = {
        FF_COMPETITIVE, FF_COMPETITIVE,      FF_LABEL_OVERLAY,
        FF_HYBRID,      FF_SELF_CONTRASTIVE, FF_COMPETITIVE,
        FF_COMPETITIVE, FF_SELF_CONTRASTIVE, FF_LABEL_PATTERN,
        FF_COMPETITIVE, FF_SEQUENCE,         FF_TOP_DOWN};
    struct ff_spec s = tiny_spec();
    s.objective = objectives[i];
    s.units[0] = 8;
    s.units[1] = 4;
    s.calibration = i == 1 ? 0 : 12;
    s.sleep.dreams = 0.5f;
    s.sleep.confusions = 0.5f;
    if (i == 1) {
        s.goodness = FF_GOODNESS_GROUPS;
        s.answer = FF_ANSWER_CLOSED_FORM;
        s.update = FF_UPDATE_ADAM;
    }
    if (i >= 9) {
        if (i < 11)
            stream(&s, i == 10);
        return s;
    }
    if (i >= 5)
        convolve(&s, i == 6);
    if (i >= 7)
        s.goodness = FF_GOODNESS_AUTO;
    if (i == 8) { /* waves of two periods */
        s.shape[0] = 1;
        s.shape[1] = TINY_INPUTS;
        s.answer = FF_ANSWER_GOODNESS;
    }
    return s;
}

/* More streams than there are places, half of them only looked at, and then
   learned from. Errors are allowed. */
static void learn_streams(struct ff_model *m)
{
    float x[TINY_INPUTS] = {1, 2};
    const void *row = x;
    struct ff_learned out;
    for (size_t i = 0; i < 96 && m->spec.stream.keys > 0; i++) {
        const struct ff_origin from = {
            .stream = 1 + i % 8,
            .flags = i % 2 && i < 64 ? FF_SAMPLE_OBSERVE : 0};
        const int class_ = i % 3 ? (int)(i % m->K) : -1;
        x[i % TINY_INPUTS] = (float)(i % 5);
        ff_learn_stream(m, &row, &class_, NULL, &from, 1, &out);
    }
}

static void learn_some(struct ff_model *m)
{
    float x[8][TINY_INPUTS];
    const void *rows[8];
    int classes[8];
    uint64_t ids[8];
    struct ff_learned out;
    for (size_t i = 0; i < 8; i++) {
        classes[i] = tiny_frame(x[i], i);
        classes[i] = i % 4 == 3 ? -1 : class_of(m, classes[i]);
        ids[i] = 100 + i;
        rows[i] = x[i];
    }
    assert_int_equal(ff_learn(m, rows, classes, ids, 8, &out), 0);
    learn_streams(m);
}

static void make(struct file *f, int i)
{
    struct ff_model *m = new_model(spec_of(i));
    learn_tiny(m, 0, 600, 8);
    sleep_out(m, 4);
    learn_some(m);
    if (ff_fit_begin(m) == 0) {
        assert_int_equal(ff_fit_run(m), 0);
        assert_int_equal(ff_fit_install(m), 0);
    }
    assert_int_equal(ff_model_save(m, &f->bytes, &f->n), 0);
    ff_model_free(m);
}

/* ---- what a model that was loaded goes through -----------------------------
 */

static void answer(struct ff_model *m, const void *frame)
{
    float confidence, novelty, typicality, scores[FF_CLASSES_MAX];
    int label;
    struct ff_scratch *s;
    struct ff_answers out = {.label = &label,
                             .confidence = &confidence,
                             .novelty = &novelty,
                             .typicality = &typicality,
                             .scores = scores};
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    if (ff_predict(v, s, &frame, 1, &out) == 0)
        assert_true(label >= -1 && label < (int)m->K);
    ff_view_release(v);
    ff_scratch_free(s);
}

/* Errors are allowed; what is wrong is for the sanitizers to say. */
static void live(struct ff_model *m)
{
    size_t bytes = ff_spec_sample_bytes(&m->spec);
    bytes = bytes > m->frame_bytes ? bytes : m->frame_bytes;
    size_t n = m->spec.batch < 4 ? m->spec.batch : 4;
    uint8_t *frames = calloc(n, bytes);
    const void *rows[4];
    enum ff_dream_kind kinds[4];
    float goodness[4];
    int classes[4] = {0, -1, 1, 0};
    uint64_t ids[4] = {100, 5, 103, 6};
    struct ff_learned learned;
    struct ff_slept slept;
    char hash[33];
    assert_non_null(frames);
    for (size_t i = 0; i < n; i++) {
        frames[i * bytes] = 1;
        rows[i] = frames + i * bytes;
        classes[i] = classes[i] < (int)m->K ? classes[i] : 0;
    }
    ff_learn(m, rows, classes, ids, n, &learned);
    learn_streams(m);
    rows[0] = NULL;
    ff_learn(m, rows, classes, ids, n, &learned);
    ff_sleep_owe(m, 8);
    ff_sleep(m, 2, &slept);
    if (ff_fit_begin(m) == 0) {
        ff_fit_run(m);
        ff_fit_install(m);
    }
    ff_publish(m);
    answer(m, frames);
    ff_dream(m, 1, n, frames, kinds, goodness);
    if (m->K > 1)
        ff_label_merge(m, 0, 1);
    ff_label_forget(m, m->K > 2 ? 2 : 0);
    ff_learn(m, rows, classes, ids, n, &learned);
    ff_sleep(m, 2, &slept);
    assert_int_equal(ff_model_digest(m, hash), 0);
    free(frames);
}

/* ---- damage -----------------------------------------------------------------
 */

static size_t header_of(const struct file *f)
{
    size_t n = 0;
    for (int i = 0; i < 8; i++)
        n |= (size_t)f->bytes[i] << (8 * i);
    return n;
}

static void cut(struct file *f, const struct file *other)
{
    (void)other;
    f->n = below(f->n);
}

static void grow(struct file *f, const struct file *other)
{
    (void)other;
    f->n += 1 + below(64); /* there is room */
}

static void zero(struct file *f, const struct file *other)
{
    size_t at = below(f->n), n = 1 + below(200);
    (void)other;
    memset(f->bytes + at, below(2) ? 0 : 0xff, n < f->n - at ? n : f->n - at);
}

static void scribble(struct file *f, const struct file *other)
{
    (void)other;
    for (size_t i = 1 + below(8); i > 0; i--)
        f->bytes[below(f->n)] = (uint8_t)below(256);
}

static void splice(struct file *f, const struct file *other)
{
    size_t most = f->n < other->n ? f->n : other->n, at = below(most);
    memcpy(f->bytes + at, other->bytes + at, most - at);
}

static void shuffle(struct file *f, const struct file *other)
{
    size_t n = 1 + below(200), from = below(f->n), to = below(f->n);
    (void)other;
    n = n < f->n - from ? n : f->n - from;
    n = n < f->n - to ? n : f->n - to;
    memmove(f->bytes + to, f->bytes + from, n);
}

/* Digits of a number, which stay digits; brackets, quotes and letters that
   change places. */
static void edit_header(struct file *f, const struct file *other)
{
    static const char marks[] = "0123456789{}[]\",:\\-enu ";
    size_t header = header_of(f);
    (void)other;
    for (size_t i = 1 + below(3); i > 0;) {
        uint8_t *at = f->bytes + 8 + below(header);
        bool digit = *at >= '0' && *at <= '9';
        if (!digit && below(8))
            continue;
        *at = digit && below(4) ? (uint8_t)('0' + below(10))
                                : (uint8_t)marks[below(sizeof marks - 1)];
        i--;
    }
}

/* A number that is often used as a place or a count. */
static void edit_number(struct file *f, const struct file *other)
{
    static const uint64_t evil[] = {0,  1,        UINT64_MAX, INT64_MAX,
                                    17, 1u << 31, UINT32_MAX};
    size_t body = 8 + header_of(f), n = f->n - body;
    uint64_t number = evil[below(7)];
    (void)other;
    size_t width = below(2) ? 8 : 4;
    memcpy(f->bytes + body + below(n / 8) * 8, &number, width);
}

static void rehash(struct file *f)
{
    uint8_t *at = memmem(f->bytes, f->n, HASH_KEY, strlen(HASH_KEY));
    XXH128_canonical_t hash;
    char text[33];
    if (!at || (size_t)(f->bytes + f->n - at) < strlen(HASH_KEY) + 32)
        return;
    at += strlen(HASH_KEY);
    memset(at, '0', 32);
    XXH128_canonicalFromHash(&hash, XXH3_128bits(f->bytes, f->n));
    for (size_t i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", hash.digest[i]);
    memcpy(at, text, 32);
}

/* A copy of just its size, so that reading past it is seen. */
static void try_it(const struct file *damaged, bool forged, size_t *loaded)
{
    char why[FF_WHY_MAX] = "", *labels = NULL;
    struct ff_snapshot_about about;
    struct ff_model *m = NULL;
    uint8_t *bytes = malloc(damaged->n + !damaged->n);
    assert_non_null(bytes);
    memcpy(bytes, damaged->bytes, damaged->n);
    int status = ff_snapshot_about(bytes, damaged->n, &about, &labels, why);
    assert_true(status == 0 || why[0]);
    assert_true(status == 0 || status == FF_ECORRUPT || status == FF_EVERSION);
    if (status == 0)
        free(labels);
    why[0] = 0;
    status = ff_model_load(&m, bytes, damaged->n, why);
    free(bytes);
    if (status) {
        assert_true(status == FF_ECORRUPT || status == FF_EVERSION);
        assert_true(why[0] != 0);
        return;
    }
    if (!forged)
        fail_msg("a damaged snapshot was taken for a model");
    ++*loaded;
    live(m);
    ff_model_free(m);
}

void no_damage_makes_a_wrong_model_or_does_harm(void **state)
{
    (void)state;
    static void (*const damage[])(struct file *, const struct file *) = {
        cut,     grow,        zero,        scribble,   splice,
        shuffle, edit_header, edit_header, edit_number};
    struct file whole[FILES], f;
    size_t loaded = 0;
    ff_rng_init(dice, 1124);
    for (int i = 0; i < FILES; i++)
        make(&whole[i], i);
    for (size_t i = 0; i < DAMAGES; i++) {
        const struct file *from = &whole[below(FILES)];
        bool forged = below(4) > 0;
        f = (struct file){.bytes = calloc(1, from->n + 64), .n = from->n};
        assert_non_null(f.bytes);
        memcpy(f.bytes, from->bytes, from->n);
        damage[below(sizeof damage / sizeof *damage)](&f, &whole[below(FILES)]);
        if (forged)
            rehash(&f);
        if (f.n != from->n || memcmp(f.bytes, from->bytes, f.n) != 0)
            try_it(&f, forged, &loaded);
        free(f.bytes);
    }
    for (int i = 0; i < FILES; i++)
        free(whole[i].bytes);
    assert_true(loaded > 500); /* or too little was tried */
    if (getenv("FF_TEST_SHOW"))
        printf("%zu of %d damaged snapshots lived\n", loaded, DAMAGES);
}
