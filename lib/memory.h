/*
 * memory.h -- remembered frames, as many of each class as there is room for.
 *
 * A class-balancing reservoir (Chrysakis and Moens, "Online Continual Learning
 * from Imbalanced Data", 2020): while there is room every frame is kept; then
 * a frame of a class that is not among the fullest takes the place of a random
 * frame of the fullest, and a frame of a fullest class the place of a random
 * one of its own, with probability kept / seen, so that each class holds an
 * even sample of all it ever showed.
 *
 * Frames are kept as the bytes they came as. `order` lists the slots grouped
 * by class: class k's are order[start[k]] .. order[start[k+1] - 1]. A slot
 * changes its class by moving one slot over each border in between.
 */
#ifndef FF_MEMORY_H
#define FF_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/rng.h"

#define FF_MEMORY_YOUNG        100 /* frames shown until a class is grown up */
#define FF_MEMORY_YOUNG_WEIGHT 5

struct ff_memory {
    size_t capacity, row_bytes, K;
    uint8_t *rows;   /* (capacity, row_bytes) */
    uint32_t *order; /* (capacity) */
    uint32_t *start; /* (K + 1); start[K] is how many are kept */
    uint64_t *seen;  /* (K) frames ever shown */
};

void ff_memory_carve(struct ff_memory *m, struct ff_arena *a, size_t capacity,
                     size_t row_bytes, size_t K);

/* Keep a copy of the frame, or not, by the rule above. */
void ff_memory_keep(struct ff_memory *m, struct ff_rng *g, const void *frame,
                    int class_);

/* How many frames are kept, in all or of a class. */
size_t ff_memory_count(const struct ff_memory *m);
size_t ff_memory_count_of(const struct ff_memory *m, int class_);

/* A kept frame, borrowed: a class drawn evenly, but a young one more
   often, or it would hardly be believed beside the ones that are known well;
   then one of its frames. NULL while nothing is kept. */
const void *ff_memory_draw(const struct ff_memory *m, struct ff_rng *g,
                           int *class_);

/* The same, evenly over frames whatever their class. */
const void *ff_memory_draw_any(const struct ff_memory *m, struct ff_rng *g,
                               int *class_);

/* All frames of a class are of the other from now on, and count for it. It may
   hold more than its share then; new frames of others take their place. */
void ff_memory_merge(struct ff_memory *m, int from, int to);

/* No byte of a class's frames is kept. Frames of others stay, some of them
   elsewhere in rows. */
void ff_memory_forget(struct ff_memory *m, int class_);

#endif
