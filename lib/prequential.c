#include "lib/prequential.h"

#include <math.h>

#define WINDOW FF_PREQUENTIAL_WINDOW
#define FADE   0.999

void ff_prequential_carve(struct ff_prequential *p, struct ff_arena *a)
{
    p->ring = ff_arena_take(a, WINDOW, sizeof *p->ring);
    p->count = ff_arena_take(a, 2, sizeof *p->count);
    p->fading = ff_arena_take(a, 2, sizeof *p->fading);
}

void ff_prequential_add(struct ff_prequential *p, bool right)
{
    uint8_t *at = &p->ring[p->count[0]++ % WINDOW];
    p->count[1] += (uint64_t)right - *at;
    *at = right;
    p->fading[0] = FADE * p->fading[0] + right;
    p->fading[1] = FADE * p->fading[1] + 1;
}

double ff_prequential_newest(const struct ff_prequential *p, uint64_t n)
{
    uint64_t right = 0;
    if (n > p->count[0])
        n = p->count[0];
    for (uint64_t i = 1; i <= n; i++)
        right += p->ring[(p->count[0] - i) % WINDOW];
    return n ? (double)right / (double)n : NAN;
}

double ff_prequential_window(const struct ff_prequential *p)
{
    uint64_t n = p->count[0] < WINDOW ? p->count[0] : WINDOW;
    return n ? (double)p->count[1] / (double)n : NAN;
}

double ff_prequential_fading(const struct ff_prequential *p)
{
    return p->fading[1] > 0 ? p->fading[0] / p->fading[1] : NAN;
}
