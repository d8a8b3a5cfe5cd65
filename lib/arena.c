#include "lib/arena.h"

#include <stdlib.h>
#include <string.h>

#include "lib/status.h"

_Bool (*ff_alloc_hook)(size_t bytes);

static size_t aligned(size_t bytes)
{
    return (bytes + FF_ALIGN - 1) / FF_ALIGN * FF_ALIGN;
}

void *ff_alloc(size_t bytes)
{
    if (ff_alloc_hook && !ff_alloc_hook(bytes))
        return NULL;
    size_t size = aligned(bytes ? bytes : 1);
    void *p = aligned_alloc(FF_ALIGN, size);
    if (p)
        memset(p, 0, size);
    return p;
}

void ff_release(void *p)
{
    free(p);
}

int ff_arena_init(struct ff_arena *a)
{
    a->base = ff_alloc(a->used);
    if (!a->base)
        return FF_ENOMEM;
    a->used = 0;
    return 0;
}

void ff_arena_release(struct ff_arena *a)
{
    ff_release(a->base);
    a->base = NULL;
    a->used = 0;
}

void *ff_arena_take(struct ff_arena *a, size_t n, size_t size)
{
    void *piece = a->base ? a->base + a->used : NULL;
    a->used += aligned(n * size);
    return piece;
}
