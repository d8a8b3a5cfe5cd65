#include "clients/cli/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *p)
{
    if (p)
        return p;
    fputs("ffctl: out of memory; try --limit\n", stderr);
    exit(1);
}

void *must_alloc(size_t n, size_t each)
{
    return checked(calloc(n ? n : 1, each ? each : 1));
}

void *must_grow(void *p, size_t n, size_t each)
{
    if (each && n > SIZE_MAX / each)
        return checked(NULL);
    size_t bytes = n * each;
    return checked(realloc(p, bytes ? bytes : 1));
}

char *must_copy(const char *text, size_t n)
{
    char *copy = must_alloc(n + 1, 1);
    memcpy(copy, text, n);
    return copy;
}
