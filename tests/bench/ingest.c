/*
 * ingest.c -- frames learned a second, end to end through a socket.
 *
 *   bench_ingest FFD DIR [NAME=VALUE ...]
 *
 * FFD is the daemon's binary, DIR holds the four IDX files. Every measurement
 * starts a daemon with one untaught model of the default net, and runs from
 * the first byte sent to the last frame acknowledged as learned.
 *
 * Each of these may be narrowed to one value; all combinations are measured:
 *   transport=unix|tcp   clients=1|16   batch=256|1   sleep=off|on
 * batch: frames a request; 1 is the single form. sleep on: the default, one
 * remembered frame for each learned and a dream for every fourth of these.
 *   durability=off|normal|full   the daemon's; not swept: normal by default
 *   ack=applied|durable          when a frame is acknowledged; durable: with 64
 *                                requests under way, since each waits for a
 *                                commit
 * Also: frames=60000 repeats=5, of which the median, least and most are told.
 *
 * One JSON object a line. mb_per_second counts the frames' own bytes;
 * client_cpu,
 * daemon_cpu and others_cpu are cores busy meanwhile.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "clients/c/ffclient.h"
#include "tests/bench/feed.h"
#include "tests/bench/measure.h"
#include "tests/bench/server.h"

#define REPEATS_MAX 101
#define DEPTH_BATCH 4  /* 1,024 frames under way, as feeders do */
#define DEPTH_MOST  64 /* as many as the daemon takes */

struct options {
    const char *transport; /* NULL: both */
    const char *sleep;     /* NULL: both */
    const char *durability;
    bool durable;          /* the acknowledgement */
    size_t clients, batch; /* 0: both */
    size_t frames, repeats;
};

struct job {
    const char *ffd, *transport, *durability;
    size_t clients, batch, frames;
    bool sleep, durable;
};

struct outcome {
    struct meter meter;
    double accuracy, rss_mb;
};

/* What the daemon says of itself and of its last 1,000 frames. */
static void ask_stats(const char *address, struct outcome *out)
{
    struct ffc_options o = {.address = address, .client = "bench_ingest"};
    const struct ffc_value *v, *model;
    struct ffc_reply *reply;
    char why[FFC_WHY_MAX];
    struct ffc *c;

    if (ffc_open(&c, &o, why) || ffc_stats(c, NULL, &reply))
        die("no stats");
    v = ffc_reply_value(reply);
    model = ffc_value_get(ffc_value_get(v, "models"), "m0");
    out->accuracy =
        ffc_value_number(ffc_value_get(model, "prequential_accuracy"), 0);
    v = ffc_value_get(ffc_value_get(v, "daemon"), "rss_bytes");
    out->rss_mb = ffc_value_number(v, 0) / 1e6;
    ffc_reply_free(reply);
    ffc_close(c);
}

static struct outcome measure(const struct job *job,
                              const struct feed_data *data)
{
    bool tcp = strcmp(job->transport, "tcp") == 0;
    bool deep = job->batch == 1 || job->durable;
    char top[64];
    struct server_plan plan = {.ffd = job->ffd,
                               .models = 1,
                               .shape = data->images.shape,
                               .sleep = job->sleep ? "{}" : "off",
                               .top = top};
    struct feed f = {.data = data,
                     .batch = job->batch,
                     .depth = deep ? DEPTH_MOST : DEPTH_BATCH,
                     .frames = job->frames,
                     .durable = job->durable};
    struct server s;
    struct outcome out;

    snprintf(top, sizeof top, "durability: %s\n", job->durability);
    server_start(&s, &plan);
    feed_open(&f, tcp ? s.tcp_address : s.unix_address, job->clients, 1);
    meter_start(&out.meter, s.pid);
    feed_run(&f, NULL);
    meter_stop(&out.meter);
    ask_stats(s.unix_address, &out);
    feed_close(&f);
    server_stop(&s);
    return out;
}

static void report(const struct job *job, const struct feed_data *data,
                   size_t repeats)
{
    double fps[REPEATS_MAX], mine[REPEATS_MAX], its[REPEATS_MAX],
        others[REPEATS_MAX];
    struct outcome o = {0};
    double median;

    for (size_t i = 0; i < repeats; i++) {
        o = measure(job, data);
        fps[i] = (double)job->frames / o.meter.seconds;
        mine[i] = o.meter.client_cpu;
        its[i] = o.meter.daemon_cpu;
        others[i] = o.meter.others_cpu;
    }
    median = measure_median(fps, repeats);
    printf("{\"bench\":\"ingest\",\"transport\":\"%s\",\"clients\":%zu,"
           "\"batch\":%zu,\"sleep\":\"%s\","
           "\"durability\":\"%s\",\"ack\":\"%s\","
           "\"frames\":%zu,\"repeats\":%zu,\"frames_per_second\":%.0f,"
           "\"least\":%.0f,\"most\":%.0f,\"mb_per_second\":%.2f,"
           "\"client_cpu\":%.2f,\"daemon_cpu\":%.2f,\"others_cpu\":%.2f,"
           "\"prequential_accuracy\":%.4f,\"rss_mb\":%.0f}\n",
           job->transport, job->clients, job->batch, job->sleep ? "on" : "off",
           job->durability, job->durable ? "durable" : "applied", job->frames,
           repeats, median, fps[0], fps[repeats - 1],
           median * (double)data->images.row / 1e6,
           measure_median(mine, repeats), measure_median(its, repeats),
           measure_median(others, repeats), o.accuracy, o.rss_mb);
    fflush(stdout);
}

static void set(struct options *o, const char *arg)
{
    const char *v;

    if ((v = measure_argument(arg, "transport")))
        o->transport = v;
    else if ((v = measure_argument(arg, "sleep")))
        o->sleep = v;
    else if ((v = measure_argument(arg, "durability")))
        o->durability = v;
    else if ((v = measure_argument(arg, "ack")))
        o->durable = strcmp(v, "durable") == 0;
    else if ((v = measure_argument(arg, "clients")))
        o->clients = measure_number("clients", v, 1, FEED_PEERS);
    else if ((v = measure_argument(arg, "batch")))
        o->batch = measure_number("batch", v, 1, 4096);
    else if ((v = measure_argument(arg, "frames")))
        o->frames = measure_number("frames", v, 1, 1000000000);
    else if ((v = measure_argument(arg, "repeats")))
        o->repeats = measure_number("repeats", v, 1, REPEATS_MAX);
    else
        die("unknown argument %s", arg);
}

static bool wanted(const char *only, const char *this)
{
    return !only || strcmp(only, this) == 0;
}

/* Both of two sizes, or the one asked for. */
static void sizes(size_t only, size_t first, size_t second, size_t out[2],
                  size_t *n)
{
    out[0] = only ? only : first;
    out[1] = second;
    *n = only ? 1 : 2;
}

static void sweep(const struct options *o, const char *ffd,
                  const struct feed_data *data)
{
    static const char *const transports[] = {"unix", "tcp"};
    static const char *const sleeps[] = {"off", "on"};
    size_t clients[2], batches[2], n_clients, n_batches;

    sizes(o->clients, 1, 16, clients, &n_clients);
    sizes(o->batch, 256, 1, batches, &n_batches);
    for (int s = 0; s < 2; s++)
        for (int t = 0; t < 2; t++)
            for (size_t c = 0; c < n_clients; c++)
                for (size_t b = 0; b < n_batches; b++) {
                    struct job job = {.ffd = ffd,
                                      .transport = transports[t],
                                      .clients = clients[c],
                                      .batch = batches[b],
                                      .frames = o->frames,
                                      .durability = o->durability,
                                      .durable = o->durable,
                                      .sleep = s == 1};

                    if (wanted(o->sleep, sleeps[s]) &&
                        wanted(o->transport, transports[t]))
                        report(&job, data, o->repeats);
                }
}

int main(int argc, char **argv)
{
    struct options o = {.durability = "normal", .frames = 60000, .repeats = 5};
    struct feed_data data;

    if (argc < 3) {
        fprintf(stderr, "usage: bench_ingest FFD DIR [NAME=VALUE ...]\n");
        return 2;
    }
    for (int i = 3; i < argc; i++)
        set(&o, argv[i]);
    feed_load(&data, argv[2]);
    sweep(&o, argv[1], &data);
    feed_unload(&data);
    return 0;
}
