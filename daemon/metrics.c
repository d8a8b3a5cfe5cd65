#include "daemon/metrics.h"

#include <dirent.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/daemon.h"
#include "daemon/model.h"

#define LINE_BYTES 512

/* The first model that lives, from m on. */
static const struct ffd_model *living(const struct ffd_model *m)
{
    while (m && m->life != FFD_LIVE)
        m = m->next;
    return m;
}

/* ---- the format ---------------------------------------------------------- */

static void line(struct ffp_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void line(struct ffp_buf *b, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ffp_buf_add(b, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text));
}

static void family(struct ffp_buf *b, const char *name, const char *type,
                   const char *help)
{
    line(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* labels: `{...}` or "". */
static void sample(struct ffp_buf *b, const char *name, const char *labels,
                   double v)
{
    if (!isnan(v))
        line(b, "%s%s %.16g\n", name, labels, v);
}

/* Names of models and of our own choices need no escape. */
static void of_model(struct ffp_buf *b, const char *name,
                     const struct ffd_model *m, double v)
{
    char labels[FFP_MODEL_MAX + 16];

    snprintf(labels, sizeof(labels), "{model=\"%s\"}", m->name);
    sample(b, name, labels, v);
}

static void of_model_and(struct ffp_buf *b, const char *name,
                         const struct ffd_model *m, const char *key,
                         const char *value, double v)
{
    char labels[2 * FFP_MODEL_MAX + 32];

    snprintf(labels, sizeof(labels), "{model=\"%s\",%s=\"%s\"}", m->name, key,
             value);
    sample(b, name, labels, v);
}

/* ---- one value, or one a model ------------------------------------------- */

static void scalars(struct ffp_buf *b, const struct ffd_daemon *d)
{
    const char *why;

#define FFD_METRIC(name, type, help, value)                                    \
    family(b, #name, #type, help);                                             \
    sample(b, #name, "", value);
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
    family(b, "ffd_requests_refused_total", "counter",
           "Requests answered with an error, by its code.");
    for (int code = 0; code < FFP_CODES; code++) {
        char labels[64];

        snprintf(labels, sizeof(labels), "{code=\"%s\"}",
                 ffp_code_name((enum ffp_code)code));
        sample(b, "ffd_requests_refused_total", labels,
               (double)d->refused[code]);
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
    char number[24];

    family(b, name, "gauge", help);
    for (const struct ffd_model *m = living(d->models); m;
         m = living(m->next)) {
        for (size_t l = 0; l < m->stats.layers; l++) {
            snprintf(number, sizeof(number), "%zu", l + 1);
            of_model_and(b, name, m, "layer", number,
                         value(&m->stats.layer[l]));
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

/* prefix: `model="x",` or "". */
static void histogram(struct ffp_buf *b, const char *name, const char *prefix,
                      const struct ffd_histogram *h)
{
    static const uint64_t bounds_us[] = {
        100,   250,    500,    1000,   2500,    5000,    10000,   25000,
        50000, 100000, 250000, 500000, 1000000, 2500000, 10000000};
    int n = (int)strlen(prefix);

    for (size_t i = 0; i < sizeof(bounds_us) / sizeof(bounds_us[0]); i++)
        line(b, "%s_bucket{%sle=\"%g\"} %llu\n", name, prefix,
             (double)bounds_us[i] / 1e6,
             (unsigned long long)ffd_histogram_below(h, bounds_us[i]));
    line(b, "%s_bucket{%sle=\"+Inf\"} %llu\n", name, prefix,
         (unsigned long long)h->count);
    n = n > 0 ? n - 1 : 0; /* without its comma */
    line(b, "%s_sum%s%.*s%s %.9g\n", name, n ? "{" : "", n, prefix,
         n ? "}" : "", (double)h->sum_us / 1e6);
    line(b, "%s_count%s%.*s%s %llu\n", name, n ? "{" : "", n, prefix,
         n ? "}" : "", (unsigned long long)h->count);
}

static void model_histogram(struct ffp_buf *b, const char *name,
                            const struct ffd_model *m,
                            const struct ffd_histogram *h)
{
    char prefix[FFP_MODEL_MAX + 16];

    snprintf(prefix, sizeof(prefix), "model=\"%s\",", m->name);
    histogram(b, name, prefix, h);
}

static void histograms(struct ffp_buf *b, const struct ffd_daemon *d)
{
    family(b, "ffd_loop_turn_seconds", "histogram",
           "How long the loop was busy between two looks at its peers.");
    histogram(b, "ffd_loop_turn_seconds", "", &d->lag_us);
    family(b, "ffd_predict_seconds", "histogram",
           "From a question's arrival to its answer.");
    for (const struct ffd_model *m = living(d->models); m; m = living(m->next))
        model_histogram(b, "ffd_predict_seconds", m, &m->predict_us);
    family(b, "ffd_learn_seconds", "histogram",
           "How long a micro-batch took to learn.");
    for (const struct ffd_model *m = living(d->models); m; m = living(m->next))
        model_histogram(b, "ffd_learn_seconds", m, &m->learn_us);
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
    sample(b, "process_cpu_seconds_total", "",
           (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
               (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6);
    family(b, "process_resident_memory_bytes", "gauge", "Resident memory.");
    sample(b, "process_resident_memory_bytes", "", (double)rss);
    family(b, "process_open_fds", "gauge", "Open descriptors.");
    sample(b, "process_open_fds", "", open_descriptors());
    family(b, "process_start_time_seconds", "gauge",
           "When it started, since 1970.");
    sample(b, "process_start_time_seconds", "", d->started_unix_s);
}

void ffd_metrics(struct ffp_buf *b, const struct ffd_daemon *d)
{
    family(b, "ffd_build_info", "gauge", "1; its labels say what runs.");
    line(b, "ffd_build_info{version=\"%s\",blas_core=\"%s\"} 1\n", FFD_VERSION,
         ff_core());
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
