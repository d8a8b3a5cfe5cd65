/*
 * dense.c -- a fully connected layer; layer.h has the formulas.
 *
 *     u = x / rms(x)          length is the verdict of the layer below; passed
 *                             on, we would copy, not learn
 *     a = u W' + b
 *     q = h^2
 *
 * With normalise: centred the running mean of u is taken off u, so that
 * learning one thing does not move the answer to all others the same way:
 *
 *     u = x / rms(x) - mean
 *     mean += rate (mean of u over the frames that surprised)
 *
 * It is one of the parameters, so answers come from its average too. Nothing
 * in it depends on labels.
 */
#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/hot.h"
#include "lib/layer.h"
#include "lib/mat.h"
#include "lib/vec.h"

static void size(struct ff_layer *l, bool centred)
{
    l->H = l->Q = l->R;
    l->C = l->D;
    l->M = centred ? l->D : 0;
    l->out[0] = l->out[1] = 1;
    l->out[2] = l->H;
}

static size_t room(const struct ff_layer *l)
{
    (void)l;
    return 0;
}

static void carve(struct ff_layer *l, struct ff_arena *a,
                  enum ff_update_kind kind)
{
    ff_rule_carve(&l->W_rule, a, kind, l->H, l->D);
    if (kind == FF_UPDATE_ADAM)
        ff_rule_carve(&l->b_rule, a, kind, l->H, 1);
}

/* u has length sqrt(D), so the activities start as N(0, 1). */
static float weight(const struct ff_layer *l, struct ff_rng *g)
{
    return 1 / sqrtf((float)l->D) * ff_rng_normal(g);
}

static void init(const struct ff_layer *l, float *params, struct ff_rng *g)
{
    float *W = params + l->W;
    for (size_t i = 0; i < l->H * l->D; i++)
        W[i] = weight(l, g);
}

static void renew_unit(const struct ff_layer *l, float *params, size_t j,
                       struct ff_rng *g)
{
    float *row = params + l->W + j * l->D;
    for (size_t i = 0; i < l->D; i++)
        row[i] = weight(l, g);
    params[l->b + j] = 0;
}

static void renew_input(const struct ff_layer *l, float *params, size_t i,
                        struct ff_rng *g)
{
    float *W = params + l->W;
    for (size_t j = 0; j < l->H; j++)
        for (size_t at = i; at < l->D; at += l->in[2])
            W[j * l->D + at] = weight(l, g);
}

static void swap_units(const struct ff_layer *l, float *params, size_t a,
                       size_t b)
{
    float *W = params + l->W;
    ff_vec_swap(W + a * l->D, W + b * l->D, l->D);
    ff_vec_swap(params + l->b + a, params + l->b + b, 1);
}

static void swap_inputs(const struct ff_layer *l, float *params, size_t a,
                        size_t b)
{
    float *W = params + l->W;
    for (size_t at = 0; at < l->D; at += l->in[2]) {
        for (size_t j = 0; j < l->H; j++)
            ff_vec_swap(W + j * l->D + at + a, W + j * l->D + at + b, 1);
        if (l->M > 0)
            ff_vec_swap(params + l->mean + at + a, params + l->mean + at + b,
                        1);
    }
}

FF_HOT static void take_off(float *u, const float *mean, size_t B, size_t D)
{
    for (size_t i = 0; i < B; i++)
        for (size_t j = 0; j < D; j++)
            u[i * D + j] -= mean[j];
}

/* u has lost the mean already: what is left of it on average is what the mean
   is wrong by. */
FF_HOT static void follow(float *mean, const float *u, size_t n, size_t D,
                          float rate)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < D; j++)
            mean[j] += rate / (float)n * u[i * D + j];
}

static void forward(const struct ff_layer *l, const float *params,
                    const float *x, size_t n, const struct ff_trace *t)
{
    size_t H = l->H;
    ff_vec_normalise(t->u, x, n, l->D);
    if (l->M > 0)
        take_off(t->u, params + l->mean, n, l->D);
    for (size_t i = 0; i < n; i++)
        memcpy(t->a + i * H, params + l->b, H * sizeof *t->a);
    ff_mat_nt(t->a, t->u, params + l->W, n, H, l->D, 1);
}

static void square(const struct ff_layer *l, const float *z, float *h, float *q,
                   size_t n)
{
    ff_goodness_rectify(h, q, z, n * l->H);
}

static void gate(const struct ff_layer *l, float *dz, const float *dq,
                 const float *h, size_t n)
{
    ff_goodness_gate(dz, dq, h, n * l->H);
}

/* scale (H) = mean over the micro-batch of dz^2 */
FF_HOT static void mean_squares(float *scale, const float *dz, size_t n,
                                size_t H, float share)
{
    memset(scale, 0, H * sizeof *scale);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < H; j++)
            scale[j] += share * dz[i * H + j] * dz[i * H + j];
}

/* dz is scaled by unit; b follows it. */
FF_HOT static void scale_units(float *dz, float *b, const float *scale,
                               size_t n, size_t H, float rate)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < H; j++) {
            dz[i * H + j] *= scale[j];
            b[j] -= rate * dz[i * H + j];
        }
}

/* The running squares scale dz, then one GEMM goes straight into W. */
static void update_rows(struct ff_layer *l, float *params, const float *u,
                        float *dz, size_t n, const struct ff_lesson *lesson)
{
    size_t H = l->H;
    float share = 1 / (float)lesson->B, rate = lesson->step.W * share;
    float *scale = l->W_rule.scale;
    mean_squares(scale, dz, n, H, share);
    ff_rule_scale(&l->W_rule, lesson->step.decay, NULL);
    scale_units(dz, params + l->b, scale, n, H, rate);
    ff_mat_tn(params + l->W, dz, u, H, l->D, n, -rate, 1);
}

static void update_adam(struct ff_layer *l, float *params, const float *u,
                        float *dz, size_t n, const struct ff_lesson *lesson)
{
    size_t H = l->H;
    float share = 1 / (float)lesson->B;
    float *gb = l->b_rule.g;
    memset(gb, 0, H * sizeof *gb);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < H; j++)
            gb[j] += share * dz[i * H + j];
    ff_mat_tn(l->W_rule.g, dz, u, H, l->D, n, share, 0);
    ff_rule_apply(&l->W_rule, params + l->W, lesson->step.W, 0, NULL);
    ff_rule_apply(&l->b_rule, params + l->b, lesson->step.W, 0, NULL);
}

static void update(struct ff_layer *l, float *params, const struct ff_trace *t,
                   float *dz, size_t n, const struct ff_lesson *lesson)
{
    /* Nothing, so not r either: it would fade while nothing is to be learned,
       and the next surprise would be a great step. */
    if (n == 0)
        return;
    if (lesson->step.peer > 0)
        ff_layer_peer(l, t->h, dz, n, &lesson->step);
    if (lesson->step.shrink > 0)
        ff_vec_scale(params + l->W, l->H * l->D, 1 - lesson->step.shrink);
    if (l->W_rule.kind == FF_UPDATE_ADAM)
        update_adam(l, params, t->u, dz, n, lesson);
    else
        update_rows(l, params, t->u, dz, n, lesson);
    if (l->M > 0)
        follow(params + l->mean, t->u, n, l->D, lesson->step.mean);
}

static void climb(const struct ff_layer *l, const float *params,
                  const struct ff_trace *t, float *g, size_t n)
{
    ff_mat_nn(g, t->h, params + l->W, n, l->D, l->H);
}

const struct ff_layer_kind ff_dense = {.name = "dense",
                                       .size = size,
                                       .room = room,
                                       .carve = carve,
                                       .init = init,
                                       .renew_unit = renew_unit,
                                       .renew_input = renew_input,
                                       .swap_units = swap_units,
                                       .swap_inputs = swap_inputs,
                                       .forward = forward,
                                       .square = square,
                                       .gate = gate,
                                       .update = update,
                                       .climb = climb};
