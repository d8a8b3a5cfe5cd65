#include "lib/readout.h"

#include <math.h>
#include <string.h>

#include "lib/hot.h"
#include "lib/loss.h"
#include "lib/mat.h"
#include "lib/status.h"
#include "lib/vec.h"

size_t ff_readout_init(struct ff_readout *r, size_t F, size_t K, size_t at,
                       uint64_t *seen)
{
    *r = (struct ff_readout){.F = F, .K = K, .seen = seen};
    r->W = at;
    r->b = r->W + K * F;
    r->m = r->b + K;
    return r->m + F;
}

void ff_readout_scores(const struct ff_readout *r, const float *params,
                       float *s, const float *x, size_t n)
{
    const float *W = params + r->W;
    size_t K = r->K;
    /* W (x - m) = W x - W m: the features are not copied. */
    float offset[FF_CLASSES_MAX] = {0};
    ff_mat_nt(offset, params + r->m, W, 1, K, r->F, 0);
    ff_mat_nt(s, x, W, n, K, r->F, 0);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < K; k++)
            s[i * K + k] += params[r->b + k] - offset[k];
}

FF_HOT static void follow(float *m, float *c, const float *x, float share,
                          size_t F)
{
    for (size_t j = 0; j < F; j++) {
        m[j] += share * (x[j] - m[j]);
        c[j] = x[j] - m[j];
    }
}

static void learn_one(const struct ff_readout *r, float *params, const float *x,
                      size_t class_, const uint8_t *live, float step,
                      float *work)
{
    float *c = work, *p = work + r->F, *b = params + r->b;
    uint64_t seen = ++*r->seen;
    float share =
        1 / (float)(seen < FF_READOUT_WINDOW ? seen : FF_READOUT_WINDOW);
    follow(params + r->m, c, x, share, r->F);
    memcpy(p, b, r->K * sizeof *p);
    ff_mat_nt(p, c, params + r->W, 1, r->K, r->F, 1);
    ff_softmax(p, p, live, 1, r->K, 1);
    p[class_] -= 1;
    for (size_t k = 0; k < r->K; k++)
        b[k] -= step * p[k];
    ff_mat_tn(params + r->W, p, c, r->K, r->F, 1, -step, 1);
}

int ff_readout_learn(const struct ff_readout *r, float *params, const float *x,
                     const int *classes, size_t n, const uint8_t *live,
                     float rate, float *work)
{
    if (!ff_vec_finite(x, n * r->F))
        return FF_EFINITE;
    for (size_t i = 0; i < n; i++)
        learn_one(r, params, x + i * r->F, (size_t)classes[i], live,
                  rate / (float)r->F, work);
    return 0;
}

void ff_readout_renew(const struct ff_readout *r, float *params, size_t k)
{
    memset(params + r->W + k * r->F, 0, r->F * sizeof *params);
    params[r->b + k] = 0;
}

void ff_readout_join(const struct ff_readout *r, float *params, size_t from,
                     size_t to)
{
    float *W = params + r->W;
    for (size_t j = 0; j < r->F; j++)
        W[to * r->F + j] += W[from * r->F + j];
    params[r->b + to] += params[r->b + from];
}

void ff_softmax(float *p, const float *s, const uint8_t *live, size_t n,
                size_t K, float T)
{
    for (size_t i = 0; i < n; i++) {
        float lse = ff_log_sum_exp(s + i * K, live, K, T);
        for (size_t k = 0; k < K; k++)
            p[i * K + k] = live[k] ? expf(T * s[i * K + k] - lse) : 0;
    }
}
