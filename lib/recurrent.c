/*
 * recurrent.c -- a layer that goes through its input step by step and hears its
 * own answer to the step before.
 *
 * The input is a window over time: T lines, each a step of F values (columns x
 * channels).
 *
 *     u = x, its level and length forgotten, standardised by value (expect.h)
 *     v_t = h_t less its mean over units, over its root mean square; v_-1 = 0
 *     a_t = W [u_t; v_t-1] + b
 *     h_t = relu(a_t)
 *     passed up: of `pool` steps the greatest a, unit by unit; q over a grid of
 *     what is passed up (grid.h)
 *
 * What a step hears of the one before is input to it, as u is: no gradient goes
 * back in time, as none goes down the layers. What a unit does for the steps
 * that follow is not learned, it is only heard by them; so each step must be
 * worth something by itself.
 *
 * The length of the state is forgotten, or it would die out or grow as W
 * learns; so is its level, which would otherwise be most of it, as no h is
 * below zero.
 */
#include <math.h>
#include <string.h>

#include "lib/expect.h"
#include "lib/grid.h"
#include "lib/hot.h"
#include "lib/layer.h"
#include "lib/mat.h"
#include "lib/vec.h"

#define ROWS_MAX   512        /* of one product */
#define VALUES_MAX (1u << 18) /* in its rows */
#define ECHO       0.7f       /* how loud the state is at first; README.md */

/* Values of a step. */
static size_t values(const struct ff_layer *l)
{
    return l->in[1] * l->in[2];
}

/* Steps that are gone through: whole pools of them. */
static size_t steps(const struct ff_layer *l)
{
    return l->out[0] * l->window.pool;
}

static void size(struct ff_layer *l, bool centred)
{
    l->out[0] = l->in[0] / l->window.pool;
    l->out[1] = 1;
    l->out[2] = l->R;
    l->H = l->out[0] * l->R;
    l->C = values(l) + l->R;
    l->M = values(l);
    l->Q = ff_grid_cells(l) * l->R;
    l->state = steps(l) * l->R;
    (void)centred;
}

/* Rows of one product. */
static size_t rows_max(const struct ff_layer *l)
{
    size_t most = VALUES_MAX / l->C;
    most = most < ROWS_MAX ? most : ROWS_MAX;
    return most > 0 ? most : 1;
}

/* Rows of [u; v], and what is answered to them. */
static size_t room(const struct ff_layer *l)
{
    size_t rows = rows_max(l) * (l->C + l->R), expected = ff_expect_room(l);
    return rows > expected ? rows : expected;
}

static void carve(struct ff_layer *l, struct ff_arena *a,
                  enum ff_update_kind kind)
{
    ff_rule_carve_whole(&l->W_rule, a, kind, l->R, l->C);
    ff_rule_carve_whole(&l->b_rule, a, kind, l->R, 1);
}

/* ---- weights -------------------------------------------------------------
 */

static float weight(const struct ff_layer *l, size_t column, struct ff_rng *g)
{
    float size = column < values(l) ? 1 / sqrtf((float)values(l))
                                    : ECHO / sqrtf((float)l->R);
    return size * ff_rng_normal(g);
}

static void renew_unit(const struct ff_layer *l, float *params, size_t j,
                       struct ff_rng *g)
{
    for (size_t i = 0; i < l->C; i++)
        params[l->W + j * l->C + i] = weight(l, i, g);
    params[l->b + j] = 0;
}

static void init(const struct ff_layer *l, float *params, struct ff_rng *g)
{
    for (size_t j = 0; j < l->R; j++)
        renew_unit(l, params, j, g);
    for (size_t i = 0; i < l->M; i++)
        params[l->variance + i] = 1;
}

static void renew_input(const struct ff_layer *l, float *params, size_t i,
                        struct ff_rng *g)
{
    for (size_t j = 0; j < l->R; j++)
        for (size_t at = i; at < values(l); at += l->in[2])
            params[l->W + j * l->C + at] = weight(l, at, g);
}

/* With what all units make of their state. */
static void swap_units(const struct ff_layer *l, float *params, size_t a,
                       size_t b)
{
    float *W = params + l->W;
    ff_vec_swap(W + a * l->C, W + b * l->C, l->C);
    ff_vec_swap(params + l->b + a, params + l->b + b, 1);
    for (size_t j = 0; j < l->R; j++) {
        float *state = W + j * l->C + values(l);
        ff_vec_swap(state + a, state + b, 1);
    }
}

static void swap_inputs(const struct ff_layer *l, float *params, size_t a,
                        size_t b)
{
    for (size_t at = 0; at < values(l); at += l->in[2]) {
        for (size_t j = 0; j < l->R; j++) {
            float *row = params + l->W + j * l->C + at;
            ff_vec_swap(row + a, row + b, 1);
        }
        ff_vec_swap(params + l->mean + at + a, params + l->mean + at + b, 1);
        ff_vec_swap(params + l->variance + at + a,
                    params + l->variance + at + b, 1);
    }
}

/* ---- forward -------------------------------------------------------------
 */

/* What step t of frame i sees. */
static void see(const struct ff_layer *l, float *row, const struct ff_trace *t,
                size_t i, size_t step)
{
    size_t F = values(l), R = l->R;
    memcpy(row, t->u + i * l->D + step * F, F * sizeof *row);
    memcpy(row + F, t->state + i * l->state + step * R, R * sizeof *row);
}

/* What is heard of answers z (R). */
static void echo(float *v, const float *z, size_t R)
{
    for (size_t j = 0; j < R; j++)
        v[j] = z[j] > 0 ? z[j] : 0;
    ff_vec_centre(v, 1, R);
    ff_vec_normalise(v, v, 1, R);
}

/* Answers z (R) as the k-th of their pool. */
FF_HOT static void keep_greater(float *a, uint8_t *at, const float *z, size_t R,
                                size_t k)
{
    for (size_t j = 0; j < R; j++) {
        bool greater = k == 0 || z[j] > a[j];
        at[j] = greater ? (uint8_t)k : at[j];
        a[j] = greater ? z[j] : a[j];
    }
}

/* One step of n frames, the first of which is `from`. */
static void go(const struct ff_layer *l, const float *params,
               const struct ff_trace *t, size_t from, size_t n, size_t step)
{
    size_t R = l->R, pool = l->window.pool;
    float *rows = t->room, *z = rows + rows_max(l) * l->C;
    for (size_t i = 0; i < n; i++) {
        see(l, rows + i * l->C, t, from + i, step);
        memcpy(z + i * R, params + l->b, R * sizeof *z);
    }
    ff_mat_nt(z, rows, params + l->W, n, R, l->C, 1);
    for (size_t i = 0; i < n; i++, z += R) {
        size_t at = (from + i) * l->H + step / pool * R;
        keep_greater(t->a + at, t->at + at, z, R, step % pool);
        if (step + 1 < steps(l))
            echo(t->state + (from + i) * l->state + (step + 1) * R, z, R);
    }
}

static void forward(const struct ff_layer *l, const float *params,
                    const float *x, size_t n, const struct ff_trace *t)
{
    size_t most = rows_max(l);
    ff_expect_standardise(l, params, x, n, t->u, t->room);
    for (size_t i = 0; i < n; i++)
        memset(t->state + i * l->state, 0, l->R * sizeof *t->state);
    for (size_t from = 0; from < n; from += most)
        for (size_t step = 0; step < steps(l); step++)
            go(l, params, t, from, n - from < most ? n - from : most, step);
}

/* ---- update --------------------------------------------------------------
 */

/* Row r of n x steps: of its step, what `of` has for the pool, where it was the
   greatest. */
static void unpool(const struct ff_layer *l, float *out, const float *of,
                   const struct ff_trace *t, size_t r)
{
    size_t R = l->R, pool = l->window.pool, step = r % steps(l);
    size_t from = r / steps(l) * l->H + step / pool * R;
    for (size_t j = 0; j < R; j++)
        out[j] = t->at[from + j] == step % pool ? of[from + j] : 0;
}

static void find_gradient(struct ff_layer *l, const struct ff_trace *t,
                          const float *dz, size_t n, float share)
{
    size_t most = rows_max(l), all = n * steps(l), R = l->R;
    float *rows = t->room, *before = rows + most * l->C;
    memset(l->W_rule.g, 0, R * l->C * sizeof *l->W_rule.g);
    memset(l->b_rule.g, 0, R * sizeof *l->b_rule.g);
    for (size_t from = 0; from < all; from += most) {
        size_t some = all - from < most ? all - from : most;
        for (size_t i = 0; i < some; i++) {
            size_t r = from + i;
            see(l, rows + i * l->C, t, r / steps(l), r % steps(l));
            unpool(l, before + i * R, dz, t, r);
        }
        ff_mat_tn(l->W_rule.g, before, rows, R, l->C, some, share, 1);
    }
    for (size_t i = 0; i < n * l->H; i++)
        l->b_rule.g[i % R] += share * dz[i];
}

static void update(struct ff_layer *l, float *params, const struct ff_trace *t,
                   float *dz, size_t n, const struct ff_lesson *lesson)
{
    if (n == 0)
        return;
    if (lesson->step.peer > 0)
        ff_layer_peer(l, t->h, dz, n, &lesson->step);
    find_gradient(l, t, dz, n, 1 / (float)lesson->B);
    ff_layer_apply(l, params, t->u, n, lesson);
}

/* ---- uphill --------------------------------------------------------------
 */

/* What is heard stays as it is. */
static void climb(const struct ff_layer *l, const float *params,
                  const struct ff_trace *t, float *g, size_t n)
{
    size_t F = values(l), most = rows_max(l), all = n * steps(l);
    float *rows = t->room, *before = rows + most * l->C;
    memset(g, 0, n * l->D * sizeof *g);
    for (size_t from = 0; from < all; from += most) {
        size_t some = all - from < most ? all - from : most;
        for (size_t i = 0; i < some; i++)
            unpool(l, before + i * l->R, t->h, t, from + i);
        ff_mat_nn(rows, before, params + l->W, some, l->C, l->R);
        for (size_t i = 0; i < some; i++) {
            size_t r = from + i;
            memcpy(g + r / steps(l) * l->D + r % steps(l) * F, rows + i * l->C,
                   F * sizeof *g);
        }
    }
    ff_expect_uphill(l, params, g, n);
}

const struct ff_layer_kind ff_recurrent = {.name = "recurrent",
                                           .remembers = true,
                                           .scales = true,
                                           .size = size,
                                           .room = room,
                                           .carve = carve,
                                           .init = init,
                                           .renew_unit = renew_unit,
                                           .renew_input = renew_input,
                                           .swap_units = swap_units,
                                           .swap_inputs = swap_inputs,
                                           .forward = forward,
                                           .square = ff_grid_square,
                                           .gate = ff_grid_gate,
                                           .update = update,
                                           .climb = climb};
