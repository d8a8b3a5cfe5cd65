/*
 * slots.h -- which place a stream's state has, by its key.
 *
 * There are S places. A key that is new takes a free one, or that of the key
 * that was silent longest: who that is follows from the order of samples
 * alone. Keys are found through chains that hold no state of their own, so a
 * snapshot needs but `key` and `used`.
 */
#ifndef FF_SLOTS_H
#define FF_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"

struct ff_slots {
    size_t S;
    uint64_t *key;   /* (S) */
    uint64_t *used;  /* (S) clock of its newest sample; 0: free */
    uint64_t *clock; /* (1) samples of all keys */
    uint64_t *gone;  /* (1) keys that gave way */
    uint32_t *first; /* (S) by hash: place + 1 of a chain's first; 0: none */
    uint32_t *next;  /* (S) the same of the one behind */
};

void ff_slots_carve(struct ff_slots *s, struct ff_arena *a, size_t S);

/* The key's place, or S. */
size_t ff_slots_find(const struct ff_slots *s, uint64_t key);

/* The key's place, for one more sample of it; fresh: it is new there, and what
   the place holds is another's. */
size_t ff_slots_use(struct ff_slots *s, uint64_t key, bool *fresh);

/* How many are in use. */
size_t ff_slots_count(const struct ff_slots *s);

/* Make the chains after key and used were read; false if they contradict each
   other. */
bool ff_slots_chain(struct ff_slots *s);

#endif
