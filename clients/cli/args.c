#include "clients/cli/args.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void args_init(struct args *a, char **words)
{
    memset(a, 0, sizeof *a);
    a->words = words;
}

void args_fail(struct args *a, const char *fmt, ...)
{
    if (a->why[0])
        return;
    va_list list;
    va_start(list, fmt);
    vsnprintf(a->why, sizeof a->why, fmt, list);
    va_end(list);
}

void args_unknown(struct args *a)
{
    if (a->name[0] == '-' && a->name[1])
        args_fail(a, "unknown option %s", a->name);
    else
        args_fail(a, "\"%.60s\" is one word too many", a->word);
}

const char *args_next(struct args *a)
{
    if (a->inlined)
        args_fail(a, "%s takes no value", a->name);
    if (a->why[0] || !*a->words)
        return NULL;
    a->word = *a->words++;
    size_t n = strlen(a->word);
    if (strncmp(a->word, "--", 2) == 0) {
        const char *equals = strchr(a->word, '=');
        if (equals) {
            a->inlined = equals + 1;
            n = (size_t)(equals - a->word);
        }
    }
    snprintf(a->name, sizeof a->name, "%.*s", (int)n, a->word);
    return a->word;
}

const char *args_raw(struct args *a)
{
    if (a->why[0] || !*a->words)
        return NULL;
    a->word = *a->words++;
    a->name[0] = '\0';
    return a->word;
}

bool args_is(const struct args *a, const char *option)
{
    return strcmp(a->name, option) == 0;
}

const char *args_text(struct args *a)
{
    const char *value = a->inlined;
    a->inlined = NULL;
    if (!value && *a->words)
        value = *a->words++;
    if (!value || !*value) {
        args_fail(a, "%s needs a value", a->name);
        return "";
    }
    return value;
}

const char *args_more(struct args *a)
{
    if (!*a->words || **a->words == '-')
        return NULL;
    return *a->words++;
}

size_t args_size(struct args *a, size_t lowest)
{
    const char *text = args_text(a);
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || v >= SIZE_MAX ||
        v < lowest) {
        args_fail(a, "%s needs a whole number of at least %zu, not \"%.40s\"",
                  a->name, lowest, text);
        return lowest;
    }
    return (size_t)v;
}

double args_positive(struct args *a)
{
    const char *text = args_text(a);
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v) || v <= 0) {
        args_fail(a, "%s needs a number above 0, not \"%.40s\"", a->name, text);
        return 1;
    }
    return v;
}

double args_fraction(struct args *a)
{
    const char *text = args_text(a);
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || !(v >= 0 && v <= 1)) {
        args_fail(a, "%s needs a number from 0 to 1, not \"%.40s\"", a->name,
                  text);
        return 0;
    }
    return v;
}

static void set_kind(struct args *a, struct input_options *o,
                     enum input_kind kind)
{
    if (o->kind != INPUT_NONE)
        args_fail(a, "name one input: --idx, --csv, --raw, --text or --wav");
    o->kind = kind;
    o->path = args_text(a);
}

/* All words up to the next option. */
static void set_files(struct args *a, struct input_options *o)
{
    bool inlined = a->inlined;
    set_kind(a, o, INPUT_WAV);
    if (a->why[0])
        return;
    o->files = inlined ? &o->path : (const char *const *)a->words - 1;
    o->n_files = 1;
    while (!inlined && args_more(a))
        o->n_files++;
}

static bool args_file(struct args *a, struct input_options *o)
{
    if (args_is(a, "--idx")) {
        set_kind(a, o, INPUT_IDX);
        o->labels = args_more(a);
    } else if (args_is(a, "--csv")) {
        set_kind(a, o, INPUT_CSV);
    } else if (args_is(a, "--raw")) {
        set_kind(a, o, INPUT_RAW);
    } else if (args_is(a, "--text")) {
        set_kind(a, o, INPUT_TEXT);
    } else if (args_is(a, "--wav")) {
        set_files(a, o);
    } else {
        return false;
    }
    return true;
}

/* What frames are. */
static bool args_label(struct args *a, struct input_options *o)
{
    if (args_is(a, "--label-column"))
        o->csv.label = args_text(a);
    else if (args_is(a, "--columns"))
        o->csv.values = args_text(a);
    else if (args_is(a, "--label"))
        o->label = args_text(a);
    else if (args_is(a, "--label-from-name"))
        o->pattern = args_text(a);
    else
        return false;
    return true;
}

static const char *args_key(struct args *a)
{
    const char *key = args_text(a);
    if (strlen(key) > STREAM_KEY_MAX)
        args_fail(a, "%s takes a name of at most %d bytes", a->name,
                  STREAM_KEY_MAX);
    return key;
}

/* Whose samples are, and where recordings end. */
static bool args_stream(struct args *a, struct input_options *o)
{
    if (args_is(a, "--stream"))
        o->key = args_key(a);
    else if (args_is(a, "--stream-column"))
        o->csv.stream = args_text(a);
    else if (args_is(a, "--end-column"))
        o->csv.end = args_text(a);
    else if (args_is(a, "--end"))
        o->end = true;
    else
        return false;
    return true;
}

bool args_input(struct args *a, struct input_options *o)
{
    if (args_file(a, o) || args_label(a, o) || args_stream(a, o))
        return true;
    if (args_is(a, "--limit")) {
        o->limit = args_size(a, 0);
    } else if (args_is(a, "--offset")) {
        o->offset = args_size(a, 0);
    } else if (args_is(a, "--repeat")) {
        o->repeat = args_size(a, 1);
    } else if (args_is(a, "--seed")) {
        o->seed = args_size(a, 0);
    } else if (args_is(a, "--order")) {
        const char *word = args_text(a);
        if (order_parse(&o->order, word) < 0)
            args_fail(a,
                      "--order is as-is, shuffled or by-class, not \"%.40s\"",
                      word);
    } else {
        return false;
    }
    return true;
}
