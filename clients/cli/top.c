#include "clients/cli/top.h"

#include <math.h>
#include <string.h>

#define NAME  16
#define DIM   "\033[2m"
#define BOLD  "\033[1m"
#define RED   "\033[31m"
#define PLAIN "\033[0m"

/* ---- numbers ----------------------------------------------------------------
 */

static double number(const struct ffc_value *m, const char *key)
{
    return ffc_value_number(ffc_value_get(m, key), (double)NAN);
}

static double right(const struct ffc_value *m)
{
    return 100 * number(m, "prequential_accuracy");
}

static double rate(const struct ffc_value *m)
{
    return number(m, "frames_per_second");
}

static double waiting(const struct ffc_value *m)
{
    return number(m, "inbox");
}

static double frames(const struct ffc_value *m)
{
    return number(m, "seq");
}

static double step(const struct ffc_value *m)
{
    return number(m, "step");
}

static double debt(const struct ffc_value *m)
{
    return number(m, "debt");
}

static double lost(const struct ffc_value *m)
{
    double refused = number(m, "refused");
    return number(m, "dropped") + (isnan(refused) ? 0 : refused);
}

/* Of symbols alone. */
static double bits(const struct ffc_value *m)
{
    return number(m, "bits");
}

/* The 99th percentile of a histogram of microseconds, in ms. */
static double p99_ms(const struct ffc_value *m, const char *key)
{
    return number(ffc_value_get(m, key), "p99") / 1000;
}

static double ask_ms(const struct ffc_value *m)
{
    return p99_ms(m, "predict_us");
}

/* In the order in which they stand; those of the highest rank go first when
   there is no room. Of rank 0 is what is always there. */
static const struct column {
    const char *head;
    int width, digits, rank;
    double (*value)(const struct ffc_value *m);
} columns[] = {
    {"right %", 7, 2, 0, right},    {"frames/s", 9, 0, 1, rate},
    {"waiting", 7, 0, 2, waiting},  {"ask ms", 8, 2, 3, ask_ms},
    {"sleep owed", 10, 0, 4, debt}, {"lost", 8, 0, 5, lost},
    {"frames", 11, 0, 6, frames},   {"step", 10, 0, 7, step},
    {"bits", 6, 3, 8, bits},
};

#define COLUMNS (sizeof columns / sizeof *columns)
#define STATE   9
#define BLOCKS  (TOP_SPARK + 1)

/* The highest rank that fits, of what stands beside name and state. */
static int ranks_in(size_t room)
{
    size_t used = NAME + STATE;
    int rank = -1;
    for (int r = 0; r < (int)COLUMNS; r++) {
        for (size_t i = 0; i < COLUMNS; i++)
            if (columns[i].rank == r)
                used += (size_t)columns[i].width + 1;
        if (room > 0 && used > room)
            break;
        rank = r;
    }
    return rank;
}

static size_t width_of(int ranks)
{
    size_t used = NAME + STATE;
    for (size_t i = 0; i < COLUMNS; i++)
        if (columns[i].rank <= ranks)
            used += (size_t)columns[i].width + 1;
    return used;
}

/* ---- the past ---------------------------------------------------------------
 */

static const char *text_of(const struct ffc_value *v, char *out, size_t room)
{
    size_t n;
    const char *at = ffc_value_bytes(v, &n);
    snprintf(out, room, "%.*s", at ? (int)n : 1, at ? at : "-");
    return out;
}

static const struct top_spark *find(const struct top_past *past,
                                    const char *name)
{
    for (size_t i = 0; i < past->n; i++)
        if (strcmp(past->at[i].name, name) == 0)
            return &past->at[i];
    return NULL;
}

static struct top_spark *keep(struct top_past *past, const char *name)
{
    for (size_t i = 0; i < past->n; i++)
        if (strcmp(past->at[i].name, name) == 0)
            return &past->at[i];
    if (past->n == TOP_MODELS)
        return NULL;
    struct top_spark *s = &past->at[past->n++];
    *s = (struct top_spark){.n = 0};
    snprintf(s->name, sizeof s->name, "%s", name);
    return s;
}

void top_remember(struct top_past *past, const struct ffc_value *stats)
{
    const struct ffc_value *models = ffc_value_get(stats, "models");
    for (size_t i = 0; i < ffc_value_count(models); i++) {
        char name[65];
        struct top_spark *s =
            keep(past, text_of(ffc_value_key(models, i), name, sizeof name));
        double v = number(ffc_value_at(models, i), "prequential_accuracy");
        if (!s || isnan(v))
            continue;
        if (s->n == TOP_SPARK)
            memmove(s->v, s->v + 1, (--s->n) * sizeof *s->v);
        s->v[s->n++] = v;
    }
}

/* From half right to all right: a line of blocks rises with what matters. */
static void draw_blocks(FILE *to, const struct top_spark *s)
{
    static const char *const block[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    fputc(' ', to);
    for (size_t i = 0; s && i < s->n; i++) {
        double v = (s->v[i] - 0.5) * 2 * 8;
        fputs(block[v < 0 ? 0 : v > 7 ? 7 : (int)v], to);
    }
}

/* ---- the table --------------------------------------------------------------
 */

static void cell(FILE *to, double v, int width, int digits)
{
    if (isnan(v))
        fprintf(to, " %*s", width, "-");
    else
        fprintf(to, " %*.*f", width, digits, v);
}

static void draw_model(FILE *to, const struct ffc_value *name,
                       const struct ffc_value *m, int ranks, bool blocks,
                       const struct top_view *view)
{
    char word[65];
    fprintf(to, "%-*.*s", NAME, NAME, text_of(name, word, sizeof word));
    const struct top_spark *s = blocks ? find(view->past, word) : NULL;
    fprintf(to, " %-8.8s",
            text_of(ffc_value_get(m, "state"), word, sizeof word));
    for (size_t i = 0; i < COLUMNS; i++) {
        const struct column *c = &columns[i];
        double v = c->rank <= ranks ? c->value(m) : 0;
        if (c->rank > ranks)
            continue;
        if (view->colours && c->value == lost && v > 0)
            fputs(RED, to);
        cell(to, v, c->width, c->digits);
        if (view->colours && c->value == lost && v > 0)
            fputs(PLAIN, to);
    }
    if (blocks)
        draw_blocks(to, s);
    fputc('\n', to);
}

static void draw_head(FILE *to, int ranks, bool blocks, bool colours)
{
    fprintf(to, "\n%s%-*s %-8s", colours ? BOLD : "", NAME, "model", "state");
    for (size_t i = 0; i < COLUMNS; i++)
        if (columns[i].rank <= ranks)
            fprintf(to, " %*s", columns[i].width, columns[i].head);
    fprintf(to, "%s%s\n", blocks ? " right, 50 to 100 %" : "",
            colours ? PLAIN : "");
}

/* Lines above the table; how many. */
static size_t draw_daemon(FILE *to, const struct ffc_value *d,
                          const struct top_view *view)
{
    const struct ffc_value *trouble =
        ffc_value_get(ffc_value_get(d, "journal"), "trouble");
    size_t n;
    const char *why = ffc_value_bytes(trouble, &n);
    fputs("ffd  up", to);
    cell(to, number(d, "uptime_s"), 1, 0);
    fputs(" s  connections", to);
    cell(to, number(d, "connections"), 1, 0);
    fputs("  memory", to);
    cell(to, number(d, "rss_bytes") / (1 << 20), 1, 0);
    fputs(" MiB  loop p99", to);
    cell(to, p99_ms(d, "loop_lag_us"), 1, 2);
    fputs(" ms\n", to);
    if (!why)
        return 1;
    fprintf(to, "%snothing is learned now: %.*s%s\n", view->colours ? RED : "",
            (int)n, why, view->colours ? PLAIN : "");
    return 2;
}

void top_draw(FILE *to, const struct ffc_value *stats,
              const struct top_view *view)
{
    const struct ffc_value *models = ffc_value_get(stats, "models");
    size_t n = ffc_value_count(models), first = view->first;
    int ranks = ranks_in(view->columns);
    bool blocks = view->blocks && view->past && view->columns > 0 &&
                  width_of(ranks) + BLOCKS <= view->columns;
    size_t used =
        stats ? draw_daemon(to, ffc_value_get(stats, "daemon"), view) : 0;
    if (stats && n > 0)
        draw_head(to, ranks, blocks, view->colours);
    used += 2 + (view->note ? 2 : 0);
    size_t room = view->rows == 0     ? n
                  : view->rows > used ? view->rows - used
                                      : 0;
    if (n > room && room > 0)
        room--; /* for the line that says so */
    if (first + room > n)
        first = n > room ? n - room : 0;
    for (size_t i = first; i < n && i < first + room; i++)
        draw_model(to, ffc_value_key(models, i), ffc_value_at(models, i), ranks,
                   blocks, view);
    if (n > room)
        fprintf(to, "%s%zu of %zu models; up and down show others%s\n",
                view->colours ? DIM : "", room, n, view->colours ? PLAIN : "");
    if (stats && n == 0)
        fputs("no models; ffctl create makes one\n", to);
    if (view->note)
        fprintf(to, "\n%s%s%s\n", view->colours ? DIM : "", view->note,
                view->colours ? PLAIN : "");
}
