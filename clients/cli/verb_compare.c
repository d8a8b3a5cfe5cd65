/*
 * compare: models side by side, a row a number, as a champion and the
 * challengers that follow it. What the daemon does not tell is a dash.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/cli.h"
#include "clients/cli/clock.h"

#define MODELS_MAX 16
#define TITLE      (-20) /* width of the first column, to the left */

struct compare {
    const char *name[MODELS_MAX]; /* borrowed */
    size_t n;
    bool watch, terminal;
    struct ffc_reply *status[MODELS_MAX], *stats[MODELS_MAX]; /* owned */
};

enum kind { TEXT, COUNT_OF, LOST, OF_STATS, WHOLE, REAL };

/* Keys are those of status; of JSON as well, where titles are for people. */
static const struct row {
    const char *title, *key;
    double times;
    enum kind kind;
    int digits;
} rows[] = {
    {"objective", "objective", 0, TEXT, 0},
    {"follows", "follows", 0, TEXT, 0},
    {"labels", "labels", 1, COUNT_OF, 0},
    {"frames", "seq", 1, WHOLE, 0},
    {"lost", "lost", 1, LOST, 0},
    {"step", "step", 1, WHOLE, 0},
    {"right %, last 1,000", "prequential_accuracy", 100, REAL, 2},
    {"bits a symbol, last 1,000", "bits", 1, OF_STATS, 3},
    {"right %, fading", "prequential_fading", 100, REAL, 2},
    {"frames/s", "frames_per_second", 1, REAL, 0},
    {"waiting", "inbox", 1, WHOLE, 0},
    {"state", "state", 0, TEXT, 0},
    {"MiB", "bytes", 1.0 / (1 << 20), WHOLE, 1},
};
#define ROWS (sizeof rows / sizeof *rows)

static double number(const struct ffc_value *map, const char *key)
{
    return ffc_value_number(ffc_value_get(map, key), (double)NAN);
}

static double value(const struct compare *m, size_t i, const struct row *row)
{
    const struct ffc_value *status = ffc_reply_value(m->status[i]);
    const struct ffc_value *stats = ffc_value_get(
        ffc_value_get(ffc_reply_value(m->stats[i]), "models"), m->name[i]);
    if (row->kind == COUNT_OF)
        return (double)ffc_value_count(ffc_value_get(status, row->key));
    if (row->kind == OF_STATS)
        return number(stats, row->key);
    if (row->kind == LOST)
        return number(stats, "dropped") + number(stats, "refused");
    return number(status, row->key);
}

static const char *text(const struct compare *m, size_t i,
                        const struct row *row, int *n)
{
    size_t bytes;
    const char *at = ffc_value_bytes(
        ffc_value_get(ffc_reply_value(m->status[i]), row->key), &bytes);
    *n = (int)bytes;
    return at;
}

static void cell(const struct compare *m, size_t i, const struct row *row,
                 int width)
{
    if (row->kind == TEXT) {
        int n;
        const char *at = text(m, i, row, &n);
        printf("%*.*s", width, at ? n : 1, at ? at : "-");
        return;
    }
    double v = value(m, i, row);
    if (isnan(v))
        printf("%*s", width, "-");
    else
        printf("%*.*f", width, row->digits, v * row->times);
}

static int width(const struct compare *m, size_t i)
{
    int n = (int)strlen(m->name[i]) + 2;
    return n < 14 ? 14 : n;
}

static void draw(const struct compare *m)
{
    if (m->watch && m->terminal)
        fputs("\033[H\033[J", stdout);
    printf("%*s", TITLE, "");
    for (size_t i = 0; i < m->n; i++)
        printf("%*s", width(m, i), m->name[i]);
    putchar('\n');
    for (const struct row *row = rows; row < rows + ROWS; row++) {
        printf("%*s", TITLE, row->title);
        for (size_t i = 0; i < m->n; i++)
            cell(m, i, row, width(m, i));
        putchar('\n');
    }
}

static json_t *json_of(const struct compare *m, size_t i, const struct row *row)
{
    if (row->kind == TEXT) {
        int n;
        const char *at = text(m, i, row, &n);
        return at ? json_stringn(at, (size_t)n) : json_null();
    }
    double v = value(m, i, row);
    return row->kind == REAL || row->kind == OF_STATS || isnan(v)
               ? cli_real(v)
               : json_integer((json_int_t)v);
}

static void print_json(const struct compare *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->n; i++) {
        json_t *one = json_pack("{s:s}", "model", m->name[i]);
        for (const struct row *row = rows; row < rows + ROWS; row++)
            (void)json_object_set_new(one, row->key, json_of(m, i, row));
        (void)json_array_append_new(list, one);
    }
    cli_print_json(list);
}

static int ask(struct cli *cli, struct compare *m)
{
    for (size_t i = 0; i < m->n; i++) {
        int rc = ffc_status(cli->c, m->name[i], &m->status[i]);
        if (rc == FFC_OK)
            rc = ffc_stats(cli->c, m->name[i], &m->stats[i]);
        if (rc < 0)
            return cli_failed(cli, rc);
    }
    return EXIT_DONE;
}

static void forget(struct compare *m)
{
    for (size_t i = 0; i < m->n; i++) {
        ffc_reply_free(m->status[i]);
        ffc_reply_free(m->stats[i]);
        m->status[i] = m->stats[i] = NULL;
    }
}

static int compare(struct cli *cli, struct compare *m)
{
    int code = EXIT_DONE;
    double due = clock_s();
    cli_catch();
    while (code == EXIT_DONE && !cli_interrupted) {
        code = ask(cli, m);
        if (code == EXIT_DONE && cli->json)
            print_json(m);
        else if (code == EXIT_DONE)
            draw(m);
        (void)fflush(stdout);
        forget(m);
        if (!m->watch)
            break;
        due += 1;
        clock_wait(due);
    }
    return code;
}

int verb_compare(struct cli *cli, struct args *a)
{
    struct compare m = {.terminal = isatty(STDOUT_FILENO)};
    const char *word;
    while ((word = args_next(a))) {
        if (args_is(a, "--watch"))
            m.watch = true;
        else if (cli_common(cli, a))
            continue;
        else if (*word == '-' || m.n == MODELS_MAX)
            args_unknown(a);
        else
            m.name[m.n++] = word;
    }
    if (m.n < 2)
        args_fail(a, "name two models or more (ffctl models lists them)");
    if (a->why[0])
        return cli_usage(cli, a);
    int code = cli_connect(cli);
    return code == EXIT_DONE ? compare(cli, &m) : code;
}
