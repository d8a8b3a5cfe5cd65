/*
 * query.c -- how long a question waits, whatever else the daemon does.
 *
 *   bench_query FFD DIR [NAME=VALUE ...]
 *
 * FFD is the daemon's binary, DIR holds the four IDX files. Questions arrive
 * on a fixed schedule, and a latency runs from the moment a question was *due*
 * to its answer: a daemon that stalls delays nobody's clock, so all that would
 * have waited is counted. late_us_p99 is what of it is the client's own: the
 * time from due to sent.
 *
 *   mode=learning   idle      taught, and nothing else to do
 *                   learning  fed without pause over other connections, one a
 *                             model, with sleep as by default
 *                   asleep    in a sleep that outlasts the measurement
 *                   saving    learning, and one snapshot after the other
 *   rate=500        questions a second, in all
 *   n=10000         questions
 *   models=1        so many learn; questions go round
 *   burst=1         questions that fall due at once
 *   transport=unix|tcp   repeats=1, of which medians are told
 *
 * Each answer must be no error, have a label, and name a step not before that
 * of the answer before it; or else the program fails. One JSON line.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/c/ffclient.h"
#include "tests/bench/ask.h"
#include "tests/bench/feed.h"
#include "tests/bench/measure.h"
#include "tests/bench/server.h"

#define MODEL_NAME_MAX 24
#define REPEATS_MAX    101
#define WARM_FRAMES    4096
#define ENDLESS        ((uint64_t)1 << 40)
#define SAVE_WAIT_US   1000

enum mode { IDLE, LEARNING, ASLEEP, SAVING };
static const char *const mode_names[] = {"idle", "learning", "asleep",
                                         "saving"};

struct options {
    enum mode mode;
    const char *transport;
    size_t rate, n, models, burst, repeats;
};

enum column {
    P50,
    P90,
    P99,
    P999,
    MOST,
    LATE,
    OTHERS,
    FED,
    INSIDE,
    LAG50,
    LAG999,
    LAG_MOST,
    COLUMNS
};
static const char *const column_names[COLUMNS] = {
    "p50_us",        "p90_us",      "p99_us",       "p99.9_us",
    "max_us",        "late_us_p99", "others_cpu",   "learned_fps",
    "daemon_p99_us", "lag_p50_us",  "lag_p99.9_us", "lag_max_us",
};

/* ---- meanwhile -----------------------------------------------------------
 */

struct busy {
    struct feed feed;
    const struct server *server;
    size_t models;
    atomic_bool stop;
    pthread_t feeder, saver;
};

static struct ffc *open_client(const struct server *s)
{
    struct ffc_options o = {.address = s->unix_address,
                            .client = "bench_query"};
    char why[FFC_WHY_MAX];
    struct ffc *c;

    if (ffc_open(&c, &o, why))
        die("%s", why);
    return c;
}

static void *feed_on(void *arg)
{
    struct busy *b = arg;

    feed_run(&b->feed, &b->stop);
    return NULL;
}

static void *save_on(void *arg)
{
    struct busy *b = arg;
    struct ffc *c = open_client(b->server);
    char model[MODEL_NAME_MAX];

    for (size_t i = 0; !atomic_load(&b->stop); i++) {
        snprintf(model, sizeof model, "m%zu", i % b->models);
        if (ffc_save(c, model, true, NULL))
            die("%s", ffc_error(c));
        usleep(SAVE_WAIT_US);
    }
    ffc_close(c);
    return NULL;
}

/* Every model learns some frames, so that it has labels, memory and a view. */
static void warm_up(const struct options *o, const struct server *s,
                    const struct feed_data *data)
{
    struct feed f = {.data = data,
                     .batch = 256,
                     .depth = 4,
                     .frames = WARM_FRAMES * o->models};
    struct ffc *c = open_client(s);
    char model[MODEL_NAME_MAX];

    feed_open(&f, s->unix_address, o->models, o->models);
    feed_run(&f, NULL);
    feed_close(&f);
    for (size_t i = 0; i < o->models; i++) {
        snprintf(model, sizeof model, "m%zu", i);
        if (ffc_wake(c, model, NULL))
            die("%s", ffc_error(c));
        if (o->mode == ASLEEP && ffc_sleep(c, model, ENDLESS, NULL))
            die("%s", ffc_error(c));
    }
    ffc_close(c);
    usleep(200000);
}

static void busy_start(struct busy *b, const struct options *o,
                       const struct server *s, const struct feed_data *data)
{
    *b = (struct busy){.server = s, .models = o->models};
    b->feed = (struct feed){
        .data = data, .batch = 256, .depth = 4, .frames = FEED_FOREVER};
    if (o->mode != LEARNING && o->mode != SAVING)
        return;
    feed_open(&b->feed, s->unix_address, o->models, o->models);
    if (pthread_create(&b->feeder, NULL, feed_on, b) ||
        (o->mode == SAVING && pthread_create(&b->saver, NULL, save_on, b)))
        die("no thread");
    usleep(500000);
}

static void busy_stop(struct busy *b, const struct options *o)
{
    if (o->mode != LEARNING && o->mode != SAVING)
        return;
    atomic_store(&b->stop, true);
    pthread_join(b->feeder, NULL);
    if (o->mode == SAVING)
        pthread_join(b->saver, NULL);
    feed_close(&b->feed);
}

/* ---- figures -------------------------------------------------------------
 */

static void check_asleep(const struct ffc_value *models)
{
    for (size_t i = 0; i < ffc_value_count(models); i++) {
        const struct ffc_value *m = ffc_value_at(models, i);

        if (!ffc_value_is(ffc_value_get(m, "state"), "asleep"))
            die("a model woke up before the end");
    }
}

/* What the daemon itself says. */
static void read_stats(const struct server *s, enum mode mode,
                       double out[COLUMNS])
{
    struct ffc *c = open_client(s);
    const struct ffc_value *v, *lag, *models;
    struct ffc_reply *reply;

    if (ffc_stats(c, NULL, &reply))
        die("%s", ffc_error(c));
    v = ffc_reply_value(reply);
    lag = ffc_value_get(ffc_value_get(v, "daemon"), "loop_lag_us");
    out[LAG50] = ffc_value_number(ffc_value_get(lag, "p50"), -1);
    out[LAG999] = ffc_value_number(ffc_value_get(lag, "p99.9"), -1);
    out[LAG_MOST] = ffc_value_number(ffc_value_get(lag, "max"), -1);
    models = ffc_value_get(v, "models");
    if (mode == ASLEEP)
        check_asleep(models);
    out[INSIDE] = 0;
    for (size_t i = 0; i < ffc_value_count(models); i++) {
        const struct ffc_value *us =
            ffc_value_get(ffc_value_at(models, i), "predict_us");
        double p99 = ffc_value_number(ffc_value_get(us, "p99"), -1);

        if (p99 > out[INSIDE])
            out[INSIDE] = p99;
    }
    ffc_reply_free(reply);
    ffc_close(c);
}

static void summarise(struct ask *a, double out[COLUMNS])
{
    measure_sort(a->latency, a->n);
    measure_sort(a->late, a->n);
    out[P50] = 1e6 * measure_at(a->latency, a->n, 0.5);
    out[P90] = 1e6 * measure_at(a->latency, a->n, 0.9);
    out[P99] = 1e6 * measure_at(a->latency, a->n, 0.99);
    out[P999] = 1e6 * measure_at(a->latency, a->n, 0.999);
    out[MOST] = 1e6 * a->latency[a->n - 1];
    out[LATE] = 1e6 * measure_at(a->late, a->n, 0.99);
}

static void measure(const struct options *o, const char *ffd,
                    const struct feed_data *data, double out[COLUMNS])
{
    bool tcp = strcmp(o->transport, "tcp") == 0;
    struct ask a = {.images = &data->images,
                    .n = o->n,
                    .models = o->models,
                    .rate = o->rate,
                    .burst = o->burst};
    struct server_plan plan = {.ffd = ffd,
                               .models = o->models,
                               .shape = data->images.shape,
                               .sleep = "{}"};
    struct server s;
    struct busy b;
    struct meter meter;
    size_t fed;

    server_start(&s, &plan);
    warm_up(o, &s, data);
    busy_start(&b, o, &s, data);
    ask_open(&a, tcp ? s.tcp_address : s.unix_address);
    fed = b.feed.learned;
    meter_start(&meter, s.pid);
    ask_run(&a);
    meter_stop(&meter);
    out[FED] = (double)(b.feed.learned - fed) / meter.seconds;
    out[OTHERS] = meter.others_cpu;
    read_stats(&s, o->mode, out);
    busy_stop(&b, o);
    summarise(&a, out);
    ask_close(&a);
    server_stop(&s);
}

static void report(const struct options *o, double all[][COLUMNS])
{
    double x[REPEATS_MAX];

    printf("{\"bench\":\"query\",\"mode\":\"%s\",\"transport\":\"%s\","
           "\"rate\":%zu,\"n\":%zu,\"models\":%zu,\"burst\":%zu,"
           "\"repeats\":%zu",
           mode_names[o->mode], o->transport, o->rate, o->n, o->models,
           o->burst, o->repeats);
    for (int c = 0; c < COLUMNS; c++) {
        for (size_t i = 0; i < o->repeats; i++)
            x[i] = all[i][c];
        printf(",\"%s\":%.*f", column_names[c], c == OTHERS ? 2 : 0,
               measure_median(x, o->repeats));
    }
    puts(",\"failed\":0}");
}

static void set(struct options *o, const char *arg)
{
    const char *v;

    if ((v = measure_argument(arg, "mode"))) {
        for (o->mode = IDLE; strcmp(v, mode_names[o->mode]) != 0; o->mode++)
            if (o->mode == SAVING)
                die("mode: must be idle, learning, asleep or saving");
    } else if ((v = measure_argument(arg, "transport"))) {
        o->transport = v;
    } else if ((v = measure_argument(arg, "rate"))) {
        o->rate = measure_number("rate", v, 1, 1000000);
    } else if ((v = measure_argument(arg, "n"))) {
        o->n = measure_number("n", v, 1, 100000000);
    } else if ((v = measure_argument(arg, "models"))) {
        o->models = measure_number("models", v, 1, ASK_MODELS);
    } else if ((v = measure_argument(arg, "burst"))) {
        o->burst = measure_number("burst", v, 1, 1000);
    } else if ((v = measure_argument(arg, "repeats"))) {
        o->repeats = measure_number("repeats", v, 1, REPEATS_MAX);
    } else {
        die("unknown argument %s", arg);
    }
}

int main(int argc, char **argv)
{
    struct options o = {.mode = LEARNING,
                        .transport = "unix",
                        .rate = 500,
                        .n = 10000,
                        .models = 1,
                        .burst = 1,
                        .repeats = 1};
    static double all[REPEATS_MAX][COLUMNS];
    struct feed_data data;

    if (argc < 3) {
        fprintf(stderr, "usage: bench_query FFD DIR [NAME=VALUE ...]\n");
        return 2;
    }
    for (int i = 3; i < argc; i++)
        set(&o, argv[i]);
    feed_load(&data, argv[2]);
    for (size_t i = 0; i < o.repeats; i++)
        measure(&o, argv[1], &data, all[i]);
    report(&o, all);
    feed_unload(&data);
    return 0;
}
