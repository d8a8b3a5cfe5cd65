#include "daemon/metrics.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/daemon.h"
#include "daemon/model.h"

#define LINE_BYTES   512 /* of a line up to its bound */
#define NUMBER_BYTES 48
#define WHOLE        1e15 /* below, %.16g has all digits and no exponent */

/* The first model that lives, from m on. */
static const struct ffd_model *living(const struct ffd_model *m)
{
    while (m && m->life != FFD_LIVE)
        m = m->next;
    return m;
}

/* ---- the format ----------------------------------------------------------
 * Thousands of lines are made in one turn of the loop, so printf has a part
 * only in numbers that are not whole. Names of models and of our own choices
 * need no escape.
 */

/* The end of a line. */
static void count(struct ffp_buf *b, uint64_t v)
{
    ffp_buf_text(b, " ");
    ffp_buf_digits(b, v);
    ffp_buf_text(b, "\n");
}

static void number(struct ffp_buf *b, double v)
{
    char text[NUMBER_BYTES];

    if (v >= 0 && v < WHOLE && (double)(uint64_t)v == v) {
        count(b, (uint64_t)v);
        return;
    }
    snprintf(text, sizeof(text), " %.16g\n", v);
    ffp_buf_text(b, text);
}

/* Several texts, one after the other, up to NULL. */
static void texts(struct ffp_buf *b, const char *const *text)
{
    for (; *text; text++)
        ffp_buf_text(b, *text);
}

#define TEXTS(b, ...) texts(b, (const char *const[]){__VA_ARGS__, NULL})

static void family(struct ffp_buf *b, const char *name, const char *type,
                   const char *help)
{
    TEXTS(b, "# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

static void sample(struct ffp_buf *b, const char *name, double v)
{
    if (isnan(v))
        return;
    ffp_buf_text(b, name);
    number(b, v);
}

static void of_model(struct ffp_buf *b, const char *name,
                     const struct ffd_model *m, double v)
{
    if (isnan(v))
        return;
    TEXTS(b, name, "{model=\"", m->name, "\"}");
    number(b, v);
}

static void of_model_and(struct ffp_buf *b, const char *name,
                         const struct ffd_model *m, const char *key,
                         const char *value, double v)
{
    if (isnan(v))
        return;
    TEXTS(b, name, "{model=\"", m->name, "\",", key, "=\"", value, "\"}");
    number(b, v);
}

/* ---- one value, or one a model ------------------------------------------- */

static void scalars(struct ffp_buf *b, const struct ffd_daemon *d)
{
    const char *why;

#define FFD_METRIC(name, type, help, value)                                    \
    family(b, #name, #type, help);                                             \
    sample(b, #name, value);
#include "daemon/metrics.def"
    (void)why;
}

static void model_scalars(struct ffp_buf *b, const struct ffd_daemon *d)
{
#define FFD_METRIC_OF_MODEL(name, type, help, value)                           \
    family(b, #name, #type, help);                                             \
    for (const struct ffd_model *m = living(d->models); m;                     \
         m = living(m->next)) {                                                \
        const struct ff_stats *s = &m->stats;                                  \
        (void)s;                                                               \
        of_model(b, #name, m, value);                                          \
    }
#include "daemon/metrics.def"
}

/* ---- with labels of their own -------------------------------------------- */

static void refused(struct ffp_buf *b, const struct ffd_daemon *d)
{
    const char *name = "ffd_requests_refused_total";

    family(b, name, "counter", "Requests answered with an error, by its code.");
    for (int code = 0; code < FFP_CODES; code++) {
        TEXTS(b, name, "{code=\"", ffp_code_name((enum ffp_code)code), "\"}");
        count(b, d->refused[code]);
    }
}

static void states(struct ffp_buf *b, const struct ffd_daemon *d)
{
    family(b, "ffd_model_state", "gauge", "1 for the state that it is in.");
    for (const struct ffd_model *m = living(d->models); m;
         m = living(m->next)) {
        for (int s = FFD_AWAKE; s <= FFD_ASLEEP; s++)
            of_model_and(b, "ffd_model_state", m, "state",
                         ffd_sleep_state_name((enum ffd_sleep_state)s),
                         (int)m->sleeper.state == s);
    }
}

static void losses(struct ffp_buf *b, const struct ffd_daemon *d)
{
    static const char *const reasons[FFD_LOST_REASONS] = {"busy", "oldest",
                                                          "sampled", "bad"};

    family(b, "ffd_model_frames_lost_total", "counter",
           "Frames that came and were not learned, by reason.");
    for (const struct ffd_model *m = living(d->models); m;
         m = living(m->next)) {
        for (int r = 0; r < FFD_LOST_REASONS; r++)
            of_model_and(b, "ffd_model_frames_lost_total", m, "reason",
                         reasons[r], (double)m->lost[r]);
    }
}

static void slept(struct ffp_buf *b, const struct ffd_daemon *d)
{
    const char *name = "ffd_model_slept_frames";

    family(b, name, "gauge",
           "Frames taught asleep since the model was made, by kind.");
    for (const struct ffd_model *m = living(d->models); m;
         m = living(m->next)) {
        of_model_and(b, name, m, "kind", "replayed", (double)m->stats.replayed);
        of_model_and(b, name, m, "kind", "confused", (double)m->stats.confused);
        of_model_and(b, name, m, "kind", "dreamt", (double)m->stats.dreamt);
    }
}

static void alarms(struct ffp_buf *b, const struct ffd_daemon *d)
{
    const char *name = "ffd_model_drift_alarms";

    family(b, name, "gauge",
           "Alarms of drift since the model was made, by what rose.");
    for (const struct ffd_model *m = living(d->models); m;
         m = living(m->next)) {
        of_model_and(b, name, m, "by", "errors", (double)m->stats.error_alarms);
        of_model_and(b, name, m, "by", "doubt", (double)m->stats.level_alarms);
    }
}

static void layer_family(struct ffp_buf *b, const struct ffd_daemon *d,
                         const char *name, const char *help,
                         double (*value)(const struct ff_layer_stats *l))
{
    char layer[24];

    family(b, name, "gauge", help);
    for (const struct ffd_model *m = living(d->models); m;
         m = living(m->next)) {
        for (size_t l = 0; l < m->stats.layers; l++) {
            snprintf(layer, sizeof(layer), "%zu", l + 1);
            of_model_and(b, name, m, "layer", layer, value(&m->stats.layer[l]));
        }
    }
}

static double real(const struct ff_layer_stats *l)
{
    return (double)l->goodness_real;
}

static double dream(const struct ff_layer_stats *l)
{
    return (double)l->goodness_dream;
}

static double skipped(const struct ff_layer_stats *l)
{
    return (double)l->skipped;
}

static double silent(const struct ff_layer_stats *l)
{
    return (double)l->silent_units;
}

static void layers(struct ffp_buf *b, const struct ffd_daemon *d)
{
    layer_family(b, d, "ffd_layer_goodness_real",
                 "Mean squared activity on real frames, fading.", real);
    layer_family(b, d, "ffd_layer_goodness_dream",
                 "Mean squared activity on dreams, fading.", dream);
    layer_family(b, d, "ffd_layer_skipped_ratio",
                 "Share of frames that did not surprise the layer.", skipped);
    layer_family(b, d, "ffd_layer_silent_units",
                 "Units off for every frame of the last update.", silent);
}

/* ---- histograms ---------------------------------------------------------- */

/* X(microseconds, the same in seconds) */
#define BOUNDS_OF(X)                                                           \
    X(100, 0.0001)                                                             \
    X(250, 0.00025)                                                            \
    X(500, 0.0005)                                                             \
    X(1000, 0.001)                                                             \
    X(2500, 0.0025)                                                            \
    X(5000, 0.005)                                                             \
    X(10000, 0.01)                                                             \
    X(25000, 0.025)                                                            \
    X(50000, 0.05)                                                             \
    X(100000, 0.1)                                                             \
    X(250000, 0.25)                                                            \
    X(500000, 0.5)                                                             \
    X(1000000, 1)                                                              \
    X(2500000, 2.5)                                                            \
    X(10000000, 10)

#define BOUND_US(us, s)  us,
#define BOUND_END(us, s) #s "\"}", /* of a bucket's labels */

static const uint64_t bounds_us[] = {BOUNDS_OF(BOUND_US)};
static const char *const bound_ends[] = {BOUNDS_OF(BOUND_END)};

#define BOUNDS (sizeof(bounds_us) / sizeof(bounds_us[0]))

/* The name of a histogram's part and the model that it is of, NULL: none. */
static void part(struct ffp_buf *b, const char *name, const char *what,
                 const struct ffd_model *m)
{
    TEXTS(b, name, what);
    if (m)
        TEXTS(b, "{model=\"", m->name, "\"}");
}

static void histogram(struct ffp_buf *b, const char *name,
                      const struct ffd_model *m, const struct ffd_histogram *h)
{
    char bucket[LINE_BYTES], sum[NUMBER_BYTES];
    uint64_t below[BOUNDS];
    int n = snprintf(bucket, sizeof(bucket), "%s_bucket{%s%s%sle=\"", name,
                     m ? "model=\"" : "", m ? m->name : "", m ? "\"," : "");

    ffd_histogram_below(h, below, bounds_us, BOUNDS);
    for (size_t i = 0; i < BOUNDS; i++) {
        ffp_buf_add(b, bucket, (size_t)n);
        ffp_buf_text(b, bound_ends[i]);
        count(b, below[i]);
    }
    ffp_buf_add(b, bucket, (size_t)n);
    ffp_buf_text(b, "+Inf\"}");
    count(b, h->count);
    part(b, name, "_sum", m);
    snprintf(sum, sizeof(sum), " %llu.%06llu\n",
             (unsigned long long)(h->sum_us / 1000000),
             (unsigned long long)(h->sum_us % 1000000));
    ffp_buf_text(b, sum);
    part(b, name, "_count", m);
    count(b, h->count);
}

static void histograms(struct ffp_buf *b, const struct ffd_daemon *d)
{
    family(b, "ffd_loop_turn_seconds", "histogram",
           "How long the loop was busy between two looks at its peers.");
    histogram(b, "ffd_loop_turn_seconds", NULL, &d->lag_us);
    family(b, "ffd_predict_seconds", "histogram",
           "From a question's arrival to its answer.");
    for (const struct ffd_model *m = living(d->models); m; m = living(m->next))
        histogram(b, "ffd_predict_seconds", m, &m->predict_us);
    family(b, "ffd_learn_seconds", "histogram",
           "How long a micro-batch took to learn.");
    for (const struct ffd_model *m = living(d->models); m; m = living(m->next))
        histogram(b, "ffd_learn_seconds", m, &m->learn_us);
}

/* ---- the process, under the names that dashboards expect ------------------
 */

static double open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    double n = 0;

    if (!dir)
        return (double)NAN;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 3; /* . and .., and the directory's own */
}

static void process(struct ffp_buf *b, const struct ffd_daemon *d)
{
    struct rusage use = {0};
    size_t rss = 0;

    getrusage(RUSAGE_SELF, &use);
    uv_resident_set_memory(&rss);
    family(b, "process_cpu_seconds_total", "counter",
           "CPU time, of user and system.");
    sample(b, "process_cpu_seconds_total",
           (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
               (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6);
    family(b, "process_resident_memory_bytes", "gauge", "Resident memory.");
    sample(b, "process_resident_memory_bytes", (double)rss);
    family(b, "process_open_fds", "gauge", "Open descriptors.");
    sample(b, "process_open_fds", open_descriptors());
    family(b, "process_start_time_seconds", "gauge",
           "When it started, since 1970.");
    sample(b, "process_start_time_seconds", d->started_unix_s);
}

void ffd_metrics(struct ffp_buf *b, const struct ffd_daemon *d)
{
    family(b, "ffd_build_info", "gauge", "1; its labels say what runs.");
    TEXTS(b, "ffd_build_info{version=\"" FFD_VERSION "\",blas_core=\"",
          ff_core(), "\"}");
    count(b, 1);
    process(b, d);
    scalars(b, d);
    refused(b, d);
    model_scalars(b, d);
    states(b, d);
    losses(b, d);
    slept(b, d);
    alarms(b, d);
    layers(b, d);
    histograms(b, d);
}
