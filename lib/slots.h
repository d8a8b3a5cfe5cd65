/*
 * slots.h -- which place a stream's state has, by its key.
 *
 * A key that nothing was learned of yet is a guest: it was only looked at, and
 * takes no place from one that is learned from, but what these leave free and
 * some places more. A key that is new takes a free place, or that of the key of
 * its kind that was silent longest: who that is follows from the order of
 * samples alone. Keys are found through chains that hold no state of their
 * own, so a snapshot needs but `key`, `used` and `guest`.
 */
#ifndef FF_SLOTS_H
#define FF_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"

#define FF_GUESTS_MAX 64 /* guests' own places: as many as keys, at most */

struct ff_slots {
    size_t S, guests; /* places in all; of these for guests alone */
    uint64_t *key;    /* (S) */
    uint64_t *used;   /* (S) clock of its newest sample; 0: free */
    uint64_t *clock;  /* (1) samples of all keys */
    uint8_t *guest;   /* (S) whether its key is one */
    uint64_t *gone;   /* (1) keys that gave way, guests not counted */
    uint32_t *first;  /* (S) by hash: place + 1 of a chain's first; 0: none */
    uint32_t *next;   /* (S) the same of the one behind */
};

/* Places in all, where so many keys are learned from. */
size_t ff_slots_of(size_t keys);

void ff_slots_carve(struct ff_slots *s, struct ff_arena *a, size_t keys);

/* The key's place, or S. */
size_t ff_slots_find(const struct ff_slots *s, uint64_t key);

/* The key's place, for one more sample of it, which is learned or only looked
   at; fresh: it is new there, and what the place holds is another's. */
size_t ff_slots_use(struct ff_slots *s, uint64_t key, bool learned,
                    bool *fresh);

/* Keys in use, guests or not. */
size_t ff_slots_count(const struct ff_slots *s, bool guests);

/* Make the chains after key and used were read; false if they contradict each
   other. */
bool ff_slots_chain(struct ff_slots *s);

#endif
