#include "lib/slots.h"

#include <string.h>

void ff_slots_carve(struct ff_slots *s, struct ff_arena *a, size_t S)
{
    s->S = S;
    s->key = ff_arena_take(a, S, sizeof *s->key);
    s->used = ff_arena_take(a, S, sizeof *s->used);
    s->clock = ff_arena_take(a, 1, sizeof *s->clock);
    s->gone = ff_arena_take(a, 1, sizeof *s->gone);
    s->first = ff_arena_take(a, S, sizeof *s->first);
    s->next = ff_arena_take(a, S, sizeof *s->next);
}

/* Keys may be hashes or small numbers: spread either (Knuth, The Art of
   Computer Programming, section 6.4). */
static size_t chain_of(const struct ff_slots *s, uint64_t key)
{
    return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % s->S;
}

size_t ff_slots_find(const struct ff_slots *s, uint64_t key)
{
    size_t at = s->first[chain_of(s, key)];
    while (at > 0 && s->key[at - 1] != key)
        at = s->next[at - 1];
    return at > 0 ? at - 1 : s->S;
}

static void chain(struct ff_slots *s, size_t slot)
{
    uint32_t *first = &s->first[chain_of(s, s->key[slot])];
    s->next[slot] = *first;
    *first = (uint32_t)slot + 1;
}

static void unchain(struct ff_slots *s, size_t slot)
{
    uint32_t *at = &s->first[chain_of(s, s->key[slot])];
    while (*at != slot + 1)
        at = &s->next[*at - 1];
    *at = s->next[slot];
}

/* A free place, or that of who was silent longest. */
static size_t longest_silent(const struct ff_slots *s)
{
    size_t oldest = 0;
    for (size_t i = 1; i < s->S; i++)
        if (s->used[i] < s->used[oldest])
            oldest = i;
    return oldest;
}

size_t ff_slots_use(struct ff_slots *s, uint64_t key, bool *fresh)
{
    size_t slot = ff_slots_find(s, key);
    *fresh = slot == s->S;
    if (*fresh) {
        slot = longest_silent(s);
        if (s->used[slot] > 0) {
            unchain(s, slot);
            ++*s->gone;
        }
        s->key[slot] = key;
        chain(s, slot);
    }
    s->used[slot] = ++*s->clock;
    return slot;
}

size_t ff_slots_count(const struct ff_slots *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->S; i++)
        n += s->used[i] > 0;
    return n;
}

bool ff_slots_chain(struct ff_slots *s)
{
    memset(s->first, 0, s->S * sizeof *s->first);
    for (size_t i = 0; i < s->S; i++) {
        if (s->used[i] > *s->clock)
            return false;
        if (s->used[i] == 0)
            continue;
        if (ff_slots_find(s, s->key[i]) != s->S)
            return false;
        chain(s, i);
    }
    return true;
}
