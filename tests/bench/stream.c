/*
 * stream.c -- one pass of a labelled stream through lib, no daemon: accuracy,
 * novelty and speed of a recipe. The tool for choosing defaults.
 *
 *   bench_stream DIR [NAME=VALUE ...]      DIR holds the four IDX files
 *
 * Names: spec fields (units=500,500,500 lr= vlr= margin= replay= dreams= ...),
 * and n= frames, passes=, micro= frames a call, order=shuffled|by-class|as-is,
 * last=1 (sleep off what is owed at the end, so that the stream ends in a whole
 * night whatever the period),
 * seed=, held=1 (tune: the last 10,000 training frames are the test set),
 * novel=DIR (AUROC against another set's test frames, rotated and hybrid ones),
 * new=K (keep digit K from the stream, then learn `few` (20) frames of it in
 * quiet and tell what share of K's test frames is answered right).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/ff.h"
#include "lib/image.h"
#include "lib/rng.h"
#include "tests/bench/idx.h"

struct options {
    size_t n, passes, micro, few;
    int new;
    const char *order, *novel;
    bool held, last;
    uint64_t seed;
    float test_view;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_stream: %s\n", what);
    exit(2);
}

static void load(const char *dir, const char *part, struct idx *images,
                 struct idx *labels)
{
    static const char *const kind[] = {"images-idx3", "labels-idx1"};
    struct idx *out[] = {images, labels};
    for (int i = 0; i < 2; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s-%s-ubyte.gz", dir, part, kind[i]);
        if (idx_load(out[i], path))
            exit(1);
    }
}

static void set(struct ff_spec *s, struct options *o, const char *arg)
{
    const char *eq = strchr(arg, '=');
    if (!eq)
        die("arguments read NAME=VALUE");
    size_t n = (size_t)(eq - arg);
    const char *v = eq + 1;
    double x = strtod(v, NULL);
#define IS(name) (n == strlen(name) && memcmp(arg, name, n) == 0)
#define NUMBER(name, field)                                                    \
    if (IS(name)) {                                                            \
        field = (__typeof__(field))x;                                          \
        return;                                                                \
    }
    NUMBER("lr", s->lr)
    NUMBER("vlr", s->vlr)
    NUMBER("margin", s->margin)
    NUMBER("theta", s->theta)
    NUMBER("temperature", s->temperature)
    NUMBER("peer", s->peer)
    NUMBER("average", s->average)
    NUMBER("recent", s->recent)
    NUMBER("batch", s->batch)
    NUMBER("memory", s->memory)
    NUMBER("classes", s->classes)
    NUMBER("every", s->sleep.every)
    NUMBER("exhausted", s->sleep.exhausted)
    NUMBER("replay", s->sleep.replay)
    NUMBER("confusions", s->sleep.confusions)
    NUMBER("dreams", s->sleep.dreams)
    NUMBER("jitter", s->sleep.jitter)
    NUMBER("warp", s->sleep.warp)
    NUMBER("n", o->n)
    NUMBER("passes", o->passes)
    NUMBER("micro", o->micro)
    NUMBER("held", o->held)
    NUMBER("last", o->last)
    NUMBER("new", o->new)
    NUMBER("few", o->few)
    if (IS("seed")) {
        s->seed = o->seed = (uint64_t)x;
    } else if (IS("order")) {
        o->order = v;
    } else if (IS("novel")) {
        o->novel = v;
    } else if (IS("goodness")) {
        s->goodness =
            strcmp(v, "groups") ? FF_GOODNESS_WEIGHTED : FF_GOODNESS_GROUPS;
    } else if (IS("normalise")) {
        s->normalise =
            strcmp(v, "centred") ? FF_NORMALISE_LENGTH : FF_NORMALISE_CENTRED;
    } else if (IS("update")) {
        s->update = strcmp(v, "adam") ? FF_UPDATE_ROW : FF_UPDATE_ADAM;
    } else if (IS("awake")) {
        s->awake = strcmp(v, "positive_only") ? FF_AWAKE_COMPETITIVE
                                              : FF_AWAKE_POSITIVE_ONLY;
    } else if (IS("asleep")) {
        s->asleep = strcmp(v, "negative_only") ? FF_ASLEEP_PAIRED
                                               : FF_ASLEEP_NEGATIVE_ONLY;
    } else if (IS("loss")) {
        s->loss = !strcmp(v, "softmax")     ? FF_LOSS_SOFTMAX
                  : !strcmp(v, "softplus")  ? FF_LOSS_SOFTPLUS
                  : !strcmp(v, "symmetric") ? FF_LOSS_SYMMETRIC
                                            : FF_LOSS_EXP;
    } else if (IS("units")) {
        s->layers = 0;
        for (char *p = (char *)v; *p && s->layers < FF_LAYERS_MAX;) {
            s->units[s->layers++] = strtoul(p, &p, 10);
            p += *p == ',';
        }
    } else {
        die(arg);
    }
}

static void shuffle(uint32_t *order, size_t n, struct ff_rng *g)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = ff_rng_below(g, i);
        uint32_t t = order[i - 1];
        order[i - 1] = order[j];
        order[j] = t;
    }
}

static void arrange(uint32_t *order, size_t n, const struct idx *labels,
                    const struct options *o, struct ff_rng *g)
{
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    if (!strcmp(o->order, "as-is"))
        return;
    shuffle(order, n, g);
    if (strcmp(o->order, "by-class"))
        return;
    uint32_t *sorted = malloc(n * sizeof *sorted);
    size_t at = 0;
    for (int pair = 0; pair < 5; pair++)
        for (size_t i = 0; i < n; i++)
            if (labels->bytes[order[i]] / 2 == pair)
                sorted[at++] = order[i];
    memcpy(order, sorted, n * sizeof *order);
    free(sorted);
}

/* Leave out a digit; how many frames remain. */
static size_t without(uint32_t *order, size_t n, const struct idx *labels,
                      int digit)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (labels->bytes[order[i]] != digit)
            order[kept++] = order[i];
    return kept;
}

/* Answer all frames of a set; returns the number right, fills novelty (n). */
static size_t answer(struct ff_model *m, const uint8_t *frames, size_t row,
                     const uint8_t *labels, size_t n, float *novelty,
                     size_t per_class[10], size_t of_class[10])
{
    enum { CHUNK = 256 };
    struct ff_scratch *s;
    if (ff_scratch_new(&s, m, CHUNK))
        die("out of memory");
    const struct ff_view *v = ff_view_acquire(m);
    size_t right = 0;
    for (size_t i = 0; i < n; i += CHUNK) {
        const void *rows[CHUNK];
        int label[CHUNK];
        size_t some = n - i < CHUNK ? n - i : CHUNK;
        for (size_t j = 0; j < some; j++)
            rows[j] = frames + (i + j) * row;
        struct ff_answers out = {.label = label,
                                 .novelty = novelty ? novelty + i : NULL};
        if (ff_predict(v, s, rows, some, &out))
            die("prediction failed");
        for (size_t j = 0; j < some && labels; j++) {
            char name[4];
            int len = snprintf(name, sizeof name, "%d", labels[i + j]);
            bool ok = ff_label_find(m, name, (size_t)len) == label[j];
            right += ok;
            per_class[labels[i + j]] += ok;
            of_class[labels[i + j]]++;
        }
    }
    ff_view_release(v);
    ff_scratch_free(s);
    return right;
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Chance that a strange frame looks stranger than a known one; ties half. */
static double auroc(float *known, size_t n, float *strange, size_t k)
{
    qsort(known, n, sizeof *known, ascending);
    qsort(strange, k, sizeof *strange, ascending);
    double sum = 0;
    size_t below = 0, upto = 0;
    for (size_t i = 0; i < k; i++) {
        while (below < n && known[below] < strange[i])
            below++;
        if (upto < below)
            upto = below;
        while (upto < n && known[upto] <= strange[i])
            upto++;
        sum += 0.5 * (double)(below + upto);
    }
    return sum / ((double)n * (double)k);
}

static void strangers(struct ff_model *m, const struct idx *test,
                      const char *dir)
{
    size_t n = test->n, row = test->row, S = test->shape[0];
    size_t none[10], none2[10];
    float *known = malloc(n * sizeof *known), *odd = malloc(n * sizeof *odd);
    uint8_t *made = malloc(n * row), *mask = malloc(row);
    float *work = malloc(row * sizeof *work);
    struct idx other, unused;
    struct ff_rng g;
    ff_rng_init(&g, 99);
    answer(m, test->bytes, row, NULL, n, known, none, none2);

    load(dir, "t10k", &other, &unused);
    answer(m, other.bytes, row, NULL, other.n, odd, none, none2);
    printf(",\"auroc_other\":%.3f", auroc(known, n, odd, other.n));

    for (size_t i = 0; i < n; i++)
        for (size_t y = 0; y < S; y++)
            for (size_t x = 0; x < S; x++)
                made[i * row + x * S + (S - 1 - y)] =
                    test->bytes[i * row + y * S + x];
    answer(m, made, row, NULL, n, odd, none, none2);
    printf(",\"auroc_rotated\":%.3f", auroc(known, n, odd, n));

    for (size_t i = 0; i < n; i++) {
        const uint8_t *a = test->bytes + ff_rng_below(&g, n) * row;
        const uint8_t *b = test->bytes + ff_rng_below(&g, n) * row;
        ff_image_mask(mask, work, test->shape, &g);
        for (size_t j = 0; j < row; j++)
            made[i * row + j] = mask[j] ? a[j] : b[j];
    }
    answer(m, made, row, NULL, n, odd, none, none2);
    printf(",\"auroc_hybrid\":%.3f", auroc(known, n, odd, n));
    free(known);
    free(odd);
    free(made);
    free(mask);
    free(work);
    idx_release(&other);
    idx_release(&unused);
}

static void teach(struct ff_model *m, const struct idx *images,
                  const struct idx *labels, const uint32_t *order, size_t n,
                  struct ff_learned *learned)
{
    const void *rows[FF_BATCH_MAX];
    int classes[FF_BATCH_MAX];
    for (size_t j = 0; j < n; j++) {
        char name[4];
        int len = snprintf(name, sizeof name, "%d", labels->bytes[order[j]]);
        rows[j] = images->bytes + order[j] * images->row;
        if (ff_label_bind(m, name, (size_t)len, &classes[j]))
            die("more labels than classes");
    }
    if (ff_learn(m, rows, classes, n, learned))
        die("learning failed");
}

static void sleep_down_to(struct ff_model *m, uint64_t debt)
{
    struct ff_slept slept;
    do
        if (ff_sleep(m, 1, &slept))
            die("sleep failed");
    while (slept.debt > debt);
}

/* A few frames of a digit never seen, one at a time, then quiet. */
static void newcomer(struct ff_model *m, const struct idx *images,
                     const struct idx *labels, const struct idx *test,
                     const struct idx *test_labels, const struct options *o)
{
    size_t per_class[10] = {0}, of_class[10] = {0}, taught = 0;
    struct ff_learned learned = {0};
    for (uint32_t i = 0; i < images->n && taught < o->few; i++) {
        if (labels->bytes[i] != o->new)
            continue;
        teach(m, images, labels, &i, 1, &learned);
        taught++;
    }
    if (learned.tired)
        sleep_down_to(m, 0);
    if (ff_publish(m))
        die("no view");
    answer(m, test->bytes, test->row, test_labels->bytes, test->n, NULL,
           per_class, of_class);
    size_t right = 0, all = 0;
    for (int k = 0; k < 10; k++) {
        right += k == o->new ? 0 : per_class[k];
        all += k == o->new ? 0 : of_class[k];
    }
    printf(",\"new\":%.1f,\"old\":%.2f",
           100.0 * (double)per_class[o->new] / (double)of_class[o->new],
           100.0 * (double)right / (double)all);
}

int main(int argc, char **argv)
{
    struct options o = {.n = 60000,
                        .passes = 1,
                        .micro = 32,
                        .few = 20,
                        .new = -1,
                        .order = "shuffled",
                        .seed = 1};
    struct ff_spec spec;
    char why[FF_WHY_MAX];
    ff_spec_init(&spec);
    spec.classes = 10;
    if (argc < 2)
        die("usage: bench_stream DIR [NAME=VALUE ...]");
    for (int i = 2; i < argc; i++)
        set(&spec, &o, argv[i]);
    struct idx images, labels, test, test_labels;
    load(argv[1], "train", &images, &labels);
    load(argv[1], "t10k", &test, &test_labels);
    size_t n = o.n < images.n ? o.n : images.n;
    if (o.held) {
        n = n < images.n - 10000 ? n : images.n - 10000;
        memcpy(test.bytes, images.bytes + (images.n - 10000) * images.row,
               10000 * images.row);
        memcpy(test_labels.bytes, labels.bytes + images.n - 10000, 10000);
    }
    memcpy(spec.shape, images.shape, sizeof spec.shape);
    spec.image = true;
    struct ff_model *m;
    if (ff_spec_check(&spec, why))
        die(why);
    if (ff_model_new(&m, &spec))
        die("out of memory");

    struct ff_rng g;
    ff_rng_init(&g, o.seed + 1000);
    uint32_t *order = malloc(n * sizeof *order);
    size_t right = 0, all = n;
    double start = now(), asleep = 0;
    for (size_t pass = 0; pass < o.passes; pass++) {
        arrange(order, all, &labels, &o, &g);
        n = without(order, all, &labels, o.new);
        for (size_t i = 0; i < n; i += o.micro) {
            size_t some = n - i < o.micro ? n - i : o.micro;
            struct ff_learned learned;
            teach(m, &images, &labels, order + i, some, &learned);
            if (pass == 0)
                right += learned.right;
            if (learned.exhausted) {
                double t = now();
                sleep_down_to(m, spec.sleep.exhausted - spec.sleep.every);
                asleep += now() - t;
            }
        }
    }
    if (o.last)
        sleep_down_to(m, 0);
    double seconds = now() - start;
    if (ff_publish(m))
        die("no view");
    size_t per_class[10] = {0}, of_class[10] = {0};
    size_t ok = answer(m, test.bytes, test.row, test_labels.bytes, test.n, NULL,
                       per_class, of_class);
    double worst = 1;
    for (int k = 0; k < 10; k++)
        if (of_class[k])
            worst = fmin(worst, (double)per_class[k] / (double)of_class[k]);
    struct ff_stats st;
    ff_model_stats(m, &st);
    printf("{\"accuracy\":%.2f,\"worst\":%.1f,\"prequential\":%.2f,"
           "\"seconds\":%.1f,\"asleep\":%.1f,\"frames_per_second\":%.0f,"
           "\"skipped\":[%.2f,%.2f,%.2f],\"silent\":[%zu,%zu,%zu]",
           100.0 * (double)ok / (double)test.n, 100 * worst,
           100.0 * (double)right / (double)n, seconds, asleep,
           (double)(n * o.passes) / seconds, (double)st.layer[0].skipped,
           (double)st.layer[1].skipped, (double)st.layer[2].skipped,
           st.layer[0].silent_units, st.layer[1].silent_units,
           st.layer[2].silent_units);
    if (o.novel)
        strangers(m, &test, o.novel);
    if (o.new >= 0)
        newcomer(m, &images, &labels, &test, &test_labels, &o);
    printf("}\n");
    ff_model_free(m);
    free(order);
    idx_release(&images);
    idx_release(&labels);
    idx_release(&test);
    idx_release(&test_labels);
    return 0;
}
