#include "lib/pending.h"

#include <string.h>

void ff_pending_carve(struct ff_pending *p, struct ff_arena *a, size_t capacity,
                      size_t row_bytes)
{
    *p = (struct ff_pending){.capacity = capacity, .row_bytes = row_bytes};
    p->rows = ff_arena_take(a, capacity, row_bytes);
    p->id = ff_arena_take(a, capacity, sizeof *p->id);
    p->seq = ff_arena_take(a, capacity, sizeof *p->seq);
    p->next = ff_arena_take(a, 1, sizeof *p->next);
}

void ff_pending_keep(struct ff_pending *p, const void *frame, uint64_t id,
                     uint64_t seq)
{
    if (p->capacity == 0)
        return;
    size_t slot = *p->next;
    memcpy(p->rows + slot * p->row_bytes, frame, p->row_bytes);
    p->id[slot] = id;
    p->seq[slot] = seq;
    *p->next = (slot + 1) % p->capacity;
}

/* The slot of an id, or capacity. */
static size_t slot_of(const struct ff_pending *p, uint64_t id)
{
    for (size_t i = 0; i < p->capacity && id != 0; i++) {
        size_t slot = (*p->next + p->capacity - 1 - i) % p->capacity;
        if (p->id[slot] == id)
            return slot;
    }
    return p->capacity;
}

const void *ff_pending_find(const struct ff_pending *p, uint64_t id,
                            uint64_t seq, uint64_t age)
{
    size_t slot = slot_of(p, id);
    if (slot == p->capacity || (age > 0 && seq - p->seq[slot] > age))
        return NULL;
    return p->rows + slot * p->row_bytes;
}

void ff_pending_take(struct ff_pending *p, uint64_t id)
{
    size_t slot = slot_of(p, id);
    if (slot < p->capacity)
        p->id[slot] = 0;
}

void ff_pending_clear(struct ff_pending *p)
{
    if (p->capacity > 0) {
        memset(p->rows, 0, p->capacity * p->row_bytes);
        memset(p->id, 0, p->capacity * sizeof *p->id);
        memset(p->seq, 0, p->capacity * sizeof *p->seq);
    }
    *p->next = 0;
}

size_t ff_pending_count(const struct ff_pending *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->capacity; i++)
        n += p->id[i] != 0;
    return n;
}
