#include "lib/typical.h"

#include <float.h>
#include <math.h>

void ff_typical_carve(struct ff_typical *t, struct ff_arena *a, size_t J,
                      size_t capacity)
{
    *t = (struct ff_typical){.J = J};
    ff_pvalues_carve(&t->p, a, capacity);
}

float ff_typical_witness(float x)
{
    return logf(x > FLT_MIN ? x : isnan(x) ? x : FLT_MIN);
}

/* Mean and 1 / deviation of column j; scale 0 if there is no such thing. */
static void standardise(struct ff_typical *t, const float *w, size_t n,
                        size_t j)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)w[i * t->J + j];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        double off = (double)w[i * t->J + j] - mean;
        squares += off * off;
    }
    double deviation = sqrt(squares / (double)n);
    bool heard = deviation > 1e-6 * fabs(mean); /* false for NaN too */
    t->mean[j] = heard ? (float)mean : 0;
    t->scale[j] = heard ? (float)(1 / deviation) : 0;
}

void ff_typical_fit(struct ff_typical *t, const float *w, size_t n, float *room)
{
    for (size_t j = 0; j < t->J; j++)
        standardise(t, w, n, j);
    for (size_t i = 0; i < n; i++)
        room[i] = ff_typical_score(t, w + i * t->J);
    ff_pvalues_fit(&t->p, room, n);
}

float ff_typical_score(const struct ff_typical *t, const float *w)
{
    float sum = 0;
    bool any = false;
    for (size_t j = 0; j < t->J; j++) {
        if (t->scale[j] == 0)
            continue;
        sum += (w[j] - t->mean[j]) * t->scale[j];
        any = true;
    }
    return any ? sum : NAN;
}

float ff_typical_p(const struct ff_typical *t, const float *w)
{
    return ff_pvalues_of(&t->p, ff_typical_score(t, w));
}
