/*
 * top: a table of the models once a second, out of `models` and `stats`.
 * Numbers that the daemon does not give are shown as a dash.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/cli.h"
#include "clients/cli/clock.h"
#include "clients/cli/mem.h"

struct seen {
    char name[65];
    double frames;
};

struct top {
    bool once, terminal;
    double every_s, at; /* time of the numbers in seen */
    struct seen *seen;  /* (n) owned; of the time before */
    size_t n;
};

static const char *text(const struct ffc_value *v, char *out, size_t room)
{
    size_t n;
    const char *at = ffc_value_bytes(v, &n);
    snprintf(out, room, "%.*s", at ? (int)n : 1, at ? at : "-");
    return out;
}

/* A number under any of two keys. */
static double number(const struct ffc_value *m, const char *a, const char *b)
{
    double v = ffc_value_number(ffc_value_get(m, a), (double)NAN);
    if (isnan(v) && b)
        v = ffc_value_number(ffc_value_get(m, b), (double)NAN);
    return v;
}

static void cell(double v, int width, int digits)
{
    if (isnan(v))
        printf(" %*s", width, "-");
    else
        printf(" %*.*f", width, digits, v);
}

/* Frames learned a second since the last look; NaN at the first. */
static double rate(const struct top *t, const char *name, double frames,
                   double now)
{
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->seen[i].name, name) == 0 && now > t->at)
            return (frames - t->seen[i].frames) / (now - t->at);
    }
    return (double)NAN;
}

static void row(const struct top *t, const char *name,
                const struct ffc_value *m, double now)
{
    char state[16];
    printf("%-16.16s %-8.8s", name,
           text(ffc_value_get(m, "state"), state, sizeof state));
    cell(rate(t, name, number(m, "seq", NULL), now), 9, 0);
    cell(number(m, "queue", "inbox"), 7, 0);
    cell(100 * number(m, "prequential_accuracy", "accuracy_window"), 8, 2);
    cell(number(m, "seq", NULL), 11, 0);
    cell(number(m, "step", NULL), 10, 0);
    cell(number(m, "debt", NULL), 8, 0);
    cell(number(m, "dropped", NULL), 8, 0);
    putchar('\n');
}

static void head(const struct ffc_value *daemon)
{
    double mib = number(daemon, "rss_bytes", "memory_bytes") / (1 << 20);
    double lag = number(daemon, "loop_lag_p99_ms", NULL);
    printf("ffd");
    if (!isnan(number(daemon, "uptime_s", "uptime_seconds")))
        printf("  up %.0f s", number(daemon, "uptime_s", "uptime_seconds"));
    if (!isnan(number(daemon, "connections", NULL)))
        printf("  %.0f connections", number(daemon, "connections", NULL));
    if (!isnan(mib))
        printf("  %.0f MiB", mib);
    if (!isnan(lag))
        printf("  loop lag p99 %.2f ms", lag);
    printf("\n\n%-16s %-8s %9s %7s %8s %11s %10s %8s %8s\n", "model", "state",
           "frames/s", "queue", "right %", "frames", "step", "debt", "dropped");
}

static void draw(struct top *t, const struct ffc_value *stats)
{
    const struct ffc_value *models = ffc_value_get(stats, "models");
    double now = clock_s();
    size_t n = ffc_value_count(models);
    struct seen *seen = must_alloc(n, sizeof *seen);
    if (t->terminal && !t->once)
        fputs("\033[H\033[J", stdout);
    head(ffc_value_get(stats, "daemon"));
    for (size_t i = 0; i < n; i++) {
        const struct ffc_value *m = ffc_value_at(models, i);
        text(ffc_value_key(models, i), seen[i].name, sizeof seen[i].name);
        seen[i].frames = number(m, "seq", NULL);
        row(t, seen[i].name, m, now);
    }
    if (n == 0)
        puts("no models; ffctl create makes one");
    (void)fflush(stdout);
    free(t->seen);
    t->seen = seen;
    t->n = n;
    t->at = now;
}

static int top(struct cli *cli, struct top *t)
{
    int code = EXIT_DONE;
    double due = clock_s();
    cli_catch();
    while (code == EXIT_DONE && !cli_interrupted) {
        struct ffc_reply *reply;
        int rc = ffc_stats(cli->c, NULL, &reply);
        if (rc < 0)
            return cli_failed(cli, rc);
        if (cli->json) {
            code = cli_show(cli, reply);
            (void)fflush(stdout);
        } else {
            draw(t, ffc_reply_value(reply));
            ffc_reply_free(reply);
        }
        if (t->once)
            return code;
        due += t->every_s;
        clock_wait(due);
    }
    return code;
}

int verb_top(struct cli *cli, struct args *a)
{
    struct top t = {.every_s = 1, .terminal = isatty(STDOUT_FILENO)};
    while (args_next(a)) {
        if (args_is(a, "--once"))
            t.once = true;
        else if (args_is(a, "--every"))
            t.every_s = args_positive(a);
        else if (!cli_common(cli, a))
            args_unknown(a);
    }
    if (a->why[0])
        return cli_usage(cli, a);
    int code = cli_connect(cli);
    if (code == EXIT_DONE)
        code = top(cli, &t);
    free(t.seen);
    return code;
}
