/*
 * csv.c -- numbers in lines of text, and perhaps a label among them.
 *
 * Fields stand apart by the first of comma, semicolon and tab that the first
 * line holds, and may be quoted; a quote inside quotes is doubled. Empty lines
 * are passed over. Blanks around a field do not count.
 */
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"
#include "clients/cli/source.h"

struct csv {
    struct source base;
    struct bytes in;
    const struct ffc_model *shape;
    struct names *names;
    size_t label_column; /* from 1; 0: none */
    size_t line;         /* number of the line read last */
    char apart;
    char *held; /* the first line, read to tell a header; may be NULL */
};

/* Cut the field at *at out of its line, in place; its end goes to *at, NULL
   after the last. Terminated, blanks and quotes removed. */
static char *field(char **at, char apart)
{
    char *from = *at;
    while (*from == ' ')
        from++;
    char *to = from, *out = from;
    if (*from == '"') {
        for (to = from + 1; *to; to++) {
            if (*to == '"' && *++to != '"')
                break;
            *out++ = *to;
        }
        while (*to && *to != apart)
            to++;
    } else {
        while (*to && *to != apart)
            to++;
        out = to;
        while (out > from && out[-1] == ' ')
            out--;
    }
    *at = *to ? to + 1 : NULL;
    *out = '\0';
    return from;
}

static bool number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0';
}

static int refuse(const struct csv *s, size_t column, const char *what,
                  char why[WHY_MAX])
{
    snprintf(why, WHY_MAX, "%s:%zu: column %zu: %s", s->in.name, s->line,
             column, what);
    return -1;
}

static int store(struct csv *s, void *frame, size_t i, size_t column,
                 const char *text, char why[WHY_MAX])
{
    double v;
    if (!number(text, &v)) {
        char what[80];
        snprintf(what, sizeof what,
                 "\"%.20s\" is not a number; is it the label's column?", text);
        return refuse(s, column, what, why);
    }
    if (!isfinite(v))
        return refuse(s, column, "the number is not finite", why);
    if (s->shape->f32) {
        ((float *)frame)[i] = (float)v;
        return 0;
    }
    if (s->shape->i16) {
        if (v < INT16_MIN || v > INT16_MAX)
            return refuse(s, column,
                          "an i16 model takes numbers from -32768 to 32767",
                          why);
        ((int16_t *)frame)[i] = (int16_t)lround(v);
        return 0;
    }
    if (v < 0 || v > 255)
        return refuse(s, column, "a u8 model takes numbers from 0 to 255", why);
    ((uint8_t *)frame)[i] = (uint8_t)lround(v);
    return 0;
}

static int parse(struct csv *s, char *line, void *frame, int *label,
                 char why[WHY_MAX])
{
    size_t column = 0, values = 0, want = s->shape->values;
    bool labelled = false;
    *label = -1;
    for (char *at = line; at;) {
        char *text = field(&at, s->apart);
        column++;
        if (column == s->label_column) {
            labelled = true;
            if (*text)
                *label = names_put(s->names, text, strlen(text));
            continue;
        }
        if (values < want && store(s, frame, values, column, text, why) < 0)
            return -1;
        values++;
    }
    if (values != want) {
        snprintf(why, WHY_MAX,
                 "%s:%zu: %zu numbers beside the label, and the model takes "
                 "%zu; --label-column names the label's column",
                 s->in.name, s->line, values, want);
        return -1;
    }
    if (s->label_column && !labelled)
        return refuse(s, s->label_column, "there is no such column", why);
    return 1;
}

static bool blank(const char *line)
{
    while (isspace((unsigned char)*line))
        line++;
    return *line == '\0';
}

static int csv_next(struct source *base, void *frame, int *label,
                    char why[WHY_MAX])
{
    struct csv *s = (struct csv *)base;
    if (s->held) {
        int got = parse(s, s->held, frame, label, why);
        free(s->held);
        s->held = NULL;
        return got;
    }
    char *line;
    for (;;) {
        int got = bytes_line(&s->in, &line, why);
        if (got <= 0)
            return got;
        s->line++;
        if (!blank(line))
            return parse(s, line, frame, label, why);
    }
}

static void csv_free(struct source *base)
{
    struct csv *s = (struct csv *)base;
    bytes_release(&s->in);
    free(s->held);
    free(s);
}

static bool is_header(const struct csv *s, const char *line)
{
    char *copy = must_copy(line, strlen(line));
    bool header = false;
    size_t column = 0;
    for (char *at = copy; at && !header;) {
        double v;
        char *text = field(&at, s->apart);
        header = ++column != s->label_column && !number(text, &v);
    }
    free(copy);
    return header;
}

/* Read up to the first line with something in it, and judge it. */
static int begin(struct csv *s, char why[WHY_MAX])
{
    char *line;
    do {
        int got = bytes_line(&s->in, &line, why);
        if (got <= 0)
            return got;
        s->line++;
    } while (blank(line));
    if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
        line += 3; /* a byte order mark */
    if (strchr(line, ','))
        s->apart = ',';
    else if (strchr(line, ';'))
        s->apart = ';';
    else
        s->apart = strchr(line, '\t') ? '\t' : ',';
    if (!is_header(s, line))
        s->held = must_copy(line, strlen(line));
    return 0;
}

struct source *csv_open(const char *path, size_t label_column,
                        const struct ffc_model *shape, struct names *names,
                        char why[WHY_MAX])
{
    struct csv *s = must_alloc(1, sizeof *s);
    s->base.next = csv_next;
    s->base.free = csv_free;
    s->base.count = COUNT_UNKNOWN;
    s->shape = shape;
    s->names = names;
    s->label_column = label_column;
    if (bytes_open(&s->in, path, why) < 0 || begin(s, why) < 0) {
        csv_free(&s->base);
        return NULL;
    }
    return &s->base;
}
