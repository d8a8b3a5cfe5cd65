#include "lib/moments.h"

#include <math.h>

#define KNOWN 32 /* values after which a spike is told from what is usual */
#define SPIKE 4  /* deviations */

static float within(float x, float reach)
{
    return x > reach ? reach : x < -reach ? -reach : x;
}

void ff_moments_add(struct ff_moments *m, size_t c, float x, uint64_t horizon)
{
    float d = x - m->mean[c];
    m->n[c] += m->n[c] < horizon;
    float w = 1 / (float)m->n[c];
    if (m->n[c] > KNOWN && m->variance[c] > 0)
        d = within(d, SPIKE * sqrtf(m->variance[c]));
    m->mean[c] += w * d;
    m->variance[c] = (1 - w) * (m->variance[c] + w * d * d);
}

float ff_moments_standard(const struct ff_moments *m, size_t c, float x)
{
    if (!(m->variance[c] > 0))
        return 0;
    return within((x - m->mean[c]) / sqrtf(m->variance[c]), FF_MOMENTS_REACH);
}
