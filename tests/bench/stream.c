/*
 * stream.c -- one pass of a labelled stream through lib, no daemon: accuracy,
 * novelty and speed of a recipe. The tool for choosing defaults.
 *
 *   bench_stream DIR [NAME=VALUE ...]      DIR holds the four IDX files
 *
 * Names: spec fields (units=500,500,500 lr= vlr= margin= replay= dreams= ...),
 * and n= frames, passes=, micro= frames a call, order=shuffled|by-class|as-is,
 * minutes=N (no pass begins after so many),
 * last=1 (sleep off what is owed at the end, so that the stream ends in a whole
 * night whatever the period),
 * seed=, held=1 (tune: the last 10,000 training frames are the test set),
 * novel=DIR (AUROC against another set's test frames, rotated and hybrid ones),
 * new=K (keep digit K from the stream, then learn `few` (20) frames of it in
 * quiet and tell what share of K's test frames is answered right),
 * snapshot=FILE (the model as the stream leaves it), labelled=SHARE (a seeded
 * draw of frames have a label), sent=1 (only those are sent), switch=N (from
 * frame N on, and in the test set, all pixels change their places).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core.h"
#include "lib/ff.h"
#include "lib/rng.h"
#include "tests/bench/idx.h"
#include "tests/bench/strange.h"

struct options {
    size_t n, passes, micro, few;
    int new;
    const char *order, *novel, *snapshot;
    bool held, sent, last;
    double minutes; /* after which no pass begins; 0: all */
    float labelled;
    size_t change; /* frame from which pixels are elsewhere; 0: never */
    uint64_t seed;
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
        if (i == 0 && access(path, R_OK)) /* in colour, and not packed */
            snprintf(path, sizeof path, "%s/%s-images-idx4-ubyte", dir, part);
        if (i == 1 && access(path, R_OK))
            snprintf(path, sizeof path, "%s/%s-%s-ubyte", dir, part, kind[i]);
        if (idx_load(out[i], path))
            exit(1);
    }
}

/* Which word of the list it is. */
static int choice(const char *word, const char *list)
{
    size_t n = strlen(word);
    for (int i = 0;; i++) {
        size_t length = strcspn(list, " ");
        if (length == n && memcmp(word, list, n) == 0)
            return i;
        if (!list[length])
            die(word);
        list += length + 1;
    }
}

/* 500, or of a convolution 32k5p2: channels, kernel, pool; also s, g, c:
   stride, groups, cells a side. Its pad keeps the size. A recurrent layer is
   200r, with p and c. */
static void read_layer(struct ff_spec *s, char **p)
{
    size_t l = s->layers++;
    struct ff_conv_spec *c = &s->conv[l];
    *c = (struct ff_conv_spec){0};
    s->recurrent[l] = false;
    s->units[l] = strtoul(*p, p, 10);
    while (**p && **p != ',') {
        char what = *(*p)++;
        size_t v = strtoul(*p, p, 10);
        switch (what) {
        case 'r':
            s->recurrent[l] = true;
            break;
        case 'k':
            c->kernel = v;
            c->pad = v / 2;
            break;
        case 'p':
            c->pool = v;
            break;
        case 's':
            c->stride = v;
            break;
        case 'g':
            c->groups = v;
            break;
        case 'c':
            c->grid = v;
            break;
        default:
            die("a layer reads 500, 32k5p2 or 200r");
        }
    }
    *p += **p == ',';
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
    NUMBER("flip", s->sleep.flip)
    NUMBER("pattern_weight", s->pattern_weight)
    NUMBER("strips", s->pattern)
    NUMBER("cutout", s->sleep.cutout)
    NUMBER("n", o->n)
    NUMBER("passes", o->passes)
    NUMBER("micro", o->micro)
    NUMBER("minutes", o->minutes)
    NUMBER("held", o->held)
    NUMBER("last", o->last)
    NUMBER("new", o->new)
    NUMBER("few", o->few)
    NUMBER("labelled", o->labelled)
    NUMBER("sent", o->sent)
    NUMBER("switch", o->change)
    NUMBER("boost", s->drift_boost)
    NUMBER("boosted", s->drift_frames)
    NUMBER("reaction", s->drift)
    NUMBER("theta_false", s->theta_false)
    NUMBER("anneal", s->anneal)
    NUMBER("weight_decay", s->weight_decay)
    NUMBER("pseudo_label", s->pseudo_label)
    NUMBER("pending", s->pending)
    NUMBER("calibration", s->calibration)
    NUMBER("fit_every", s->fit_every)
    if (IS("seed")) {
        s->seed = o->seed = (uint64_t)x;
    } else if (IS("order")) {
        o->order = v;
    } else if (IS("novel")) {
        o->novel = v;
    } else if (IS("objective")) {
        s->objective = (enum ff_objective_kind)choice(
            v, "competitive label_overlay hybrid self_contrastive "
               "label_pattern top_down");
    } else if (IS("negatives")) {
        s->negatives = (enum ff_negatives_kind)choice(v, "auto fresh banked");
    } else if (IS("normalise")) {
        s->normalise = (enum ff_normalise_kind)choice(v, "length centred");
    } else if (IS("answer")) {
        s->answer =
            (enum ff_answer_kind)choice(v, "auto goodness closed_form softmax");
    } else if (IS("asleep")) {
        s->asleep = (enum ff_asleep_kind)choice(v, "paired negative_only");
    } else if (IS("snapshot")) {
        o->snapshot = v;
    } else if (IS("goodness")) {
        s->goodness =
            strcmp(v, "groups") ? FF_GOODNESS_WEIGHTED : FF_GOODNESS_GROUPS;
    } else if (IS("update")) {
        s->update = strcmp(v, "adam") ? FF_UPDATE_ROW : FF_UPDATE_ADAM;
    } else if (IS("awake")) {
        s->awake =
            (enum ff_awake_kind)choice(v, "competitive positive_only paired");
    } else if (IS("loss")) {
        s->loss =
            (enum ff_loss_kind)choice(v, "auto softmax softplus symmetric exp");
    } else if (IS("heads")) {
        s->heads = (enum ff_heads_kind)choice(v, "auto all upper last");
    } else if (IS("units")) {
        s->layers = 0;
        for (char *p = (char *)v; *p && s->layers < FF_LAYERS_MAX;)
            read_layer(s, &p);
    } else if (IS("freeze")) {
        char *p = (char *)v;
        for (size_t l = 0; *p && l < FF_LAYERS_MAX; p += *p == ',')
            s->freeze[l++] = strtoul(p, &p, 10);
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

/* Whether a frame has a label. */
static bool has_label(const struct options *o, uint32_t frame)
{
    struct ff_rng g;
    ff_rng_init(&g, o->seed * 1000003 + frame);
    return ff_rng_uniform(&g) < o->labelled;
}

/* Leave out a digit and what is not sent; how many frames remain. */
static size_t without(uint32_t *order, size_t n, const struct idx *labels,
                      const struct options *o)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (labels->bytes[order[i]] != o->new &&
            (!o->sent || has_label(o, order[i])))
            order[kept++] = order[i];
    return kept;
}

/* The same change of places for all frames. */
static void permute(uint8_t *frame, size_t row)
{
    static uint32_t place[1 << 16];
    static uint8_t copy[1 << 16];
    struct ff_rng g;
    if (place[0] == place[1]) {
        for (size_t i = 0; i < row; i++)
            place[i] = (uint32_t)i;
        ff_rng_init(&g, 77);
        shuffle(place, row, &g);
    }
    memcpy(copy, frame, row);
    for (size_t i = 0; i < row; i++)
        frame[i] = copy[place[i]];
}

/* Answer all frames of a set; returns the number right. */
static size_t answer(struct ff_model *m, const uint8_t *frames, size_t row,
                     const uint8_t *labels, size_t n, size_t per_class[10],
                     size_t of_class[10])
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
        struct ff_answers out = {.label = label};
        if (ff_predict(v, s, rows, some, &out))
            die("prediction failed");
        for (size_t j = 0; j < some; j++) {
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

static void teach(struct ff_model *m, const struct idx *images,
                  const struct idx *labels, const uint32_t *order, size_t n,
                  const struct options *o, struct ff_learned *learned)
{
    const void *rows[FF_BATCH_MAX];
    int classes[FF_BATCH_MAX];
    for (size_t j = 0; j < n; j++) {
        char name[4];
        int len = snprintf(name, sizeof name, "%d", labels->bytes[order[j]]);
        rows[j] = images->bytes + order[j] * images->row;
        if (ff_label_bind(m, name, (size_t)len, &classes[j]))
            die("more labels than classes");
        if (!has_label(o, order[j]))
            classes[j] = -1;
    }
    if (ff_learn(m, rows, classes, NULL, n, learned))
        die("learning failed");
}

/* Read-out and calibration, as a daemon would have them fitted beside. */
static void fit(struct ff_model *m)
{
    if (ff_fit_begin(m))
        die("every view is read");
    ff_fit_run(m);
    ff_fit_install(m); /* with too few labels there is nothing to fit yet */
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
        teach(m, images, labels, &i, 1, o, &learned);
        taught++;
    }
    if (learned.tired)
        sleep_down_to(m, 0);
    if (ff_publish(m))
        die("no view");
    answer(m, test->bytes, test->row, test_labels->bytes, test->n, per_class,
           of_class);
    size_t right = 0, all = 0;
    for (int k = 0; k < 10; k++) {
        right += k == o->new ? 0 : per_class[k];
        all += k == o->new ? 0 : of_class[k];
    }
    printf(",\"new\":%.1f,\"old\":%.2f",
           100.0 * (double)per_class[o->new] / (double)of_class[o->new],
           100.0 * (double)right / (double)all);
}

static void save(const struct ff_model *m, const char *path)
{
    uint8_t *bytes;
    size_t n;
    if (ff_model_save(m, &bytes, &n))
        die("out of memory");
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, n, f) != n || fclose(f))
        die("the snapshot cannot be written");
    free(bytes);
}

/* Alarms as they come. */
static void note_drift(const struct ff_learned *learned, size_t at)
{
    if (learned->drift)
        fprintf(stderr, "frame %zu: drift %u, errors %.2f\n", at,
                learned->drift, learned->drift_error);
}

/* How far it has come, after each of several passes. */
static void tell_pass(struct ff_model *m, const struct idx *test,
                      const struct idx *labels, size_t pass, double seconds)
{
    size_t right[10] = {0}, of[10] = {0};
    if (ff_publish(m))
        die("no view");
    size_t ok =
        answer(m, test->bytes, test->row, labels->bytes, test->n, right, of);
    fprintf(stderr, "pass %zu: %.2f %%, %.0f s\n", pass + 1,
            100.0 * (double)ok / (double)test->n, seconds);
}

int main(int argc, char **argv)
{
    struct options o = {.n = 60000,
                        .passes = 1,
                        .micro = 32,
                        .few = 20,
                        .labelled = 1,
                        .new = -1,
                        .order = "shuffled",
                        .seed = 1};
    struct ff_spec spec;
    char why[FF_WHY_MAX];
    ffd_choose_core(argv);
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
    size_t right = 0, all = n, labelled = 0;
    double start = now(), asleep = 0, fitting = 0;
    for (size_t pass = 0; pass < o.passes; pass++) {
        arrange(order, all, &labels, &o, &g);
        n = without(order, all, &labels, &o);
        for (size_t i = 0; i < n; i += o.micro) {
            size_t some = n - i < o.micro ? n - i : o.micro;
            struct ff_learned learned;
            if (o.change > 0 && i >= o.change)
                for (size_t j = i; j < i + some; j++)
                    permute(images.bytes + order[j] * images.row, images.row);
            teach(m, &images, &labels, order + i, some, &o, &learned);
            note_drift(&learned, i);
            if (pass == 0) {
                right += learned.right;
                labelled += learned.labelled;
            }
            if (learned.exhausted) {
                double t = now();
                sleep_down_to(m, spec.sleep.exhausted - spec.sleep.every);
                asleep += now() - t;
            }
            if (ff_fit_due(m)) {
                double t = now();
                fit(m);
                fitting += now() - t;
            }
        }
        if (o.minutes > 0 && now() - start > 60 * o.minutes)
            o.passes = pass + 1;
        if (o.passes > 1)
            tell_pass(m, &test, &test_labels, pass, now() - start);
    }
    if (o.last)
        sleep_down_to(m, 0);
    double seconds = now() - start;
    if (spec.calibration > 0 || spec.answer == FF_ANSWER_CLOSED_FORM)
        fit(m);
    if (ff_publish(m))
        die("no view");
    for (size_t i = 0; i < test.n && o.change > 0; i++)
        permute(test.bytes + i * test.row, test.row);
    size_t per_class[10] = {0}, of_class[10] = {0};
    size_t ok = answer(m, test.bytes, test.row, test_labels.bytes, test.n,
                       per_class, of_class);
    double worst = 1;
    for (int k = 0; k < 10; k++)
        if (of_class[k])
            worst = fmin(worst, (double)per_class[k] / (double)of_class[k]);
    struct ff_stats st;
    ff_model_stats(m, &st);
    printf("{\"accuracy\":%.2f,\"worst\":%.1f,\"prequential\":%.2f,"
           "\"bytes\":%zu,\"seconds\":%.1f,\"asleep\":%.1f,\"fitting\":%.1f,"
           "\"frames_per_"
           "second\":%.0f,"
           "\"skipped\":[%.2f,%.2f,%.2f],\"silent\":[%zu,%zu,%zu]",
           100.0 * (double)ok / (double)test.n, 100 * worst,
           100.0 * (double)right / (double)labelled, ff_model_bytes(m), seconds,
           asleep, fitting, (double)(n * o.passes) / seconds,
           (double)st.layer[0].skipped, (double)st.layer[1].skipped,
           (double)st.layer[2].skipped, st.layer[0].silent_units,
           st.layer[1].silent_units, st.layer[2].silent_units);
    if (o.snapshot)
        save(m, o.snapshot);
    if (o.novel)
        tell_strangers(m, &test, o.novel);
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
