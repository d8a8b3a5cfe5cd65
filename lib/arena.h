/*
 * arena.h -- one aligned block, carved once.
 *
 * A model is one block: what it needs is known when it is made, so nothing is
 * allocated later and nothing can be forgotten when it is freed. The carver
 * runs twice over the same code: first without a block, to measure; then with
 * it, to hand out. Every piece starts on a cache line.
 */
#ifndef FF_ARENA_H
#define FF_ARENA_H

#include <stddef.h>

#define FF_ALIGN 64

struct ff_arena {
    unsigned char *base; /* owned; NULL while measuring */
    size_t used;
};

/* A zeroed block of the measured size takes the place of the measure, which
   starts again at 0. FF_ENOMEM leaves the arena measuring. */
int ff_arena_init(struct ff_arena *a);
void ff_arena_release(struct ff_arena *a);

/* n pieces of `size` bytes, borrowed from the arena; NULL while measuring. */
void *ff_arena_take(struct ff_arena *a, size_t n, size_t size);

/* The one allocator of lib, zeroed and aligned; a test may make it fail. */
void *ff_alloc(size_t bytes);
void ff_release(void *p);

/* Called before each allocation when set; false makes it fail. For tests. */
extern _Bool (*ff_alloc_hook)(size_t bytes);

#endif
