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
#include <strings.h>

#include "clients/cli/columns.h"
#include "clients/cli/mem.h"
#include "clients/cli/source.h"

struct csv {
    struct source base;
    struct bytes in;
    struct csv_options o;
    const struct ffc_model *shape;
    struct names *names;
    bool samples; /* of streams */
    size_t line;  /* number of the line read last */
    char apart;
    char *first; /* the first line, cut into: */
    struct fields header;
    bool has_header, held; /* the first line is one; is yet to be given */
    struct fields row;
    struct columns columns; /* n 0: not planned yet */
};

static int refuse(const struct csv *s, size_t column, const char *what,
                  char why[WHY_MAX])
{
    snprintf(why, WHY_MAX, "%s:%zu: column %zu: %s", s->in.name, s->line,
             column, what);
    return -1;
}

static int put(struct csv *s, void *frame, size_t i, double v, size_t column,
               char why[WHY_MAX])
{
    if (s->shape->f32) {
        ((float *)frame)[i] = (float)v;
        return 0;
    }
    if (s->shape->i16) {
        if (!(v >= INT16_MIN && v <= INT16_MAX))
            return refuse(s, column,
                          "an i16 model takes numbers from -32768 to 32767",
                          why);
        ((int16_t *)frame)[i] = (int16_t)lround(v);
        return 0;
    }
    if (!(v >= 0 && v <= 255))
        return refuse(s, column, "a u8 model takes numbers from 0 to 255", why);
    ((uint8_t *)frame)[i] = (uint8_t)lround(v);
    return 0;
}

static int store(struct csv *s, void *frame, size_t i, size_t column,
                 const char *text, char why[WHY_MAX])
{
    double v = (double)NAN;
    bool missing = s->samples && !*text;
    if (!missing && !fields_number(text, &v)) {
        char what[80];
        snprintf(what, sizeof what,
                 "\"%.20s\" is not a number; is it the label's column?", text);
        return refuse(s, column, what, why);
    }
    if (!s->samples && !isfinite(v))
        return refuse(s, column, "the number is not finite", why);
    return put(s, frame, i, v, column, why);
}

static bool is_yes(const char *text)
{
    return *text && strcmp(text, "0") != 0 && strcasecmp(text, "false") != 0 &&
           strcasecmp(text, "no") != 0;
}

/* What the cell in a column says. */
static int take(struct csv *s, size_t i, void *frame, struct mark *mark,
                char why[WHY_MAX])
{
    const char *text = s->row.text[i];
    int role = s->columns.role[i];
    if (role >= 0)
        return store(s, frame, (size_t)role, i + 1, text, why);
    if (role == COLUMN_LABEL && *text)
        mark->label = names_put(s->names, text, strlen(text));
    if (role == COLUMN_KEY && !*text)
        return refuse(s, i + 1, "it names no stream", why);
    if (role == COLUMN_KEY)
        mark->key = names_put(s->names, text, strlen(text));
    if (role == COLUMN_END)
        mark->end = is_yes(text);
    return 0;
}

static int plan(struct csv *s, char why[WHY_MAX])
{
    char what[WHY_MAX] = "", note[WHY_MAX] = "";
    if (columns_plan(&s->columns, &s->o, s->has_header ? &s->header : NULL,
                     &s->row, s->shape->values, s->samples, note, what) < 0) {
        snprintf(why, WHY_MAX, "%.100s:%zu: %.350s", s->in.name, s->line, what);
        return -1;
    }
    if (note[0])
        snprintf(s->base.note, WHY_MAX, "%.100s: %.350s", s->in.name, note);
    return 0;
}

/* What is in s->row. */
static int parse(struct csv *s, void *frame, struct mark *mark,
                 char why[WHY_MAX])
{
    if (s->columns.n == 0 && plan(s, why) < 0)
        return -1;
    if (s->row.n != s->columns.n) {
        snprintf(why, WHY_MAX, "%s:%zu: %zu columns, and those before had %zu",
                 s->in.name, s->line, s->row.n, s->columns.n);
        return -1;
    }
    *mark = MARK_NONE;
    for (size_t i = 0; i < s->row.n; i++) {
        if (take(s, i, frame, mark, why) < 0)
            return -1;
    }
    return 1;
}

static bool blank(const char *line)
{
    while (isspace((unsigned char)*line))
        line++;
    return *line == '\0';
}

/* The next line with something in it: 1, 0 at the end, -1. */
static int next_line(struct csv *s, char **line, char why[WHY_MAX])
{
    do {
        int got = bytes_line(&s->in, line, why);
        if (got <= 0)
            return got;
        s->line++;
    } while (blank(*line));
    return 1;
}

static int csv_next(struct source *base, void *frame, struct mark *mark,
                    char why[WHY_MAX])
{
    struct csv *s = (struct csv *)base;
    if (s->held) {
        struct fields row = s->row;
        s->held = false;
        s->row = s->header;
        int got = parse(s, frame, mark, why);
        s->row = row;
        return got;
    }
    char *line;
    int got = next_line(s, &line, why);
    if (got <= 0)
        return got;
    fields_split(&s->row, line, s->apart);
    return parse(s, frame, mark, why);
}

static void csv_free(struct source *base)
{
    struct csv *s = (struct csv *)base;
    bytes_release(&s->in);
    fields_release(&s->header);
    fields_release(&s->row);
    columns_release(&s->columns);
    free(s->first);
    free(s);
}

static char apart_of(const char *line)
{
    if (strchr(line, ','))
        return ',';
    if (strchr(line, ';'))
        return ';';
    return strchr(line, '\t') ? '\t' : ',';
}

/* Read up to the first line with something in it, and judge it. */
static int begin(struct csv *s, char why[WHY_MAX])
{
    char *line;
    int got = next_line(s, &line, why);
    if (got <= 0)
        return got;
    if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
        line += 3; /* a byte order mark */
    s->apart = apart_of(line);
    s->first = must_copy(line, strlen(line));
    fields_split(&s->header, s->first, s->apart);
    s->has_header = columns_is_header(&s->o, &s->header, s->samples);
    s->held = !s->has_header;
    return 0;
}

struct source *csv_open(const char *path, const struct csv_options *o,
                        const struct ffc_model *shape,
                        const struct stream_shape *streams, struct names *names,
                        char why[WHY_MAX])
{
    struct csv *s = must_alloc(1, sizeof *s);
    s->base.next = csv_next;
    s->base.free = csv_free;
    s->base.count = COUNT_UNKNOWN;
    s->base.live = &s->in;
    s->o = *o;
    s->shape = shape;
    s->samples = streams != NULL;
    s->names = names;
    if (bytes_open(&s->in, path, why) < 0 || begin(s, why) < 0) {
        csv_free(&s->base);
        return NULL;
    }
    return &s->base;
}
