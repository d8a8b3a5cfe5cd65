/* Random models, random calls: whatever is valid does no harm. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/support.h"

#define MODELS 60
#define CALLS  60
#define BATCH  9  /* frames in a call, at most */
#define VALUES 48 /* in a frame, at most, but for a few models */
#define WIDE   1100

static struct ff_rng dice[1]; /* of the whole test */

static size_t below(size_t n)
{
    return (size_t)ff_rng_below(dice, n);
}

static bool one_in(size_t n)
{
    return below(n) == 0;
}

static size_t pick(const size_t *values, size_t n)
{
    return values[below(n)];
}

#define PICK(...)                                                              \
    pick((const size_t[]){__VA_ARGS__},                                        \
         sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t))

/* ---- a model ------------------------------------------------------------- */

static void draw_shape(struct ff_spec *s)
{
    s->image = !one_in(3);
    s->shape[0] = 1 + below(s->image ? 6 : VALUES);
    s->shape[1] = s->image ? 1 + below(6) : 1;
    s->shape[2] = s->image ? PICK(1, 3) : 1;
    if (one_in(15)) {
        s->image = false;
        s->shape[0] = WIDE;
        s->shape[1] = s->shape[2] = 1;
    }
}

static void draw_runtime(struct ff_spec *s)
{
    s->lr = one_in(2) ? 0 : 0.05f * ff_rng_uniform(dice);
    s->margin = one_in(2) ? -1 : 0;
    s->peer = one_in(2) ? -1 : 0.1f;
    s->anneal = one_in(2) ? -1 : 100;
    s->weight_decay = one_in(2) ? -1 : 0.1f;
    s->recent = PICK(1, 10, 512);
    s->pseudo_label = one_in(3) ? 0.3f : 0;
    s->pending_age = PICK(0, 1, 20);
    s->fit_every = PICK(1, 50);
    s->drift = (enum ff_drift_reaction)below(3);
    s->asleep = (enum ff_asleep_kind)below(2);
    s->awake = (enum ff_awake_kind)below(4);
    s->loss = (enum ff_loss_kind)below(5);
    s->sleep.every = PICK(0, 1, 20);
    s->sleep.exhausted = s->sleep.every + PICK(0, 1, 300);
    s->sleep.replay = one_in(4) ? 0 : 3 * ff_rng_uniform(dice);
    s->sleep.confusions = one_in(2) ? 0 : 0.7f;
    s->sleep.dreams = one_in(2) ? 0 : 0.7f;
    s->sleep.jitter = (int)below(3);
    s->sleep.warp = one_in(2) ? 0 : 0.3f;
    s->sleep.flip = (int)below(2);
    s->sleep.cutout = one_in(2) ? 0 : 0.5f;
}

/* Convolutions and recurrent layers up to a layer that is dense, as most
 * windows allow. */
static void draw_windows(struct ff_spec *s)
{
    for (size_t l = 0; l < s->layers && s->image && !one_in(3); l++) {
        struct ff_conv_spec *c = &s->conv[l];
        s->recurrent[l] = one_in(2);
        if (s->recurrent[l]) {
            *c = (struct ff_conv_spec){.pool = below(3), .grid = below(4)};
            continue;
        }
        c->kernel = 1 + below(4);
        c->stride = 1 + below(2);
        c->pad = below(c->kernel);
        c->pool = 1 + below(2);
        c->groups = PICK(1, 1, 2, 3);
        c->grid = below(4);
    }
}

static void draw_scale(struct ff_spec *s)
{
    for (size_t c = 0; c < s->shape[2]; c++) {
        s->mean[c] = ff_rng_normal(dice);
        s->scale[c] = 0.1f + 3 * ff_rng_uniform(dice);
    }
}

/* Samples of a few keys; symbols now and then. */
static void draw_stream(struct ff_spec *s)
{
    struct ff_stream_spec *t = &s->stream;
    bool symbols = one_in(3);
    t->keys = 1 + below(4);
    t->shape[0] = symbols ? 1 : 1 + below(5);
    t->shape[1] = t->shape[2] = 1;
    t->dtype = symbols ? FF_U8 : (enum ff_dtype)below(3);
    t->missing = (enum ff_missing_kind)below(3);
    t->decimate = symbols ? 1 : PICK(1, 1, 2);
    t->standardise = (enum ff_standardise_kind)below(3);
    t->horizon = PICK(2, 40, 1000000);
    t->length = 1 + below(8);
    t->stride = below(4);
    t->features = symbols     ? FF_FEATURES_SYMBOLS
                  : one_in(3) ? FF_FEATURES_SPECTRUM
                              : FF_FEATURES_RAW;
    if (!symbols && one_in(3)) {
        t->sound = (enum ff_sound_kind)(1 + below(2));
        t->span = 16 + below(20);
        t->bands = 1 + below(4);
        t->coefficients = 1 + below(3);
    }
    t->anomaly = one_in(2) ? 0.05f : 0;
    t->windows = PICK(5, 30);
    t->rows = 256;
    t->orders = below(9);
    t->words = one_in(2);
}

static void draw_structure(struct ff_spec *s)
{
    ff_spec_init(s);
    draw_shape(s);
    s->dtype = (enum ff_dtype)below(2);
    s->objective = (enum ff_objective_kind)below(FF_OBJECTIVES);
    s->pattern = (enum ff_pattern_kind)below(2);
    s->pattern_weight = 0.1f + 2 * ff_rng_uniform(dice);
    s->goodness = one_in(3) ? FF_GOODNESS_GROUPS : FF_GOODNESS_AUTO;
    s->classes = one_in(15) ? FF_CLASSES_MAX / 4 : 1 + below(5);
    s->layers = 1 + below(3);
    for (size_t l = 0; l < s->layers; l++)
        s->units[l] =
            s->goodness == FF_GOODNESS_GROUPS ? s->classes : 1 + below(12);
    for (size_t l = 0; l < s->layers; l++)
        s->freeze[l] = PICK(0, 0, 1, 100);
    draw_windows(s);
    s->heads = (enum ff_heads_kind)below(4);
    if (one_in(4))
        draw_scale(s);
    s->normalise = (enum ff_normalise_kind)below(2);
    s->update = (enum ff_update_kind)below(2);
    s->answer = (enum ff_answer_kind)below(4);
    s->batch = 1 + below(BATCH);
    s->memory = PICK(0, 1, 5, 300);
    s->pending = PICK(0, 1, 8);
    s->calibration = PICK(0, 1, 80);
    s->seed = below(SIZE_MAX);
    if (one_in(3)) { /* whose channels are others than were drawn */
        memset(s->scale, 0, sizeof s->scale);
        memset(s->mean, 0, sizeof s->mean);
        draw_stream(s);
    }
}

static struct ff_model *draw_model(void)
{
    char why[FF_WHY_MAX];
    struct ff_spec s;
    bool convolve = one_in(2); /* most windows are refused */
    do {
        draw_structure(&s);
        draw_runtime(&s);
    } while (ff_spec_check(&s, why) || (s.conv[0].kernel > 0) != convolve);
    return new_model(s);
}

/* ---- frames -------------------------------------------------------------- */

struct frames {
    float values[BATCH][WIDE];
    const void *row[BATCH];
    int class_[BATCH];
    uint64_t id[BATCH];
    struct ff_origin from[BATCH];
    size_t n;
};

/* Clusters, noise, nothing, and what nobody should send. */
static float draw_value(int class_, size_t d, size_t odd)
{
    static const float oddities[] = {0,     1e-30f,  -1e10f,   1e18f,
                                     3e19f, -3e-19f, INFINITY, NAN};
    float value = (int)d % 5 == class_ ? 1.0f : 0.0f;
    if (odd < sizeof oddities / sizeof *oddities)
        value = one_in(2) ? value : oddities[odd];
    return value + 0.3f * ff_rng_uniform(dice);
}

/* The class of one of five labels; -1 while there is no room for it. */
static int draw_label(struct ff_model *m, size_t label)
{
    char name[2] = {'a', (char)('0' + label)};
    int class_;
    return ff_label_bind(m, name, 2, &class_) ? -1 : class_;
}

/* What comes in, or with `seen` frames as layers see them. */
static void draw_frames(struct frames *f, struct ff_model *m, bool odd,
                        bool seen)
{
    const struct ff_spec *s = &m->spec;
    bool stream = s->stream.keys > 0 && !seen;
    size_t D = seen ? ff_spec_inputs(s) : ff_spec_sample_values(s);
    enum ff_dtype dtype = stream ? s->stream.dtype : s->dtype;
    f->n = 1 + below(s->batch);
    for (size_t i = 0; i < f->n; i++) {
        int class_ = (int)below(m->K < 5 ? m->K : 5);
        size_t oddity = odd && one_in(4) ? below(8) : SIZE_MAX;
        uint8_t *bytes = (uint8_t *)f->values[i];
        for (size_t d = 0; d < D; d++) {
            float value = draw_value(class_, d, oddity);
            bool tame = value > 0 && value < 1.4f;
            if (dtype == FF_U8)
                bytes[d] = tame ? (uint8_t)(180 * (double)value) : 0;
            else if (dtype == FF_I16)
                ((int16_t *)(void *)bytes)[d] =
                    (int16_t)(tame ? 9000 * (double)value : 0);
            else
                f->values[i][d] = value;
        }
        f->row[i] = bytes;
        f->class_[i] = one_in(4) ? -1 : draw_label(m, (size_t)class_);
        f->from[i] = (struct ff_origin){
            .stream = below(6), .flags = one_in(4) ? (uint8_t)below(4) : 0};
    }
}

/* Some without a label, some labels late, wrong or for nobody. */
static void draw_ids(struct frames *f, uint64_t *next)
{
    for (size_t i = 0; i < f->n; i++) {
        f->id[i] = one_in(8) ? 0 : ++*next;
        if (!one_in(4))
            continue;
        f->row[i] = NULL;
        f->id[i] = *next > 0 ? *next - below(*next < 12 ? *next : 12) : 0;
    }
}

/* ---- calls ----------------------------------------------------------------
 * Each is made of a model and, if there is one, of its twin. */

struct life {
    struct ff_model *m, *twin;
    struct ff_model *both[2];
    struct frames frames;
    uint64_t next_id;
    bool fitting; /* a fit was begun and not taken in */
};

/* The twin was not there when labels were bound beside learning; it is told of
   those that it meets, as a journal would. */
static void introduce(struct life *l)
{
    for (size_t i = 0; i < l->frames.n && l->twin; i++) {
        int class_ = l->frames.class_[i];
        const char *name = ff_label_name(l->m, class_);
        if (name && !ff_label_shown(l->twin, class_))
            assert_int_equal(
                ff_label_place(l->twin, class_, name, strlen(name)), 0);
    }
}

static void learn(struct life *l)
{
    struct ff_learned out[2] = {{0}};
    bool odd = one_in(4), ids = !one_in(4);
    int status[2] = {0};
    struct ff_model *before = odd ? copy_of(l->m) : NULL;
    draw_frames(&l->frames, l->m, odd, false);
    if (ids)
        draw_ids(&l->frames, &l->next_id);
    introduce(l);
    for (int i = 0; i < 2 && l->both[i]; i++)
        status[i] = ff_learn_stream(l->both[i], l->frames.row, l->frames.class_,
                                    ids ? l->frames.id : NULL, l->frames.from,
                                    l->frames.n, &out[i]);
    assert_true(status[0] == 0 || status[0] == FF_EFINITE);
    if (l->twin)
        assert_int_equal(status[0], status[1]);
    if (status[0] == 0 && out[0].fate)
        for (size_t i = 0; i < l->frames.n; i++)
            assert_in_range(out[0].fate[i], 0, FF_FATE_GATHERED);
    else if (before && l->m->spec.stream.keys == 0)
        assert_same_state(l->m, before);
    assert_true(status[0] == 0 || odd);
    ff_model_free(before);
}

static void sleep_some(struct life *l)
{
    size_t updates = below(4);
    bool owe = one_in(3);
    for (int i = 0; i < 2 && l->both[i]; i++) {
        struct ff_slept out;
        if (owe)
            ff_sleep_owe(l->both[i], 30);
        assert_int_equal(ff_sleep(l->both[i], updates, &out), 0);
        assert_true(out.updates <= updates);
    }
}

/* A fit takes a while, in which others may go on. */
static void fit(struct life *l)
{
    int first = 0;
    for (int i = 0; i < 2 && l->both[i]; i++) {
        struct ff_model *m = l->both[i];
        int status = l->fitting ? ff_fit_install(m) : ff_fit_begin(m);
        if (i > 0)
            assert_int_equal(status, first);
        first = status;
        if (!l->fitting)
            assert_int_equal(status, m->fits ? 0 : FF_EBUSY);
        if (!l->fitting && status == 0)
            ff_fit_run(m);
    }
    l->fitting = !l->fitting && l->m->fits;
}

static void forgive(struct life *l)
{
    for (int i = 0; i < 2 && l->both[i]; i++)
        ff_sleep_forgive(l->both[i]);
}

/* Views that are looked at, and labels that nobody has learned, are no part of
   what a model becomes. */
static void look_on(struct life *l)
{
    draw_label(l->m, 5 + below(5));
    assert_int_equal(ff_publish(l->m), 0);
}

static int change_label(struct ff_model *m, size_t what, int a, int b,
                        const char *name)
{
    switch (what) {
    case 0:
        return ff_label_rename(m, a, name, strlen(name));
    case 1:
        return ff_label_merge(m, a, b);
    default:
        return ff_label_forget(m, a);
    }
}

/* Those that were shown; of others a twin knows nothing. */
static void change_labels(struct life *l)
{
    int a = (int)below(l->m->K), b = (int)below(l->m->K);
    size_t what = below(3);
    char name[3] = {'b', (char)('0' + below(10))};
    int status = 0;
    bool shown = ff_label_shown(l->m, a);
    for (int i = 0; i < 2 && l->both[i] && shown; i++) {
        int now = change_label(l->both[i], what, a, b, name);
        if (i > 0)
            assert_int_equal(now, status);
        status = now;
        if (l->fitting)
            assert_int_equal(now, FF_EBUSY);
    }
}

static bool is_share(float p)
{
    return p >= 0 && p <= 1.0001f;
}

static void check_answers(const struct ff_model *m, size_t n,
                          const struct ff_answers *out)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        int label = out->label[i];
        assert_true(label >= -1 && label < (int)m->K);
        assert_true(is_share(out->confidence[i]));
        assert_true(isnan(out->novelty[i]) || is_share(out->novelty[i]));
        assert_true(isnan(out->typicality[i]) || is_share(out->typicality[i]));
        for (size_t k = 0; k < m->K; k++)
            sum += (double)out->scores[i * m->K + k];
        assert_near(sum, label >= 0, 0, 1e-3, "sum of scores");
        for (size_t j = 0; j < m->L; j++)
            assert_true(isfinite(out->goodness[i * m->L + j]));
    }
}

static void predict(struct life *l)
{
    static float scores[BATCH * FF_CLASSES_MAX], goodness[BATCH * 3],
        classes[BATCH * 3 * FF_CLASSES_MAX];
    int label[BATCH];
    float confidence[BATCH], novelty[BATCH], typicality[BATCH];
    struct ff_answers out = {label,  confidence, novelty, typicality,
                             scores, goodness,   classes};
    struct ff_scratch *scratch;
    draw_frames(&l->frames, l->m, one_in(3), true);
    assert_int_equal(ff_publish(l->m), 0);
    assert_int_equal(ff_scratch_new(&scratch, l->m, l->frames.n), 0);
    const struct ff_view *v = ff_view_acquire(l->m);
    int status = ff_predict(v, scratch, l->frames.row, l->frames.n, &out);
    if (status == 0)
        check_answers(l->m, l->frames.n, &out);
    else
        assert_int_equal(status, FF_EFINITE);
    ff_view_release(v);
    ff_scratch_free(scratch);
}

static void dream(struct life *l)
{
    enum ff_dream_kind kinds[BATCH];
    float goodness[BATCH];
    int status = ff_dream(l->m, below(9), 1 + below(l->m->spec.batch),
                          l->frames.values, kinds, goodness);
    assert_int_equal(status, ff_memory_count(&l->m->memory) ? 0 : FF_EMPTY);
}

static void tune(struct life *l)
{
    char why[FF_WHY_MAX];
    struct ff_spec s = l->m->spec;
    draw_runtime(&s);
    if (ff_spec_check(&s, why))
        return;
    for (int i = 0; i < 2 && l->both[i]; i++)
        assert_int_equal(ff_model_tune(l->both[i], &s), 0);
}

static void check_twin(const struct life *l)
{
    char hash[2][33];
    assert_int_equal(ff_model_digest(l->m, hash[0]), 0);
    if (!l->twin)
        return;
    assert_int_equal(ff_model_digest(l->twin, hash[1]), 0);
    if (strcmp(hash[0], hash[1]) != 0)
        assert_same_state(l->m, l->twin); /* says what differs */
    assert_string_equal(hash[0], hash[1]);
}

/* A twin out of a snapshot lives on beside. */
static void save(struct life *l)
{
    if (l->twin)
        assert_same_state(l->m, l->twin);
    if (l->fitting) /* which a snapshot does not hold */
        fit(l);
    ff_model_free(l->twin);
    l->twin = l->both[1] = copy_of(l->m);
    assert_same_state(l->m, l->twin);
}

void any_valid_model_lives_through_anything(void **state)
{
    (void)state;
    static void (*const calls[])(struct life *) = {
        learn,   learn,   learn,         learn, learn, sleep_some, fit,    fit,
        predict, look_on, change_labels, dream, tune,  save,       forgive};
    static struct life l;
    int convolve = 0, patterns = 0, places = 0, recurrent = 0, streams = 0,
        symbols = 0;
    ff_rng_init(dice, 20261201);
    for (int i = 0; i < MODELS; i++) {
        l = (struct life){.m = draw_model()};
        convolve += l.m->layer[0].kind == &ff_conv;
        for (size_t k = 0; k < l.m->L; k++)
            recurrent += l.m->layer[k].kind == &ff_recurrent;
        patterns += l.m->patterns != NULL;
        places += l.m->layer[0].S > 1;
        streams += l.m->front.slots.S > 0;
        symbols += ff_sequence_is(&l.m->sequence);
        l.both[0] = l.m;
        predict(&l);
        for (int j = 0; j < CALLS; j++) {
            calls[below(sizeof calls / sizeof *calls)](&l);
            check_twin(&l);
        }
        save(&l);
        ff_model_free(l.m);
        ff_model_free(l.twin);
    }
    assert_in_range(convolve, MODELS / 5, MODELS - MODELS / 5);
    assert_true(patterns > 3 && places > 3 && recurrent > 2);
    assert_true(streams > 8 && symbols > 3);
}
