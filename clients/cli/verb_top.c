/*
 * top: a table of the models once a second, out of `stats`. What the
 * daemon does not tell is a dash; "ask ms" is the 99th percentile of predict.
 */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "clients/cli/cli.h"
#include "clients/cli/clock.h"

struct top {
    bool once, terminal;
    double every_s;
};

static const char *text(const struct ffc_value *v, char *out, size_t room)
{
    size_t n;
    const char *at = ffc_value_bytes(v, &n);
    snprintf(out, room, "%.*s", at ? (int)n : 1, at ? at : "-");
    return out;
}

static double number(const struct ffc_value *m, const char *key)
{
    return ffc_value_number(ffc_value_get(m, key), (double)NAN);
}

/* The 99th percentile of a histogram of microseconds, in ms. */
static double p99_ms(const struct ffc_value *m, const char *key)
{
    return number(ffc_value_get(m, key), "p99") / 1000;
}

static void cell(double v, int width, int digits)
{
    if (isnan(v))
        printf(" %*s", width, "-");
    else
        printf(" %*.*f", width, digits, v);
}

static void row(const struct ffc_value *name, const struct ffc_value *m)
{
    char word[65];
    printf("%-16.16s", text(name, word, sizeof word));
    printf(" %-8.8s", text(ffc_value_get(m, "state"), word, sizeof word));
    cell(number(m, "frames_per_second"), 9, 0);
    cell(number(m, "inbox"), 7, 0);
    cell(100 * number(m, "prequential_accuracy"), 7, 2);
    cell(number(m, "seq"), 11, 0);
    cell(number(m, "step"), 10, 0);
    cell(number(m, "debt"), 8, 0);
    cell(number(m, "dropped"), 8, 0);
    cell(p99_ms(m, "predict_us"), 9, 2);
    putchar('\n');
}

static void head(const struct ffc_value *daemon)
{
    printf("ffd  up");
    cell(number(daemon, "uptime_s"), 1, 0);
    printf(" s  connections");
    cell(number(daemon, "connections"), 1, 0);
    printf("  memory");
    cell(number(daemon, "rss_bytes") / (1 << 20), 1, 0);
    printf(" MiB  loop lag p99");
    cell(p99_ms(daemon, "loop_lag_us"), 1, 2);
    printf(" ms\n\n%-16s %-8s %9s %7s %7s %11s %10s %8s %8s %9s\n", "model",
           "state", "frames/s", "waiting", "right %", "frames", "step", "debt",
           "dropped", "ask ms");
}

static void draw(const struct top *t, const struct ffc_value *stats)
{
    const struct ffc_value *models = ffc_value_get(stats, "models");
    size_t n = ffc_value_count(models);
    if (t->terminal && !t->once)
        fputs("\033[H\033[J", stdout);
    head(ffc_value_get(stats, "daemon"));
    for (size_t i = 0; i < n; i++)
        row(ffc_value_key(models, i), ffc_value_at(models, i));
    if (n == 0)
        puts("no models; ffctl create makes one");
    (void)fflush(stdout);
}

static int top(struct cli *cli, const struct top *t)
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
    return code == EXIT_DONE ? top(cli, &t) : code;
}
