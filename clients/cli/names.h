/*
 * names.h -- label strings, each kept once and known by a number.
 *
 * Frames carry the number; the string lives as long as the table. -1 means
 * no label.
 */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include <stddef.h>

struct names {
    char **text; /* (n) owned */
    size_t n, room;
    size_t last; /* found last: streams repeat themselves */
};

void names_init(struct names *s);
void names_release(struct names *s);

/* The number of a string, which is copied on first sight. */
int names_put(struct names *s, const char *text, size_t n);

/* Borrowed string of a number; NULL for -1. */
const char *names_get(const struct names *s, int i);

/* Order for people: numbers by value, before words by byte. */
int names_compare(const char *a, const char *b);

#endif
