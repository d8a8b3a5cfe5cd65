#include "clients/cli/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

#define TOLD 250 /* bytes of a sentence after which names are left out */

/* ---- fields ------------------------------------------------------------- */

/* Cut the field at *at out of its line, in place; its end goes to *at, NULL
   after the last. */
static char *cut(char **at, char apart)
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

void fields_split(struct fields *f, char *line, char apart)
{
    f->n = 0;
    for (char *at = line; at;) {
        if (f->n == f->room) {
            f->room = f->room ? 2 * f->room : 32;
            f->text = must_grow((void *)f->text, f->room, sizeof *f->text);
        }
        f->text[f->n++] = cut(&at, apart);
    }
}

void fields_release(struct fields *f)
{
    free((void *)f->text);
    memset(f, 0, sizeof *f);
}

bool fields_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0';
}

/* ---- which column ------------------------------------------------------- */

/* The position that a word of n bytes is, from 1; 0: it is a name. */
static size_t position(const char *word, size_t n)
{
    size_t v = 0;
    for (size_t i = 0; i < n; i++) {
        if (word[i] < '0' || word[i] > '9' || v > 100000)
            return 0;
        v = 10 * v + (size_t)(word[i] - '0');
    }
    return v;
}

static bool is_name(const char *word)
{
    return word && position(word, strlen(word)) == 0;
}

/* Whether any of a list, apart by comma, is a name. */
static bool has_name(const char *list)
{
    while (list) {
        const char *comma = strchr(list, ',');
        size_t n = comma ? (size_t)(comma - list) : strlen(list);
        if (position(list, n) == 0)
            return true;
        list = comma ? comma + 1 : NULL;
    }
    return false;
}

/* Whether column i, from 0, has another use than a value. */
static bool is_other(const struct csv_options *o, size_t i)
{
    const char *const words[] = {o->label, o->stream, o->end};
    for (size_t k = 0; k < 3; k++) {
        if (words[k] && position(words[k], strlen(words[k])) == i + 1)
            return true;
    }
    return false;
}

bool columns_is_header(const struct csv_options *o, const struct fields *first,
                       bool samples)
{
    size_t numbers = 0, words = 0;
    double v;
    if (is_name(o->label) || is_name(o->stream) || is_name(o->end) ||
        has_name(o->values))
        return true;
    for (size_t i = 0; i < first->n; i++) {
        if (is_other(o, i))
            continue;
        if (fields_number(first->text[i], &v))
            numbers++;
        else if (*first->text[i] || !samples)
            words++;
    }
    return words > 0 && (numbers == 0 || !samples);
}

/* What there is instead of a column, as far as there is room. */
static void tell_columns(const struct columns *c, const struct fields *header,
                         char why[WHY_MAX])
{
    size_t n = strlen(why);
    if (!header) {
        snprintf(why + n, WHY_MAX - n, "; there are %zu", c->n);
        return;
    }
    for (size_t i = 0; i < header->n; i++) {
        if (n + strlen(header->text[i]) > TOLD) {
            snprintf(why + n, WHY_MAX - n, ", ...");
            return;
        }
        n += (size_t)snprintf(why + n, WHY_MAX - n, "%s%s",
                              i ? ", " : "; the header has ", header->text[i]);
    }
}

/* Give the column that a word of n bytes says a role; its place, or -1. */
static int assign(struct columns *c, const struct fields *header,
                  const char *word, size_t n, int role, char why[WHY_MAX])
{
    size_t at = position(word, n);
    for (size_t i = 0; at == 0 && header && i < header->n; i++) {
        if (strlen(header->text[i]) == n &&
            memcmp(header->text[i], word, n) == 0)
            at = i + 1;
    }
    if (at == 0 || at > c->n) {
        snprintf(why, WHY_MAX, "column %.*s: there is no such column",
                 n < 60 ? (int)n : 60, word);
        tell_columns(c, header, why);
        return -1;
    }
    if (c->role[at - 1] != COLUMN_OUT) {
        snprintf(why, WHY_MAX, "column %.*s: it is named twice",
                 n < 60 ? (int)n : 60, word);
        return -1;
    }
    c->role[at - 1] = role;
    return 0;
}

static int assign_one(struct columns *c, const struct fields *header,
                      const char *word, int role, char why[WHY_MAX])
{
    return word ? assign(c, header, word, strlen(word), role, why) : 0;
}

/* The values that a list says; how many, or -1. */
static int assign_list(struct columns *c, const struct fields *header,
                       const char *list, char why[WHY_MAX])
{
    int values = 0;
    while (list) {
        const char *comma = strchr(list, ',');
        size_t n = comma ? (size_t)(comma - list) : strlen(list);
        if (assign(c, header, list, n, values, why) < 0)
            return -1;
        values++;
        list = comma ? comma + 1 : NULL;
    }
    return values;
}

/* ---- the plan ----------------------------------------------------------- */

static void note_add(char note[WHY_MAX], const struct fields *header, size_t i)
{
    size_t n = strlen(note);
    n += (size_t)snprintf(
        note + n, WHY_MAX - n, "%s%zu",
        n ? ", " : "left out, as it holds no numbers: column ", i + 1);
    if (header && i < header->n && n < WHY_MAX)
        snprintf(note + n, WHY_MAX - n, " (%.40s)", header->text[i]);
}

/* All columns that nothing else is said of; of samples without those whose
   first cell is no number. How many. */
static int assign_rest(struct columns *c, const struct fields *header,
                       const struct fields *row, bool samples,
                       char note[WHY_MAX])
{
    int values = 0;
    double v;
    for (size_t i = 0; i < c->n; i++) {
        if (c->role[i] != COLUMN_OUT)
            continue;
        if (samples && *row->text[i] && !fields_number(row->text[i], &v))
            note_add(note, header, i);
        else
            c->role[i] = values++;
    }
    return values;
}

/* Which columns are left out, and why. */
static void tell_left_out(const struct columns *c, const struct fields *header,
                          const struct fields *row, char why[WHY_MAX])
{
    const char *begin = "; left out: ";
    for (size_t i = 0; i < c->n; i++) {
        size_t n = strlen(why);
        if (c->role[i] != COLUMN_OUT || n > TOLD)
            continue;
        if (header && i < header->n)
            snprintf(why + n, WHY_MAX - n, "%s%.40s", begin, header->text[i]);
        else
            snprintf(why + n, WHY_MAX - n, "%scolumn %zu", begin, i + 1);
        n = strlen(why);
        snprintf(why + n, WHY_MAX - n, " (\"%.20s\" is no number)",
                 row->text[i]);
        begin = ", ";
    }
}

int columns_plan(struct columns *c, const struct csv_options *o,
                 const struct fields *header, const struct fields *row,
                 size_t values, bool samples, char note[WHY_MAX],
                 char why[WHY_MAX])
{
    c->n = row->n;
    c->role = must_alloc(c->n, sizeof *c->role);
    for (size_t i = 0; i < c->n; i++)
        c->role[i] = COLUMN_OUT;
    if (assign_one(c, header, o->label, COLUMN_LABEL, why) < 0 ||
        assign_one(c, header, o->stream, COLUMN_KEY, why) < 0 ||
        assign_one(c, header, o->end, COLUMN_END, why) < 0)
        return -1;
    int n = o->values ? assign_list(c, header, o->values, why)
                      : assign_rest(c, header, row, samples, note);
    if (n < 0)
        return -1;
    if ((size_t)n == values)
        return 0;
    if (samples || o->values)
        snprintf(why, WHY_MAX,
                 "%d column%s of numbers, and a sample of the model is %zu; "
                 "--columns says which",
                 n, n == 1 ? "" : "s", values);
    else
        snprintf(why, WHY_MAX,
                 "%d numbers beside the label, and the model takes %zu; "
                 "--label-column names the label's column",
                 n, values);
    if (!o->values)
        tell_left_out(c, header, row, why);
    return -1;
}

void columns_release(struct columns *c)
{
    free(c->role);
    memset(c, 0, sizeof *c);
}
