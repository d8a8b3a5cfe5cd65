/*
 * pending.h -- frames that came without a label and may get one later.
 *
 * A ring: the newest takes the place of the oldest. A frame waits under the
 * id that its sender was told, for at most `age` frames of the stream (0: as
 * long as there is room), and is given out once. Age is counted in frames and
 * not in seconds, so that what a label finds does not depend on how fast
 * frames come.
 *
 * Finding an id is a scan of all ids, newest first.
 */
#ifndef FF_PENDING_H
#define FF_PENDING_H

#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"

struct ff_pending {
    size_t capacity, row_bytes;
    uint8_t *rows;  /* (capacity, row_bytes) */
    uint64_t *id;   /* (capacity) 0: free, or its label has come */
    uint64_t *seq;  /* (capacity) place in the stream */
    uint64_t *next; /* (1) slot that the next frame goes to */
};

void ff_pending_carve(struct ff_pending *p, struct ff_arena *a, size_t capacity,
                      size_t row_bytes);

/* Keep a copy of a frame; id is not 0. */
void ff_pending_keep(struct ff_pending *p, const void *frame, uint64_t id,
                     uint64_t seq);

/* The frame of an id, borrowed until the next one is kept; NULL if it is not
   there or came more than `age` frames before seq. It stays until taken. */
const void *ff_pending_find(const struct ff_pending *p, uint64_t id,
                            uint64_t seq, uint64_t age);

/* Its label has come. Unknown ids are ignored. */
void ff_pending_take(struct ff_pending *p, uint64_t id);

/* No byte of what waited is kept. */
void ff_pending_clear(struct ff_pending *p);

/* How many wait. */
size_t ff_pending_count(const struct ff_pending *p);

#endif
