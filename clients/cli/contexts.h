/*
 * contexts.h -- a text as questions: what comes after these symbols?
 *
 * Each byte of an input makes a frame, the `length` bytes before it, with zeros
 * where there are none, and is its label, by the name that ffd gives a symbol.
 */
#ifndef CLI_CONTEXTS_H
#define CLI_CONTEXTS_H

#include "clients/cli/input.h"

#define SYMBOL_MAX 5 /* of a symbol's name, with terminator */

/* The character, where it is printable ASCII; else \xNN. */
void symbol_name(char out[SYMBOL_MAX], uint8_t symbol);

struct contexts {
    struct input *in; /* borrowed */
    size_t length;
    uint8_t *context; /* (length) owned */
    uint8_t last;     /* comes behind it */
    bool begun;
    char names[256][SYMBOL_MAX];
};

void contexts_init(struct contexts *c, struct input *in, size_t length);
void contexts_release(struct contexts *c);

/* As input_next. */
int contexts_next(struct contexts *c, struct input_frame *out,
                  char why[WHY_MAX]);

#endif
