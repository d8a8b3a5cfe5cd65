/*
 * text.c -- one pass of a text through lib, no daemon: how well each next
 * symbol is foretold, and how fast. The tool for choosing defaults of symbols.
 *
 *   bench_text FILE [NAME=VALUE ...]
 *
 * Names: alphabet=30|bytes (30: a-z and " ,;." as the data's README reduces a
 * text to them; bytes: all 256), n= symbols of the text, micro= symbols a call,
 * orders= words= rows= memory= seed= as in a spec, every= (symbols from one
 * sleep to the next, 0: none) replay= dreams=, held=1 (the last 10 % of the
 * text is foretold, but not learned), write=N (symbols that the model writes
 * at the end, at temperatures 1 and 0.7), baselines=0 (ffd alone).
 *
 * A JSON line each of ffd, of n-grams (ngram.h) learned on the same stream, and
 * of who always says space. Bits are the mean of -log2 p of each symbol before
 * it was learned: `choice` of 40 to 80 % of the stream, where options are
 * chosen, `last` of its last 20 %, `whole` of all, `held` of what was not
 * learned.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/ff.h"
#include "tests/bench/ngram.h"

#define SPACE 26 /* of the 30 */

static const char symbols30[] = "abcdefghijklmnopqrstuvwxyz ,;.";

enum part { EARLY, CHOICE, LAST, HELD, PARTS };

struct figures {
    double bits;
    size_t right, n;
};

struct options {
    size_t n, micro, write;
    bool bytes, held, baselines;
    uint64_t seed;
};

/* Symbols of a text, and where its parts end; HELD is empty if all is learned.
 */
struct text {
    uint8_t *symbol;
    size_t n, end[PARTS], K;
};

static void die(const char *what)
{
    fprintf(stderr, "bench_text: %s\n", what);
    exit(2);
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the text --------------------------------------------------------------
 */

/* One of the 30 that stands for a byte, or -1: it is dropped. */
static int reduce_byte(int c)
{
    c = c < 128 ? tolower(c) : ' ';
    if (c == '\'')
        return -1;
    if (c == '!' || c == '?')
        c = '.';
    if (c == ':')
        c = ';';
    const char *at = c ? strchr(symbols30, c) : NULL;
    return at ? (int)(at - symbols30) : SPACE;
}

/* In place; blanks run together, and there are none at the ends. */
static size_t reduce(uint8_t *text, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        int k = reduce_byte(text[i]);
        if (k >= 0 && (k != SPACE || (kept > 0 && text[kept - 1] != SPACE)))
            text[kept++] = (uint8_t)k;
    }
    return kept > 0 && text[kept - 1] == SPACE ? kept - 1 : kept;
}

static void load(struct text *t, const char *path, const struct options *o)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END))
        die("cannot read the file");
    size_t size = (size_t)ftell(f);
    rewind(f);
    t->symbol = malloc(size + 1);
    if (!t->symbol || fread(t->symbol, 1, size, f) != size)
        die("cannot read the file");
    fclose(f);
    t->K = o->bytes ? 256 : sizeof symbols30 - 1;
    t->n = o->bytes ? size : reduce(t->symbol, size);
    if (o->n > 0 && o->n < t->n)
        t->n = o->n;
    if (t->n < 100)
        die("fewer than 100 symbols");
    size_t learned = o->held ? t->n / 10 * 9 : t->n;
    t->end[EARLY] = learned / 10 * 4;
    t->end[CHOICE] = learned / 10 * 8;
    t->end[LAST] = learned;
    t->end[HELD] = t->n;
}

static size_t begin_of(const struct text *t, enum part part)
{
    return part > 0 ? t->end[part - 1] : 0;
}

/* ---- figures ---------------------------------------------------------------
 */

static void print_figures(const char *name, const struct figures *f, size_t n)
{
    struct figures sum = {0};
    for (size_t i = 0; i < n; i++) {
        sum.bits += f[i].bits;
        sum.right += f[i].right;
        sum.n += f[i].n;
    }
    if (sum.n == 0)
        return;
    printf(", \"%s\": {", name);
    if (sum.bits > 0)
        printf("\"bits\": %.4f, ", sum.bits / (double)sum.n);
    printf("\"accuracy\": %.4f}", (double)sum.right / (double)sum.n);
}

static void print_all(const struct figures f[PARTS])
{
    print_figures("choice", &f[CHOICE], 1);
    print_figures("last", &f[LAST], 1);
    print_figures("whole", f, HELD);
    print_figures("held", &f[HELD], 1);
}

static void foretold(struct figures *f, const double *p, size_t K, uint8_t y)
{
    size_t best = 0;
    for (size_t k = 1; k < K; k++)
        best = p[k] > p[best] ? k : best;
    f->bits -= log2(p[y] > 1e-12 ? p[y] : 1e-12);
    f->right += best == y;
    f->n++;
}

/* ---- ffd -------------------------------------------------------------------
 */

struct reader {
    struct ff_model *m;
    const struct text *text;
    size_t micro;
    uint64_t every;
    int class_[256]; /* of a symbol; -1: it has not come yet */
    double cpu, wall, asleep;
    size_t alarms;
    struct ff_slept slept;
};

/* The name of a symbol's class: of a byte that cannot be one, its number. */
static int class_of(struct reader *r, uint8_t symbol)
{
    char name[8] = {(char)symbol};
    int n = 1;
    if (r->class_[symbol] >= 0)
        return r->class_[symbol];
    if (r->text->K == 30)
        name[0] = symbols30[symbol];
    else if (!isprint(symbol))
        n = snprintf(name, sizeof name, "\\x%02x", symbol);
    if (ff_label_bind(r->m, name, (size_t)n, &r->class_[symbol]))
        die("cannot bind a symbol");
    return r->class_[symbol];
}

/* text[at..at + n), learned or only looked at; how many were foretold right. */
static size_t feed(struct reader *r, size_t at, size_t n, uint8_t flags,
                   struct ff_learned *learned)
{
    const void *samples[FF_BATCH_MAX];
    int classes[FF_BATCH_MAX];
    struct ff_origin from[FF_BATCH_MAX];
    for (size_t i = 0; i < n; i++) {
        samples[i] = &r->text->symbol[at + i];
        classes[i] = class_of(r, r->text->symbol[at + i]);
        from[i] = (struct ff_origin){.flags = flags};
    }
    if (ff_learn_stream(r->m, samples, classes, NULL, from, n, learned))
        die("learning failed");
    return learned->right;
}

static void sleep_it_off(struct reader *r)
{
    struct ff_slept s;
    double start = seconds(CLOCK_THREAD_CPUTIME_ID);
    do {
        if (ff_sleep(r->m, 64, &s))
            die("sleep failed");
        r->slept.replayed += s.replayed;
        r->slept.dreamt += s.dreamt;
    } while (s.debt > 0);
    r->asleep += seconds(CLOCK_THREAD_CPUTIME_ID) - start;
}

static double bits_of(const struct ff_model *m)
{
    struct ff_stats s;
    ff_model_stats(m, &s);
    return s.labelled > 0 ? s.bits_all * (double)s.labelled : 0;
}

static void learn_part(struct reader *r, enum part part, struct figures *f)
{
    size_t begin = begin_of(r->text, part), end = r->text->end[part];
    double before = bits_of(r->m), cpu = seconds(CLOCK_THREAD_CPUTIME_ID),
           wall = seconds(CLOCK_MONOTONIC);
    for (size_t at = begin; at < end;) {
        struct ff_learned learned;
        size_t n = end - at < r->micro ? end - at : r->micro;
        f->right += feed(r, at, n, 0, &learned);
        r->alarms += learned.drift != 0;
        at += n;
        if (r->every > 0 && learned.exhausted)
            sleep_it_off(r);
    }
    r->cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
    r->wall += seconds(CLOCK_MONOTONIC) - wall;
    f->bits = bits_of(r->m) - before;
    f->n = end - begin;
}

/* Probabilities of all symbols; those that never came share what is left. */
static void spread(const struct reader *r, const float *scores, double *p)
{
    double left = 1;
    size_t unknown = 0, K = r->text->K;
    for (size_t k = 0; k < K; k++) {
        int class_ = r->class_[k];
        p[k] = class_ >= 0 ? (double)scores[class_] : 0;
        left -= p[k];
        unknown += p[k] == 0;
    }
    for (size_t k = 0; k < K; k++)
        if (p[k] == 0 && left > 0)
            p[k] = left / (double)unknown;
}

/* Foretold, then looked at: nothing is learned. */
static void hold_out(struct reader *r, struct figures *f)
{
    struct ff_scratch *scratch;
    float scores[256];
    double p[256];
    struct ff_answers out = {.scores = scores};
    if (ff_scratch_new(&scratch, r->m, 1))
        die("out of memory");
    for (size_t at = begin_of(r->text, HELD); at < r->text->end[HELD]; at++) {
        struct ff_learned learned;
        const void *past = ff_stream_newest(r->m, 0);
        const struct ff_view *v = ff_view_acquire(r->m);
        if (ff_predict(v, scratch, &past, 1, &out))
            die("prediction failed");
        ff_view_release(v);
        spread(r, scores, p);
        foretold(f, p, r->text->K, r->text->symbol[at]);
        feed(r, at, 1, FF_SAMPLE_OBSERVE, &learned);
    }
    ff_scratch_free(scratch);
}

static void print_symbol(const struct text *t, int symbol)
{
    int c = t->K == 30 ? symbols30[symbol] : symbol;
    if (c == '"' || c == '\\')
        printf("\\%c", c);
    else if (isprint(c))
        putchar(c);
    else
        printf("\\u%04x", (unsigned)c);
}

static void write_text(const struct reader *r, const struct options *o)
{
    static const float temperatures[] = {1, 0.7f};
    int symbol[256], *classes = malloc(o->write * sizeof *classes);
    for (int k = 0; k < (int)r->text->K; k++)
        if (r->class_[k] >= 0)
            symbol[r->class_[k]] = k;
    const struct ff_view *v = ff_view_acquire(r->m);
    for (int i = 0; i < 2; i++) {
        if (!classes ||
            ff_generate(v, ff_stream_newest(r->m, 0), temperatures[i], o->seed,
                        o->write, classes))
            die("it writes nothing");
        printf("{\"who\": \"ffd\", \"temperature\": %g, \"text\": \"",
               (double)temperatures[i]);
        for (size_t j = 0; j < o->write; j++)
            print_symbol(r->text, symbol[classes[j]]);
        puts("\"}");
    }
    ff_view_release(v);
    free(classes);
}

static void run_ffd(const struct text *t, const struct ff_spec *spec,
                    const struct options *o)
{
    struct reader r = {
        .text = t, .micro = o->micro, .every = spec->sleep.every};
    struct figures f[PARTS] = {0};
    if (ff_model_new(&r.m, spec))
        die("no model");
    memset(r.class_, -1, sizeof r.class_);
    for (enum part part = EARLY; part < HELD; part++)
        learn_part(&r, part, &f[part]);
    if (ff_publish(r.m))
        die("cannot publish");
    hold_out(&r, &f[HELD]);
    double n = (double)t->end[LAST];
    printf("{\"who\": \"ffd\", \"learned\": %zu", t->end[LAST]);
    print_all(f);
    printf(", \"symbols_per_cpu_s\": %.0f, \"symbols_per_s\": %.0f, "
           "\"asleep_cpu_s\": %.3f, \"replayed\": %zu, \"dreamt\": %zu, "
           "\"alarms\": %zu, \"bytes\": %zu}\n",
           n / (r.cpu - r.asleep), n / r.wall, r.asleep, r.slept.replayed,
           r.slept.dreamt, r.alarms, ff_model_bytes(r.m));
    if (o->write > 0)
        write_text(&r, o);
    ff_model_free(r.m);
}

/* ---- baselines -------------------------------------------------------------
 */

static void run_space(const struct text *t)
{
    struct figures f[PARTS] = {0};
    uint8_t space = t->K == 30 ? SPACE : ' ';
    for (enum part part = EARLY; part < PARTS; part++)
        for (size_t i = begin_of(t, part); i < t->end[part]; i++) {
            f[part].right += t->symbol[i] == space;
            f[part].n++;
        }
    printf("{\"who\": \"space\"");
    print_all(f);
    puts("}");
}

static void run_ngram(const struct text *t, size_t order)
{
    struct ngram g;
    struct figures f[PARTS] = {0};
    double p[256], cpu = 0;
    ngram_init(&g, order, t->K, t->end[LAST]);
    for (enum part part = EARLY; part < PARTS; part++) {
        double start = seconds(CLOCK_THREAD_CPUTIME_ID);
        for (size_t i = begin_of(t, part); i < t->end[part]; i++) {
            ngram_answer(&g, t->symbol, i, p);
            foretold(&f[part], p, t->K, t->symbol[i]);
            if (part < HELD)
                ngram_learn(&g, t->symbol, i);
        }
        if (part < HELD)
            cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    }
    printf("{\"who\": \"%zu-gram\", \"learned\": %zu", order, t->end[LAST]);
    print_all(f);
    printf(", \"symbols_per_cpu_s\": %.0f, \"bytes\": %zu}\n",
           (double)t->end[LAST] / cpu, ngram_bytes(&g));
    ngram_release(&g);
}

/* ---- */

static void set(struct ff_spec *s, struct options *o, const char *arg)
{
    const char *eq = strchr(arg, '=');
    if (!eq)
        die("arguments read NAME=VALUE");
    size_t n = (size_t)(eq - arg);
    double x = strtod(eq + 1, NULL);
#define IS(name) (n == strlen(name) && memcmp(arg, name, n) == 0)
#define NUMBER(name, field)                                                    \
    if (IS(name)) {                                                            \
        (field) = (__typeof__(field))x;                                        \
        return;                                                                \
    }
    NUMBER("n", o->n)
    NUMBER("micro", o->micro)
    NUMBER("held", o->held)
    NUMBER("write", o->write)
    NUMBER("baselines", o->baselines)
    NUMBER("orders", s->stream.orders)
    NUMBER("words", s->stream.words)
    NUMBER("rows", s->stream.rows)
    NUMBER("memory", s->memory)
    NUMBER("every", s->sleep.every)
    NUMBER("replay", s->sleep.replay)
    NUMBER("dreams", s->sleep.dreams)
    if (IS("seed"))
        s->seed = o->seed = (uint64_t)x;
    else if (IS("alphabet"))
        o->bytes = strcmp(eq + 1, "bytes") == 0;
    else
        die(arg);
}

int main(int argc, char **argv)
{
    struct options o = {.micro = 32, .baselines = true, .seed = 1};
    struct ff_spec spec;
    struct text text;
    char why[FF_WHY_MAX];
    if (argc < 2)
        die("usage: bench_text FILE [NAME=VALUE ...]");
    ff_spec_init(&spec);
    spec.sleep.every = 0;
    for (int i = 2; i < argc; i++)
        set(&spec, &o, argv[i]);
    load(&text, argv[1], &o);
    spec.stream.keys = 1;
    spec.stream.shape[0] = spec.stream.shape[1] = spec.stream.shape[2] = 1;
    spec.stream.dtype = FF_U8;
    spec.stream.features = FF_FEATURES_SYMBOLS;
    spec.classes = text.K;
    spec.sleep.exhausted = spec.sleep.every; /* a strict period */
    if (o.micro > spec.batch)
        spec.batch = o.micro;
    if (ff_spec_check(&spec, why))
        die(why);
    run_ffd(&text, &spec, &o);
    if (o.baselines) {
        run_space(&text);
        run_ngram(&text, 3);
        run_ngram(&text, 5);
        run_ngram(&text, 6);
    }
    free(text.symbol);
    return 0;
}
