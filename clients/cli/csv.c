/*
 * csv.c -- numbers in lines of text, and perhaps a label among them.
 *
 * Fields stand apart by the first of comma, semicolon and tab that the first
 * line holds, and may be quoted; a quote inside quotes is doubled. Blanks
 * around a field do not count. Empty lines are passed over, but for those
 * between samples of one column: each is a value that is missing.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clients/cli/cell.h"
#include "clients/cli/columns.h"
#include "clients/cli/mem.h"
#include "clients/cli/source.h"

struct csv {
    struct source base;
    struct bytes in;
    struct csv_options o;
    const struct ffc_model *shape;
    struct names *names;
    int all;                            /* the label of all; -1: none */
    const struct stream_shape *streams; /* NULL: the model has none */
    size_t line;                        /* number of the line read last */
    char *waiting;  /* that line, borrowed; before it are to be given */
    size_t empties; /* as many empty lines */
    char apart;
    char *first; /* the first line, cut into: */
    struct fields header;
    bool has_header, held; /* the first line is one; is yet to be given */
    struct fields row;
    struct columns columns; /* n 0: not planned yet */
};

/* The number of the line that is given. */
static size_t line_of(const struct csv *s)
{
    return s->line - s->empties;
}

static int refuse(const struct csv *s, size_t column, const char *what,
                  char why[WHY_MAX])
{
    snprintf(why, WHY_MAX, "%.100s:%zu: column %zu: %.350s", s->in.name,
             line_of(s), column, what);
    return -1;
}

static int store(struct csv *s, void *frame, size_t i, size_t column,
                 const char *text, char why[WHY_MAX])
{
    char what[WHY_MAX];
    if (cell_store(frame, i, text, s->shape, s->streams, what) < 0)
        return refuse(s, column, what, why);
    return 0;
}

static int take_key(struct csv *s, size_t column, const char *text,
                    struct mark *mark, char why[WHY_MAX])
{
    if (!*text)
        return refuse(s, column, "it names no stream", why);
    if (strlen(text) > STREAM_KEY_MAX)
        return refuse(s, column, "a stream's name is longer than 255 bytes",
                      why);
    mark->key = names_put(s->names, text, strlen(text));
    return 0;
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
    if (role == COLUMN_KEY)
        return take_key(s, i + 1, text, mark, why);
    if (role == COLUMN_END)
        mark->end = is_yes(text);
    return 0;
}

static int plan(struct csv *s, char why[WHY_MAX])
{
    char what[WHY_MAX] = "", note[WHY_MAX] = "";
    if (columns_plan(&s->columns, &s->o, s->has_header ? &s->header : NULL,
                     &s->row, s->shape->values, s->streams, note, what) < 0) {
        snprintf(why, WHY_MAX, "%.100s:%zu: %.350s", s->in.name, line_of(s),
                 what);
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
                 s->in.name, line_of(s), s->row.n, s->columns.n);
        return -1;
    }
    *mark = MARK_NONE;
    mark->label = s->all;
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

/* The next line with something in it: 1, 0 at the end, -1. How many empty ones
   were before it goes to *empties. */
static int next_line(struct csv *s, char **line, size_t *empties,
                     char why[WHY_MAX])
{
    *empties = 0;
    for (;;) {
        int got = bytes_line(&s->in, line, why);
        if (got <= 0)
            return got;
        s->line++;
        if (!blank(*line))
            return 1;
        ++*empties;
    }
}

/* The next row, for s->row: 1, 0 at the end, -1. Empty lines count when another
   has come, so that a file may end with some. */
static int next_row(struct csv *s, char why[WHY_MAX])
{
    static char none[] = "";
    if (s->empties > 0) {
        s->empties--;
    } else {
        size_t empties;
        int got = next_line(s, &s->waiting, &empties, why);
        if (got <= 0)
            return got;
        bool miss = s->streams && !s->streams->symbols && s->header.n == 1;
        s->empties = miss ? empties : 0;
    }
    s->base.held = s->empties > 0;
    fields_split(&s->row, s->empties > 0 ? none : s->waiting, s->apart);
    return 1;
}

static int csv_next(struct source *base, void *frame, struct mark *mark,
                    char why[WHY_MAX])
{
    struct csv *s = (struct csv *)base;
    if (s->held) {
        struct fields row = s->row;
        s->held = s->base.held = false;
        s->row = s->header;
        int got = parse(s, frame, mark, why);
        s->row = row;
        return got;
    }
    int got = next_row(s, why);
    return got <= 0 ? got : parse(s, frame, mark, why);
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
    size_t empties;
    int got = next_line(s, &line, &empties, why);
    if (got <= 0)
        return got;
    if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
        line += 3; /* a byte order mark */
    s->apart = apart_of(line);
    s->first = must_copy(line, strlen(line));
    fields_split(&s->header, s->first, s->apart);
    s->has_header = columns_is_header(&s->o, &s->header, s->streams);
    s->held = s->base.held = !s->has_header;
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
    s->streams = streams;
    s->names = names;
    s->all = o->all ? names_put(names, o->all, strlen(o->all)) : -1;
    if (bytes_open(&s->in, path, why) < 0 || begin(s, why) < 0) {
        csv_free(&s->base);
        return NULL;
    }
    return &s->base;
}
