#include "tests/lib/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tensors.h"

static uint8_t images[16 + DIGITS * 64];
static uint8_t labels[8 + DIGITS];

static void load(const char *name, uint8_t *bytes, size_t n)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", FFD_TEST_DATA, name);
    FILE *f = fopen(path, "rb");
    if (!f || fread(bytes, 1, n, f) != n) {
        fprintf(stderr, "%s: cannot read it\n", path);
        exit(1);
    }
    fclose(f);
}

const uint8_t *digits_frame(size_t i)
{
    if (images[2] == 0)
        load("digits-images-idx3-ubyte", images, sizeof images);
    return images + 16 + i * 64;
}

int digits_label(size_t i)
{
    if (labels[2] == 0)
        load("digits-labels-idx1-ubyte", labels, sizeof labels);
    return labels[8 + i];
}

struct ff_spec digits_spec(void)
{
    struct ff_spec s;
    ff_spec_init(&s);
    s.shape[0] = s.shape[1] = 8;
    s.shape[2] = 1;
    s.image = true;
    s.classes = 10;
    s.layers = 2;
    s.units[0] = s.units[1] = 100;
    s.memory = 300;
    s.lr = 0.02f; /* there are few frames; a day of them is 45 updates */
    s.average = 0.9f;
    s.calibration = 0;
    s.sleep.every = s.sleep.exhausted = 256;
    s.sleep.replay = 3;
    s.sleep.jitter = 0; /* a pixel is much of eight */
    s.sleep.warp = 0;
    return s;
}

struct ff_spec conv_digits_spec(void)
{
    struct ff_spec s = digits_spec();
    s.units[0] = 20;
    s.units[1] = 40;
    s.conv[0] = s.conv[1] =
        (struct ff_conv_spec){.kernel = 3, .pad = 1, .pool = 2};
    s.lr = 0.01f;
    return s;
}

struct ff_spec tiny_spec(void)
{
    struct ff_spec s;
    ff_spec_init(&s);
    s.shape[0] = TINY_INPUTS;
    s.shape[1] = s.shape[2] = 1;
    s.dtype = FF_F32;
    s.classes = TINY_CLASSES;
    s.layers = 2;
    s.units[0] = s.units[1] = 8;
    s.batch = 8;
    s.memory = 16;
    s.margin = 0;
    s.lr = 0.02f;
    s.pending = 4;
    s.calibration = 0;
    s.sleep.every = s.sleep.exhausted = 16;
    return s;
}

struct ff_spec conv_tiny_spec(void)
{
    struct ff_spec s = tiny_spec();
    s.image = true;
    s.shape[0] = 2;
    s.shape[1] = 3;
    s.layers = 3;
    s.units[2] = 8;
    s.conv[0] = (struct ff_conv_spec){.kernel = 2, .pad = 1};
    s.conv[1] = (struct ff_conv_spec){.kernel = 3, .pad = 1, .pool = 2};
    return s;
}

struct ff_model *new_model(struct ff_spec spec)
{
    char why[FF_WHY_MAX] = "";
    struct ff_model *m = NULL;
    if (ff_spec_check(&spec, why))
        fail_msg("%s", why);
    assert_int_equal(ff_model_new(&m, &spec), 0);
    return m;
}

struct ff_model *copy_of(const struct ff_model *m)
{
    char why[FF_WHY_MAX] = "";
    struct ff_model *copy = NULL;
    uint8_t *bytes;
    size_t n;
    assert_int_equal(ff_model_save(m, &bytes, &n), 0);
    if (ff_model_load(&copy, bytes, n, why))
        fail_msg("%s", why);
    free(bytes);
    return copy;
}

int class_of(struct ff_model *m, int digit)
{
    char name = (char)('0' + digit);
    int class_ = -1;
    assert_int_equal(ff_label_bind(m, &name, 1, &class_), 0);
    return class_;
}

void show(struct ff_model *m, int class_)
{
    static const float frame[TINY_INPUTS] = {1};
    const void *row = frame;
    struct ff_learned learned;
    assert_true(m->frame_bytes <= sizeof frame);
    assert_int_equal(ff_learn(m, &row, &class_, NULL, 1, &learned), 0);
}

struct ff_learned learn_listed(struct ff_model *m, const size_t *index,
                               size_t n)
{
    const void *rows[FF_BATCH_MAX];
    int classes[FF_BATCH_MAX];
    struct ff_learned learned;
    for (size_t j = 0; j < n; j++) {
        rows[j] = digits_frame(index[j]);
        classes[j] = class_of(m, digits_label(index[j]));
    }
    assert_int_equal(ff_learn(m, rows, classes, NULL, n, &learned), 0);
    return learned;
}

void learn_digits(struct ff_model *m, size_t from, size_t to, size_t B)
{
    for (size_t i = from; i < to; i += B) {
        size_t index[FF_BATCH_MAX];
        size_t n = to - i < B ? to - i : B;
        for (size_t j = 0; j < n; j++)
            index[j] = i + j;
        if (learn_listed(m, index, n).exhausted)
            sleep_out(m, 1);
    }
}

double accuracy(struct ff_model *m, size_t from, size_t to)
{
    struct ff_scratch *s;
    size_t right = 0;
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = from; i < to; i++) {
        int label;
        const void *row = digits_frame(i);
        struct ff_answers out = {.label = &label};
        assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
        right += label == class_of(m, digits_label(i));
    }
    ff_view_release(v);
    ff_scratch_free(s);
    return (double)right / (double)(to - from);
}

double learned_digits(struct ff_spec spec)
{
    struct ff_model *m = new_model(spec);
    learn_digits(m, 0, DIGITS_TRAIN, 32);
    if (ff_fit_begin(m) == 0) {
        assert_int_equal(ff_fit_run(m), 0);
        assert_int_equal(ff_fit_install(m), 0);
    }
    double share = accuracy(m, DIGITS_TRAIN, DIGITS);
    ff_model_free(m);
    return share;
}

int tiny_frame(float *x, size_t i)
{
    /* Clusters lie two axes apart; a sine that never repeats is the noise. */
    int class_ = (int)(i * 7 / 3 % TINY_CLASSES);
    for (size_t d = 0; d < TINY_INPUTS; d++)
        x[d] = sinf((float)(i * 13 + d * 5)) * 0.4f +
               ((int)d == class_ || (int)d == class_ + 2 ? 1.0f : 0.0f);
    return class_;
}

struct ff_learned learn_tiny(struct ff_model *m, size_t from, size_t to,
                             size_t B)
{
    struct ff_learned learned = {0};
    for (size_t i = from; i < to; i += B) {
        float x[FF_BATCH_MAX][TINY_INPUTS];
        const void *rows[FF_BATCH_MAX];
        int classes[FF_BATCH_MAX];
        size_t n = to - i < B ? to - i : B;
        for (size_t j = 0; j < n; j++) {
            classes[j] = class_of(m, tiny_frame(x[j], i + j));
            rows[j] = x[j];
        }
        assert_int_equal(ff_learn(m, rows, classes, NULL, n, &learned), 0);
    }
    return learned;
}

struct ff_slept sleep_out(struct ff_model *m, size_t slice)
{
    struct ff_slept all = {0}, part;
    do {
        assert_int_equal(ff_sleep(m, slice, &part), 0);
        assert_true(part.updates <= slice);
        part.updates += all.updates;
        part.replayed += all.replayed;
        part.confused += all.confused;
        part.dreamt += all.dreamt;
        all = part;
    } while (all.debt > 0);
    return all;
}

void live_tiny(struct ff_model *m, size_t from, size_t to)
{
    for (size_t i = from; i < to; i += 32) {
        learn_tiny(m, i, i + 32, 8);
        sleep_out(m, 3);
    }
}

struct list {
    struct ff_tensor t[256];
    size_t n;
};

static int collect(void *ctx, const struct ff_tensor *t)
{
    struct list *l = ctx;
    l->t[l->n++] = *t;
    return 0;
}

/* The name of the first tensor that differs; "" if none does. */
static void find_difference(const struct ff_model *a, const struct ff_model *b,
                            char name[48])
{
    struct list x = {.n = 0}, y = {.n = 0};
    ff_tensors_visit(a, collect, &x);
    ff_tensors_visit(b, collect, &y);
    assert_int_equal(x.n, y.n);
    name[0] = 0;
    for (size_t i = 0; i < x.n && !name[0]; i++) {
        size_t n = ff_tensor_bytes(&x.t[i]);
        if (n != ff_tensor_bytes(&y.t[i]) ||
            memcmp(x.t[i].data, y.t[i].data, n) != 0)
            memcpy(name, x.t[i].name, sizeof x.t[i].name);
    }
}

bool same_state(const struct ff_model *a, const struct ff_model *b)
{
    char name[48];
    find_difference(a, b, name);
    return !name[0];
}

void assert_same_state(const struct ff_model *a, const struct ff_model *b)
{
    char name[48];
    find_difference(a, b, name);
    if (name[0])
        fail_msg("%s differs", name);
}

void assert_near(double a, double b, double relative, double absolute,
                 const char *what)
{
    if (!(fabs(a - b) <= relative * fabs(b) + absolute))
        fail_msg("%s: %.9g, should be near %.9g", what, a, b);
}

double dot(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}
