#include "clients/c/alloc.h"

#include <stdlib.h>

static _Thread_local size_t fail_at;

static int refused(void)
{
    return fail_at > 0 && --fail_at == 0;
}

void *ffc_alloc(size_t n)
{
    return refused() ? NULL : malloc(n ? n : 1);
}

void *ffc_calloc(size_t n, size_t each)
{
    return refused() ? NULL : calloc(n ? n : 1, each ? each : 1);
}

void *ffc_grow(void *p, size_t n)
{
    return refused() ? NULL : realloc(p, n ? n : 1);
}

void ffc_free(void *p)
{
    free(p);
}

void ffc_alloc_fail_at(size_t k)
{
    fail_at = k;
}
