#include "lib/calibrate.h"

#include <math.h>

#include "lib/loss.h"
#include "lib/memory.h"
#include "lib/rng.h"

#define LOG_T_MAX 3.0f /* T from 1/20 to 20 */
#define HALVINGS  18   /* of 6: T within 0.003 % */
#define DOUBT     1.0  /* weight of log(T)^2 / 2 beside the sum of losses */

bool ff_calibrate_spares(uint64_t seed, uint64_t seq, uint64_t every,
                         uint64_t seen)
{
    if (every == 0 || seen < FF_MEMORY_YOUNG)
        return false;
    struct ff_rng g;
    ff_rng_init(&g, seed ^ (seq / every + 1) * 0x9e3779b97f4a7c15);
    return ff_rng_below(&g, every) == seq % every;
}

/* d/dT of the sum of -log softmax(T g)_t: what T g believes of g, less the
   true entry. It grows with T, as log-sum-exp is convex. */
static double slope(const float *g, const int *classes, const uint8_t *live,
                    size_t n, size_t K, float T)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const float *row = g + i * K;
        float lse = ff_log_sum_exp(row, live, K, T);
        float own = row[classes[i]];
        for (size_t k = 0; k < K; k++)
            if (live[k])
                sum += (double)(expf(T * row[k] - lse) * (row[k] - own));
    }
    return sum;
}

float ff_calibrate_temperature(const float *g, const int *classes,
                               const uint8_t *live, size_t n, size_t K)
{
    if (n < FF_CALIBRATE_LEAST)
        return 1;
    float low = -LOG_T_MAX, high = LOG_T_MAX;
    for (int i = 0; i < HALVINGS; i++) {
        float middle = 0.5f * (low + high);
        float T = expf(middle);
        double s = (double)T * slope(g, classes, live, n, K, T) +
                   DOUBT * (double)middle; /* d/d log T of all */
        if (!isfinite(s))
            return 1;
        if (s > 0)
            high = middle;
        else
            low = middle;
    }
    return expf(0.5f * (low + high));
}

void ff_pvalues_carve(struct ff_pvalues *p, struct ff_arena *a, size_t capacity)
{
    *p = (struct ff_pvalues){.capacity = capacity};
    p->scores = ff_arena_take(a, capacity, sizeof *p->scores);
}

static void sift(float *x, size_t i, size_t n)
{
    float v = x[i];
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && x[child + 1] > x[child])
            child++;
        if (x[child] <= v)
            break;
        x[i] = x[child];
    }
    x[i] = v;
}

/* Heapsort: qsort may allocate. */
static void sort(float *x, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(x, i, n);
    while (n-- > 1) {
        float top = x[0];
        x[0] = x[n];
        x[n] = top;
        sift(x, 0, n);
    }
}

void ff_pvalues_fit(struct ff_pvalues *p, const float *scores, size_t n)
{
    p->n = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(scores[i]))
            p->scores[p->n++] = scores[i];
    sort(p->scores, p->n);
}

/* How many of the ascending x are below s. */
static size_t below(const float *x, size_t n, float s)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x[middle] < s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

float ff_pvalues_of(const struct ff_pvalues *p, float score)
{
    if (p->n < FF_CALIBRATE_LEAST || isnan(score))
        return NAN;
    size_t as_strange = p->n - below(p->scores, p->n, score);
    return (float)(1 + as_strange) / (float)(p->n + 1);
}
