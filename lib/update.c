#include "lib/update.h"

#include <math.h>
#include <string.h>

#include "lib/hot.h"
#include "lib/vec.h"

#define SQUARE_MIN 1e-20f /* a row that never had a gradient stays put */
#define BETA1      0.9f
#define BETA2      0.999f
#define ADAM_MIN   1e-8f

static void carve(struct ff_rule *rule, struct ff_arena *a,
                  enum ff_update_kind kind, size_t R, size_t C, bool eager,
                  bool whole)
{
    *rule = (struct ff_rule){.kind = kind, .R = R, .C = C};
    bool adam = kind == FF_UPDATE_ADAM;
    if (adam) {
        rule->m = ff_arena_take(a, R * C, sizeof *rule->m);
        rule->v = ff_arena_take(a, R * C, sizeof *rule->v);
        rule->t = ff_arena_take(a, 1, sizeof *rule->t);
    } else {
        rule->r = ff_arena_take(a, R, sizeof *rule->r);
        rule->scale = ff_arena_take(a, R, sizeof *rule->scale);
        if (!eager)
            rule->seen = ff_arena_take(a, 1, sizeof *rule->seen);
    }
    if (adam || whole)
        rule->g = ff_arena_take(a, R * C, sizeof *rule->g);
}

void ff_rule_carve(struct ff_rule *rule, struct ff_arena *a,
                   enum ff_update_kind kind, size_t R, size_t C)
{
    carve(rule, a, kind, R, C, false, false);
}

void ff_rule_carve_whole(struct ff_rule *rule, struct ff_arena *a,
                         enum ff_update_kind kind, size_t R, size_t C)
{
    carve(rule, a, kind, R, C, false, true);
}

void ff_rule_carve_eager(struct ff_rule *rule, struct ff_arena *a,
                         enum ff_update_kind kind, size_t R, size_t C)
{
    carve(rule, a, kind, R, C, true, true);
}

void ff_rule_scale(struct ff_rule *rule, float decay, const uint8_t *live)
{
    float known = 1;
    if (rule->seen)
        known = *rule->seen = decay * *rule->seen + (1 - decay);
    for (size_t k = 0; k < rule->R; k++) {
        if (live && !live[k]) {
            rule->scale[k] = 0;
            continue;
        }
        rule->r[k] = decay * rule->r[k] + (1 - decay) * rule->scale[k];
        rule->scale[k] = 1 / sqrtf(rule->r[k] / known + SQUARE_MIN);
    }
}

static void adam(struct ff_rule *rule, float *w, float step,
                 const uint8_t *live)
{
    float *g = rule->g, *m = rule->m, *v = rule->v;
    float t = *rule->t += 1;
    float fix1 = 1 / (1 - powf(BETA1, t));
    float fix2 = 1 / (1 - powf(BETA2, t));
    for (size_t k = 0; k < rule->R; k++) {
        if (live && !live[k])
            continue;
        for (size_t i = k * rule->C; i < (k + 1) * rule->C; i++) {
            m[i] = BETA1 * m[i] + (1 - BETA1) * g[i];
            v[i] = BETA2 * v[i] + (1 - BETA2) * g[i] * g[i];
            w[i] -= step * m[i] * fix1 / (sqrtf(v[i] * fix2) + ADAM_MIN);
        }
    }
}

FF_HOT static float square_mean(const float *g, size_t C)
{
    float part[8] = {0}, sum = 0;
    size_t i = 0;
    for (; i + 8 <= C; i += 8)
        for (size_t j = 0; j < 8; j++)
            part[j] += g[i + j] * g[i + j];
    for (; i < C; i++)
        sum += g[i] * g[i];
    for (size_t j = 0; j < 8; j++)
        sum += part[j];
    return sum / (float)C;
}

FF_HOT static void descend(float *w, const float *g, size_t C, float step)
{
    for (size_t i = 0; i < C; i++)
        w[i] -= step * g[i];
}

static void rows(struct ff_rule *rule, float *w, float step, float decay,
                 const uint8_t *live)
{
    size_t C = rule->C;
    for (size_t k = 0; k < rule->R; k++)
        if (!live || live[k])
            rule->scale[k] = square_mean(rule->g + k * C, C);
    ff_rule_scale(rule, decay, live);
    for (size_t k = 0; k < rule->R; k++)
        if (rule->scale[k] > 0)
            descend(w + k * C, rule->g + k * C, C, step * rule->scale[k]);
}

void ff_rule_apply(struct ff_rule *rule, float *w, float step, float decay,
                   const uint8_t *live)
{
    if (rule->kind == FF_UPDATE_ADAM)
        adam(rule, w, step, live);
    else
        rows(rule, w, step, decay, live);
}

void ff_rule_renew(struct ff_rule *rule, size_t k, float r)
{
    size_t C = rule->C;
    if (rule->r)
        rule->r[k] = r;
    if (rule->m) {
        memset(rule->m + k * C, 0, C * sizeof *rule->m);
        memset(rule->v + k * C, 0, C * sizeof *rule->v);
    }
}

void ff_rule_swap(struct ff_rule *rule, size_t a, size_t b)
{
    size_t C = rule->C;
    if (rule->r)
        ff_vec_swap(rule->r + a, rule->r + b, 1);
    if (rule->m) {
        ff_vec_swap(rule->m + a * C, rule->m + b * C, C);
        ff_vec_swap(rule->v + a * C, rule->v + b * C, C);
    }
}

float ff_rule_mean(const struct ff_rule *rule, size_t from, size_t to)
{
    size_t others = rule->R - (to - from);
    double sum = 0;
    for (size_t k = 0; k < rule->R && rule->r; k++)
        if (k < from || k >= to)
            sum += (double)rule->r[k];
    return others > 0 ? (float)(sum / (double)others) : 0;
}
