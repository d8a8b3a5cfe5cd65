/*
 * storm.c -- what hostile peers cost an honest one.
 *
 *   bench_storm FFD DIR [NAME=VALUE ...]
 *
 * FFD is the daemon's binary, DIR holds the four IDX files. An honest client
 * asks over a connection of its own, on a schedule, as bench_query does; beside
 * it the same hostile peers (hostile.h) are let loose first on a bare server
 * that accepts and closes, then on ffd. What they and the kernel take of the
 * machine is in both figures; the ratio is ffd's part.
 *
 *   kind=...        connects-unix, connects-tcp: `connects` a second
 *                   idle:  `idle` silent connections
 *                   deaf:  16 that flood and never read
 *                   slow:  `slow` that send a byte a second
 *                   all:   connects-unix, and some of each
 *                   Left out: one after the other.
 *   connects=10000  idle=1000   slow=1000
 *   seconds=10      that a storm lasts
 *   rate=500        questions a second
 *   repeats=1       of which medians are told
 *
 * One JSON line a kind. bare_* and ffd_* are of the honest client's latency;
 * ratio is of the p99s, within each run. *_connects are connections a second
 * that were made, of `offered`. rss_before_mb and rss_most_mb are ffd's,
 * limit_mb its memory_limit, which is beside the models.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clients/c/ffclient.h"
#include "tests/bench/ask.h"
#include "tests/bench/bare.h"
#include "tests/bench/feed.h"
#include "tests/bench/hostile.h"
#include "tests/bench/measure.h"
#include "tests/bench/server.h"

#define REPEATS_MAX 101
#define WARM_FRAMES 4096
#define DEAF        16
#define DESCRIPTORS 8192
#define LIMIT_MB    512 /* the default, said so that it is known */
#define SETTLE_S    10

struct kind {
    const char *name;
    bool tcp, connects;
    double idle, slow; /* shares of the options */
    size_t deaf;
};

static const struct kind kinds[] = {
    {"connects-unix", .connects = true},
    {"connects-tcp", .connects = true, .tcp = true},
    {"idle", .idle = 1},
    {"deaf", .deaf = DEAF},
    {"slow", .slow = 1},
    {"all", .connects = true, .idle = 0.5, .slow = 0.2, .deaf = DEAF},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

struct options {
    const char *kind; /* NULL: all */
    size_t connects, idle, slow, seconds, rate, repeats;
};

/* What the honest client met. */
struct outcome {
    double p50, p99, late;     /* microseconds */
    double offered, connected; /* connections a second */
};

struct result {
    struct outcome bare, ffd;
    double rss_before, rss_most; /* MiB */
};

static double rss_mb(pid_t pid, const char *field)
{
    char path[64], line[256];
    double kb = 0;
    size_t n = strlen(field);
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, field, n) == 0 && line[n] == ':')
            kb = strtod(line + n + 1, NULL);
    }
    if (f)
        fclose(f);
    if (kb == 0)
        die("%s of ffd cannot be read", field);
    return kb / 1024;
}

static struct ffc *open_client(const struct server *s)
{
    struct ffc_options o = {.address = s->unix_address,
                            .client = "bench_storm"};
    char why[FFC_WHY_MAX];
    struct ffc *c;

    if (ffc_open(&c, &o, why))
        die("%s", why);
    return c;
}

/* Labels, memory and a view; then awake, with no debt that it would pay
   meanwhile. */
static void warm_up(const struct server *s, const struct feed_data *data)
{
    struct feed f = {
        .data = data, .batch = 256, .depth = 4, .frames = WARM_FRAMES};
    struct ffc *c = open_client(s);

    feed_open(&f, s->unix_address, 1, 1);
    feed_run(&f, NULL);
    feed_close(&f);
    if (ffc_wake(c, "m0", NULL))
        die("%s", ffc_error(c));
    ffc_close(c);
}

/* Until nobody but us is connected: the next begins as this one did. */
static void settle(const struct server *s)
{
    double deadline = measure_now() + SETTLE_S, n = 0;
    struct ffc *c = open_client(s);

    while (n != 1) {
        const struct ffc_value *v;
        struct ffc_reply *reply;

        if (measure_now() > deadline)
            die("%.0f connections are open long after the storm", n);
        if (ffc_stats(c, NULL, &reply))
            die("%s", ffc_error(c));
        v = ffc_value_get(ffc_reply_value(reply), "daemon");
        n = ffc_value_number(ffc_value_get(v, "connections"), 0);
        ffc_reply_free(reply);
        usleep(10000);
    }
    ffc_close(c);
}

static struct outcome suffer(const struct options *o, const struct server *s,
                             const struct feed_data *data,
                             const struct hostile_plan *plan)
{
    struct ask a = {.images = &data->images,
                    .n = o->rate * o->seconds,
                    .models = 1,
                    .rate = o->rate,
                    .burst = 1};
    struct hostile_counts counts;
    struct hostile peers;
    struct outcome out;

    ask_open(&a, s->unix_address);
    hostile_start(&peers, plan);
    ask_run(&a);
    hostile_stop(&peers, &counts);
    measure_sort(a.latency, a.n);
    measure_sort(a.late, a.n);
    out.p50 = 1e6 * measure_at(a.latency, a.n, 0.5);
    out.p99 = 1e6 * measure_at(a.latency, a.n, 0.99);
    out.late = 1e6 * measure_at(a.late, a.n, 0.99);
    out.offered = (double)counts.offered / counts.seconds;
    out.connected = (double)counts.connected / counts.seconds;
    ask_close(&a);
    return out;
}

static struct result measure(const struct options *o, const char *ffd,
                             const struct feed_data *data,
                             const struct kind *kind)
{
    char top[64];
    struct server_plan plan = {.ffd = ffd,
                               .models = 1,
                               .shape = data->images.shape,
                               .sleep = "off",
                               .top = top};
    struct hostile_plan peers = {.rate = kind->connects ? o->connects : 0,
                                 .idle = (size_t)((double)o->idle * kind->idle),
                                 .slow = (size_t)((double)o->slow * kind->slow),
                                 .deaf = kind->deaf,
                                 .frame_bytes = data->images.row};
    struct result r;
    struct server s;
    struct bare b;

    snprintf(top, sizeof top, "memory_limit: %d MiB\n", LIMIT_MB);
    server_start(&s, &plan);
    bare_start(&b, s.dir);
    warm_up(&s, data);
    peers.address = kind->tcp ? b.tcp_address : b.unix_address;
    r.bare = suffer(o, &s, data, &peers);
    settle(&s);
    r.rss_before = rss_mb(s.pid, "VmRSS");
    peers.address = kind->tcp ? s.tcp_address : s.unix_address;
    r.ffd = suffer(o, &s, data, &peers);
    r.rss_most = rss_mb(s.pid, "VmHWM");
    settle(&s);
    bare_stop(&b);
    server_stop(&s);
    return r;
}

static double of(const struct result *all, size_t n,
                 double (*get)(const struct result *r))
{
    double x[REPEATS_MAX];

    for (size_t i = 0; i < n; i++)
        x[i] = get(&all[i]);
    return measure_median(x, n);
}

#define GETTER(name, what)                                                     \
    static double name(const struct result *r)                                 \
    {                                                                          \
        return what;                                                           \
    }
GETTER(bare_p50, r->bare.p50)
GETTER(bare_p99, r->bare.p99)
GETTER(bare_late, r->bare.late)
GETTER(bare_connects, r->bare.connected)
GETTER(ffd_p50, r->ffd.p50)
GETTER(ffd_p99, r->ffd.p99)
GETTER(ffd_late, r->ffd.late)
GETTER(ffd_connects, r->ffd.connected)
GETTER(ratio, r->ffd.p99 / r->bare.p99)
GETTER(offered, r->ffd.offered)
GETTER(rss_before, r->rss_before)
GETTER(rss_most, r->rss_most)

static const struct column {
    const char *name;
    double (*get)(const struct result *r);
    int digits;
} columns[] = {
    {"bare_p50_us", bare_p50, 0},
    {"bare_p99_us", bare_p99, 0},
    {"bare_late_p99_us", bare_late, 0},
    {"ffd_p50_us", ffd_p50, 0},
    {"ffd_p99_us", ffd_p99, 0},
    {"ffd_late_p99_us", ffd_late, 0},
    {"ratio", ratio, 2},
    {"offered", offered, 0},
    {"bare_connects", bare_connects, 0},
    {"ffd_connects", ffd_connects, 0},

    {"rss_before_mb", rss_before, 1},
    {"rss_most_mb", rss_most, 1},
};

static void report(const struct options *o, const struct kind *kind,
                   const struct result *all)
{
    printf("{\"bench\":\"storm\",\"kind\":\"%s\",\"rate\":%zu,"
           "\"seconds\":%zu,\"repeats\":%zu,\"limit_mb\":%d",
           kind->name, o->rate, o->seconds, o->repeats, LIMIT_MB);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        printf(",\"%s\":%.*f", columns[i].name, columns[i].digits,
               of(all, o->repeats, columns[i].get));
    puts("}");
    fflush(stdout);
}

static void set(struct options *o, const char *arg)
{
    const char *v;

    if ((v = measure_argument(arg, "kind")))
        o->kind = v;
    else if ((v = measure_argument(arg, "connects")))
        o->connects = measure_number("connects", v, 1, 1000000);
    else if ((v = measure_argument(arg, "idle")))
        o->idle = measure_number("idle", v, 1, 1000);
    else if ((v = measure_argument(arg, "slow")))
        o->slow = measure_number("slow", v, 1, 1000);
    else if ((v = measure_argument(arg, "seconds")))
        o->seconds = measure_number("seconds", v, 1, 3600);
    else if ((v = measure_argument(arg, "rate")))
        o->rate = measure_number("rate", v, 1, 100000);
    else if ((v = measure_argument(arg, "repeats")))
        o->repeats = measure_number("repeats", v, 1, REPEATS_MAX);
    else
        die("unknown argument %s", arg);
}

/* ffd holds a thousand, and so do we. */
static void allow_descriptors(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r))
        return;
    if (r.rlim_cur < DESCRIPTORS)
        r.rlim_cur = r.rlim_max < DESCRIPTORS ? r.rlim_max : DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &r);
}

int main(int argc, char **argv)
{
    struct options o = {.connects = 10000,
                        .idle = 1000,
                        .slow = 1000,
                        .seconds = 10,
                        .rate = 500,
                        .repeats = 1};
    static struct result all[REPEATS_MAX];
    struct feed_data data;
    size_t done = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: bench_storm FFD DIR [NAME=VALUE ...]\n");
        return 2;
    }
    for (int i = 3; i < argc; i++)
        set(&o, argv[i]);
    allow_descriptors();
    feed_load(&data, argv[2]);
    for (size_t k = 0; k < KINDS; k++) {
        if (o.kind && strcmp(o.kind, kinds[k].name) != 0)
            continue;
        for (size_t i = 0; i < o.repeats; i++)
            all[i] = measure(&o, argv[1], &data, &kinds[k]);
        report(&o, &kinds[k], all);
        done++;
    }
    feed_unload(&data);
    if (done == 0)
        die("kind: there is no %s", o.kind);
    return 0;
}
