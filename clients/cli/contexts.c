#include "clients/cli/contexts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

void symbol_name(char out[SYMBOL_MAX], uint8_t symbol)
{
    bool plain = symbol >= ' ' && symbol < 127;
    snprintf(out, SYMBOL_MAX, plain ? "%c" : "\\x%02x", symbol);
}

void contexts_init(struct contexts *c, struct input *in, size_t length)
{
    memset(c, 0, sizeof *c);
    c->in = in;
    c->length = length;
    c->context = must_alloc(length, 1);
    for (int i = 0; i < 256; i++)
        symbol_name(c->names[i], (uint8_t)i);
}

void contexts_release(struct contexts *c)
{
    free(c->context);
    c->context = NULL;
}

int contexts_next(struct contexts *c, struct input_frame *out,
                  char why[WHY_MAX])
{
    int got = input_next(c->in, out, why);
    if (got <= 0)
        return got;
    if (c->begun) {
        memmove(c->context, c->context + 1, c->length - 1);
        c->context[c->length - 1] = c->last;
    }
    c->begun = true;
    c->last = *(const uint8_t *)out->data;
    out->data = c->context;
    out->label = c->names[c->last];
    return 1;
}
