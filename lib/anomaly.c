#include "lib/anomaly.h"

#include <math.h>
#include <string.h>

#include "lib/hot.h"
#include "lib/spec.h"

void ff_anomaly_carve(struct ff_anomaly *a, struct ff_arena *arena, size_t R,
                      size_t D, size_t k)
{
    *a = (struct ff_anomaly){.R = R, .D = D, .k = k};
    a->rows = ff_arena_take(arena, R * D, sizeof *a->rows);
    a->key = ff_arena_take(arena, R, sizeof *a->key);
    a->made = ff_arena_take(arena, R, sizeof *a->made);
    a->seen = ff_arena_take(arena, 1, sizeof *a->seen);
    a->scores = ff_arena_take(arena, FF_ANOMALY_SCORES, sizeof *a->scores);
    a->scored = ff_arena_take(arena, 1, sizeof *a->scored);
    a->alarms = ff_arena_take(arena, 1, sizeof *a->alarms);
}

/* Eight sums, so that they need not wait for one another. */
FF_HOT static float distance(const float *a, const float *b, size_t D)
{
    float sum[8] = {0}, all = 0;
    size_t i = 0;
    for (; i + 8 <= D; i += 8)
        for (size_t j = 0; j < 8; j++) {
            float d = a[i + j] - b[i + j];
            sum[j] += d * d;
        }
    for (; i < D; i++)
        all += (a[i] - b[i]) * (a[i] - b[i]);
    for (size_t j = 0; j < 8; j++)
        all += sum[j];
    return all;
}

/* The least k, ascending, of what is added one by one. */
static size_t insert(float *least, size_t n, size_t k, float d)
{
    size_t i = n < k ? n : k - 1;
    if (n >= k && d >= least[k - 1])
        return n;
    for (; i > 0 && least[i - 1] > d; i--)
        least[i] = least[i - 1];
    least[i] = d;
    return n < k ? n + 1 : k;
}

static bool overlaps(const struct ff_anomaly *a, size_t i, uint64_t key,
                     uint64_t made, uint64_t shares)
{
    return a->key[i] == key && a->made[i] <= made &&
           made - a->made[i] <= shares;
}

float ff_anomaly_score(const struct ff_anomaly *a, const float *w, uint64_t key,
                       uint64_t made, uint64_t shares)
{
    float least[FF_NEAR_MAX] = {0}, sum = 0;
    size_t kept = *a->seen < a->R ? (size_t)*a->seen : a->R, n = 0;
    for (size_t i = 0; i < kept; i++)
        if (!overlaps(a, i, key, made, shares))
            n = insert(least, n, a->k, distance(w, a->rows + i * a->D, a->D));
    if (n < a->k)
        return NAN;
    for (size_t i = 0; i < n; i++)
        sum += least[i] / (float)n;
    return sum / (float)a->D;
}

float ff_anomaly_p(const struct ff_anomaly *a, float s)
{
    size_t above = 0, n = *a->scored < FF_ANOMALY_SCORES ? (size_t)*a->scored
                                                         : FF_ANOMALY_SCORES;
    if (!isfinite(s) || n < FF_ANOMALY_LEAST)
        return NAN;
    for (size_t i = 0; i < n; i++)
        above += a->scores[i] >= s;
    return (float)(1 + above) / (float)(1 + n);
}

void ff_anomaly_keep(struct ff_anomaly *a, const float *w, float s,
                     uint64_t key, uint64_t made, struct ff_rng *g)
{
    uint64_t at = (*a->seen)++;
    if (isfinite(s))
        a->scores[(*a->scored)++ % FF_ANOMALY_SCORES] = s;
    if (at >= a->R)
        at = ff_rng_below(g, at + 1);
    if (at >= a->R)
        return;
    memcpy(a->rows + at * a->D, w, a->D * sizeof *w);
    a->key[at] = key;
    a->made[at] = made;
}

void ff_anomaly_forget(struct ff_anomaly *a)
{
    memset(a->rows, 0, a->R * a->D * sizeof *a->rows);
    memset(a->key, 0, a->R * sizeof *a->key);
    memset(a->made, 0, a->R * sizeof *a->made);
    *a->seen = 0;
}

bool ff_anomaly_holds(const struct ff_anomaly *a)
{
    return *a->seen <= FF_COUNT_MAX && *a->scored <= FF_COUNT_MAX &&
           *a->alarms <= FF_COUNT_MAX;
}
