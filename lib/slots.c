#include "lib/slots.h"

#include <string.h>

static size_t guests_of(size_t keys)
{
    return keys < FF_GUESTS_MAX ? keys : FF_GUESTS_MAX;
}

size_t ff_slots_of(size_t keys)
{
    return keys + guests_of(keys);
}

void ff_slots_carve(struct ff_slots *s, struct ff_arena *a, size_t keys)
{
    size_t S = ff_slots_of(keys);
    s->S = S;
    s->guests = guests_of(keys);
    s->key = ff_arena_take(a, S, sizeof *s->key);
    s->used = ff_arena_take(a, S, sizeof *s->used);
    s->guest = ff_arena_take(a, S, sizeof *s->guest);
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

/* The one of a kind that was silent longest goes; there is one. */
static void send_away(struct ff_slots *s, bool guest)
{
    size_t oldest = s->S;
    for (size_t i = 0; i < s->S; i++)
        if (s->used[i] > 0 && s->guest[i] == guest &&
            (oldest == s->S || s->used[i] < s->used[oldest]))
            oldest = i;
    unchain(s, oldest);
    s->used[oldest] = 0;
    *s->gone += !guest;
}

static bool is_full(const struct ff_slots *s)
{
    return ff_slots_count(s, false) == s->S - s->guests;
}

static size_t free_place(const struct ff_slots *s)
{
    size_t slot = 0;
    while (slot < s->S && s->used[slot] > 0)
        slot++;
    return slot;
}

static size_t enter(struct ff_slots *s, uint64_t key, bool guest)
{
    if (!guest && is_full(s))
        send_away(s, false);
    else if (free_place(s) == s->S)
        send_away(s, true);
    size_t slot = free_place(s);
    s->key[slot] = key;
    s->guest[slot] = guest;
    chain(s, slot);
    return slot;
}

size_t ff_slots_use(struct ff_slots *s, uint64_t key, bool learned, bool *fresh)
{
    size_t slot = ff_slots_find(s, key);
    *fresh = slot == s->S;
    if (*fresh) {
        slot = enter(s, key, !learned);
    } else if (learned && s->guest[slot]) {
        if (is_full(s))
            send_away(s, false);
        s->guest[slot] = 0;
    }
    s->used[slot] = ++*s->clock;
    return slot;
}

size_t ff_slots_count(const struct ff_slots *s, bool guests)
{
    size_t n = 0;
    for (size_t i = 0; i < s->S; i++)
        n += s->used[i] > 0 && s->guest[i] == guests;
    return n;
}

bool ff_slots_chain(struct ff_slots *s)
{
    memset(s->first, 0, s->S * sizeof *s->first);
    for (size_t i = 0; i < s->S; i++) {
        if (s->used[i] > *s->clock || s->guest[i] > 1)
            return false;
        if (s->used[i] == 0)
            continue;
        if (ff_slots_find(s, s->key[i]) != s->S)
            return false;
        chain(s, i);
    }
    return ff_slots_count(s, false) <= s->S - s->guests;
}
