/*
 * average.c -- the running mean of the parameters, which answers come from.
 *
 * Averaged weights answer better and steadier than the live ones. The decay is
 * per 32 frames taught and bias-corrected: a frame weighs at least 1 / age, or
 * early answers would be near random. Averaging is a pass over all weights, so
 * it is done every EVERY frames, more often while young; when is decided by
 * counts alone, so that it can be done again bit for bit. Publishing reads
 * through to the present weights and leaves the average as it is.
 */
#include <math.h>
#include <string.h>

#include "lib/hot.h"
#include "lib/model.h"

#define EVERY 256

/* Weight of the present parameters after `fresh` frames since the last. */
static float weight(const struct ff_model *m)
{
    uint64_t fresh = m->count->taught - m->count->averaged;
    if (m->count->taught == 0) /* it has just begun (again) */
        return 1;
    if (fresh == 0)
        return 0;
    float young = (float)fresh / (float)m->count->taught;
    float old = 1 - powf(m->spec.average, (float)fresh / 32);
    return young > old ? young : old;
}

FF_HOT static void blend(float *out, const float *average, const float *params,
                         size_t n, float w)
{
    for (size_t i = 0; i < n; i++)
        out[i] = average[i] + w * (params[i] - average[i]);
}

void ff_average_taught(struct ff_model *m, size_t n)
{
    struct ff_counters *c = m->count;
    c->taught += n;
    uint64_t due = c->taught / 16 < EVERY ? c->taught / 16 : EVERY;
    if (c->taught - c->averaged < due)
        return;
    blend(m->average, m->average, m->params, m->params_n, weight(m));
    c->averaged = c->taught;
}

void ff_average_restart(struct ff_model *m)
{
    m->count->taught = m->count->averaged = 0;
}

void ff_average_read(const struct ff_model *m, float *out)
{
    blend(out, m->average, m->params, m->params_n, weight(m));
}
