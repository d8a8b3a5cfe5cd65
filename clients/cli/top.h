/*
 * top.h -- what `stats` tells, as a table that fits.
 *
 * Pure: numbers and a size in, text out. Columns that matter least go first
 * when the terminal is narrow, models from the end when it is low, and a line
 * says how many.
 */
#ifndef CLI_TOP_H
#define CLI_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "clients/c/ffclient.h"

#define TOP_SPARK  16 /* accuracies that a line of blocks shows */
#define TOP_MODELS 64 /* whose accuracies are kept */

/* Accuracies of models, the newest last. */
struct top_past {
    struct top_spark {
        char name[65];
        double v[TOP_SPARK];
        size_t n;
    } at[TOP_MODELS];
    size_t n;
};

struct top_view {
    size_t columns, rows; /* 0: as many as it takes */
    size_t first;         /* model at the top */
    bool colours;
    bool blocks;                 /* the terminal shows UTF-8 */
    const char *note;            /* below the table, or NULL */
    const struct top_past *past; /* or NULL */
};

/* Add what stats tell. */
void top_remember(struct top_past *past, const struct ffc_value *stats);

/* The whole table. stats NULL: nothing is known yet. */
void top_draw(FILE *to, const struct ffc_value *stats,
              const struct top_view *view);

#endif
