/*
 * columns.h -- lines of a CSV file as fields, and what each column is.
 */
#ifndef CLI_COLUMNS_H
#define CLI_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/cli/source.h"

struct fields {
    char **text; /* (n) into the line, terminated, without blanks and quotes */
    size_t n, room;
};

/* Cut a line in place. */
void fields_split(struct fields *f, char *line, char apart);
void fields_release(struct fields *f);

bool fields_number(const char *text, double *value);

/* Of a column: which value it is, or */
enum { COLUMN_OUT = -1, COLUMN_LABEL = -2, COLUMN_KEY = -3, COLUMN_END = -4 };

struct columns {
    int *role; /* (n) owned */
    size_t n;
};

/* Whether the first line is a header: some option names a column, or a value
   is no number (of samples: none is, and some are there). */
bool columns_is_header(const struct csv_options *o, const struct fields *first,
                       bool samples);

/*
 * Roles for `values` values a row, by the header (NULL: there is none) and the
 * first row. What is left out is told in note. -1 with why; release in either
 * case.
 */
int columns_plan(struct columns *c, const struct csv_options *o,
                 const struct fields *header, const struct fields *row,
                 size_t values, bool samples, char note[WHY_MAX],
                 char why[WHY_MAX]);
void columns_release(struct columns *c);

#endif
