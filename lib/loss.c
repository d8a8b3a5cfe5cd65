#include "lib/loss.h"

#include <math.h>
#include <string.h>

#define ALPHA        4.0f /* steepness of the symmetric loss (learning.md) */
#define EXPONENT_MAX 10.0f

static float sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

static float softplus(float x)
{
    return x > 0 ? x + log1pf(expf(-x)) : log1pf(expf(x));
}

float ff_log_sum_exp(const float *G, const uint8_t *live, size_t N, float T)
{
    float top = -INFINITY;
    for (size_t k = 0; k < N; k++)
        if (live[k] && T * G[k] > top)
            top = T * G[k];
    if (top == -INFINITY)
        return top;
    float sum = 0;
    for (size_t k = 0; k < N; k++)
        if (live[k])
            sum += expf(T * G[k] - top);
    return top + logf(sum);
}

float ff_loss_entry(const struct ff_loss *l, float g, float up, float *d)
{
    float theta = up > 0 ? l->theta : l->theta_false;
    float x = up * (theta - g); /* positive where it is not there yet */
    if (l->kind == FF_LOSS_EXP) {
        float e = expf(x < EXPONENT_MAX ? x : EXPONENT_MAX);
        *d = -up * e;
        return e;
    }
    float alpha = l->kind == FF_LOSS_SYMMETRIC ? ALPHA : 1.0f;
    *d = -up * alpha * sigmoid(alpha * x);
    return softplus(alpha * x);
}

static float softmax(const struct ff_loss *l, enum ff_ask ask, int target,
                     const float *G, const uint8_t *live, size_t N, float *dG)
{
    float T = l->temperature;
    float lse = ff_log_sum_exp(G, live, N, T);
    float pt = expf(T * G[target] - lse);
    /* -log p_t, or -log(1 - p_t): towards the target, or away from it. */
    float rest = 1.0f - pt > 1e-6f ? 1.0f - pt : 1e-6f;
    float scale = ask == FF_ASK_NOT ? -pt / rest : 1.0f;
    for (size_t k = 0; k < N; k++) {
        float p = live[k] ? expf(T * G[k] - lse) : 0.0f;
        dG[k] = T * scale * ((int)k == target ? p - 1.0f : p);
    }
    return ask == FF_ASK_NOT ? -logf(rest) : lse - T * G[target];
}

float ff_loss_pair(const struct ff_loss *l, float g_true, float g_false,
                   float d[2])
{
    if (l->kind != FF_LOSS_SYMMETRIC)
        return ff_loss_entry(l, g_true, 1, &d[0]) +
               ff_loss_entry(l, g_false, -1, &d[1]);
    float x = -ALPHA * (g_true - g_false);
    d[1] = ALPHA * sigmoid(x);
    d[0] = -d[1];
    return softplus(x);
}

static float symmetric(int target, const float *G, const uint8_t *live,
                       size_t N, float *dG)
{
    size_t wrong = 0;
    for (size_t k = 0; k < N; k++)
        wrong += live[k] && (int)k != target;
    float loss = 0;
    for (size_t k = 0; k < N && wrong; k++) {
        if (!live[k] || (int)k == target)
            continue;
        float x = -ALPHA * (G[target] - G[k]);
        float d = ALPHA * sigmoid(x) / (float)wrong;
        dG[k] = d;
        dG[target] -= d;
        loss += softplus(x) / (float)wrong;
    }
    return loss;
}

/* Softmax over the two alone is a softplus of their difference. */
static float pair(const struct ff_loss *l, int target, int rival,
                  const float *G, float *dG)
{
    float d[2] = {0};
    float loss;
    if (rival < 0) {
        loss = ff_loss_entry(l, G[target], 1, &d[0]);
    } else if (l->kind == FF_LOSS_SOFTMAX) {
        float x = -l->temperature * (G[target] - G[rival]);
        d[1] = l->temperature * sigmoid(x);
        d[0] = -d[1];
        loss = softplus(x);
    } else {
        loss = ff_loss_pair(l, G[target], G[rival], d);
    }
    dG[target] = d[0];
    if (rival >= 0)
        dG[rival] = d[1];
    return loss;
}

float ff_loss_gradient(const struct ff_loss *l, enum ff_ask ask, int target,
                       int rival, const float *G, const uint8_t *live, size_t N,
                       float *dG)
{
    if (l->kind == FF_LOSS_SOFTMAX &&
        (ask == FF_ASK_CLASS || ask == FF_ASK_NOT))
        return softmax(l, ask, target, G, live, N, dG);

    memset(dG, 0, N * sizeof *dG);
    if (l->kind == FF_LOSS_SYMMETRIC && ask == FF_ASK_CLASS)
        return symmetric(target, G, live, N, dG);
    if (ask == FF_ASK_PAIR)
        return pair(l, target, rival, G, dG);

    float loss = 0;
    for (size_t k = 0; k < N; k++) {
        bool is_target = ask != FF_ASK_NONE && (int)k == target;
        bool alone = ask == FF_ASK_LIFT || ask == FF_ASK_NOT;
        if (!is_target && (alone || !live[k]))
            continue;
        loss += ff_loss_entry(
            l, G[k], is_target && ask != FF_ASK_NOT ? 1.0f : -1.0f, &dG[k]);
    }
    return loss;
}
