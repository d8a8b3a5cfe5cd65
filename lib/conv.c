/*
 * conv.c -- a convolutional layer: each channel sees a window of the input,
 * everywhere, with the same weights.
 *
 *     u = x, its level and length forgotten, standardised by channel (expect.h)
 *     a = maxpool(W * u) + b
 *     q = mean of h^2 over each cell of a grid of places, by channel (grid.h)
 *
 * The gradient goes to the place in each pool that was the greatest, and no
 * further: dW is one product of it with the unfolded input, and the row rule
 * takes a channel for a row.
 *
 * The input is unfolded anew for the update: that costs less than to keep it,
 * nine times as large as it is, in memory.
 */
#include <math.h>
#include <string.h>

#include "lib/expect.h"
#include "lib/grid.h"
#include "lib/hot.h"
#include "lib/layer.h"
#include "lib/mat.h"
#include "lib/unfold.h"
#include "lib/vec.h"

#define ROWS_MAX     512        /* of one product, unless one frame has more */
#define UNFOLDED_MAX (1u << 18) /* numbers that are unfolded together */
#define LONG_ROW     128        /* from which on single rows are added */

/* ---- sizes ---------------------------------------------------------------
 */

static size_t answers(size_t in, size_t pad, size_t kernel, size_t stride)
{
    return (in + 2 * pad - kernel) / stride + 1;
}

/* Several small frames make one product, a part of a large one makes another:
   so much is unfolded at a time as stays near. */
static void choose_strip(const struct ff_layer *l, struct ff_window *w)
{
    size_t used = l->out[0] * w->pool, line = w->wide * l->C;
    size_t most = UNFOLDED_MAX / (used * line);
    size_t few = ROWS_MAX / (used * w->wide);
    w->lines = used;
    w->frames = few < most ? few : most;
    if (w->frames > 0)
        return;
    w->frames = 1;
    if (most > 0)
        return;
    w->lines = UNFOLDED_MAX / line / w->pool * w->pool;
    w->lines = w->lines > 0 ? w->lines : w->pool;
}

static void size(struct ff_layer *l, bool centred)
{
    struct ff_window *w = &l->window;
    w->high = answers(l->in[0], w->pad, w->kernel, w->stride);
    w->wide = answers(l->in[1], w->across.pad, w->across.kernel, w->stride);
    l->out[0] = w->high / w->pool;
    l->out[1] = w->wide / w->across.pool;
    l->out[2] = l->R;
    l->H = l->out[0] * l->out[1] * l->R;
    l->C = w->kernel * w->across.kernel * l->in[2] / w->groups;
    l->M = l->in[2]; /* by channel */
    l->Q = ff_grid_cells(l) * l->R;
    choose_strip(l, w);
    (void)centred;
}

/* Answers before the pool that are made together, at most. */
static size_t rows_max(const struct ff_layer *l)
{
    return l->window.frames * l->window.lines * l->window.wide;
}

/* What is unfolded, and what is made of it before the pool. */
static size_t room(const struct ff_layer *l)
{
    size_t unfolded = rows_max(l) * (l->C + l->R / l->window.groups);
    size_t expected = ff_expect_room(l);
    return unfolded > expected ? unfolded : expected;
}

static void carve(struct ff_layer *l, struct ff_arena *a,
                  enum ff_update_kind kind)
{
    ff_rule_carve_whole(&l->W_rule, a, kind, l->R, l->C);
    ff_rule_carve_whole(&l->b_rule, a, kind, l->R, 1);
}

/* ---- weights -------------------------------------------------------------
 */

static float weight(const struct ff_layer *l, struct ff_rng *g)
{
    return 1 / sqrtf((float)l->C) * ff_rng_normal(g);
}

static void init(const struct ff_layer *l, float *params, struct ff_rng *g)
{
    for (size_t i = 0; i < l->R * l->C; i++)
        params[l->W + i] = weight(l, g);
    for (size_t i = 0; i < l->M; i++)
        params[l->variance + i] = 1;
}

static void renew_unit(const struct ff_layer *l, float *params, size_t j,
                       struct ff_rng *g)
{
    for (size_t i = 0; i < l->C; i++)
        params[l->W + j * l->C + i] = weight(l, g);
    params[l->b + j] = 0;
}

/* The rows of W that see input channel i, and where in them it is first. */
static size_t seen_by(const struct ff_layer *l, size_t i, size_t *first,
                      size_t *end)
{
    size_t each = l->in[2] / l->window.groups, of = l->R / l->window.groups;
    *first = i / each * of;
    *end = *first + of;
    return i % each;
}

static void renew_input(const struct ff_layer *l, float *params, size_t i,
                        struct ff_rng *g)
{
    size_t first, end, each = l->in[2] / l->window.groups;
    size_t from = seen_by(l, i, &first, &end);
    for (size_t j = first; j < end; j++)
        for (size_t at = from; at < l->C; at += each)
            params[l->W + j * l->C + at] = weight(l, g);
}

static void swap_units(const struct ff_layer *l, float *params, size_t a,
                       size_t b)
{
    float *W = params + l->W;
    ff_vec_swap(W + a * l->C, W + b * l->C, l->C);
    ff_vec_swap(params + l->b + a, params + l->b + b, 1);
}

static void swap_inputs(const struct ff_layer *l, float *params, size_t a,
                        size_t b)
{
    size_t first, end, first_b, each = l->in[2] / l->window.groups;
    size_t from = seen_by(l, a, &first, &end);
    size_t from_b = seen_by(l, b, &first_b, &end);
    end = l->R / l->window.groups;
    for (size_t j = 0; j < end; j++)
        for (size_t at = 0; at < l->C; at += each)
            ff_vec_swap(params + l->W + (first + j) * l->C + at + from,
                        params + l->W + (first_b + j) * l->C + at + from_b, 1);
    ff_vec_swap(params + l->mean + a, params + l->mean + b, 1);
    ff_vec_swap(params + l->variance + a, params + l->variance + b, 1);
}

/* ---- strips --------------------------------------------------------------
 */

/* What is unfolded together: some frames wholly, or some lines of one. */
struct strip {
    size_t frame, frames, line, lines;
};

/* The first of n frames; frames is 0 if there is none. */
static struct strip first_strip(const struct ff_layer *l, size_t n)
{
    const struct ff_window *w = &l->window;
    return (struct strip){.frames = n < w->frames ? n : w->frames,
                          .lines = w->lines};
}

static void next_strip(const struct ff_layer *l, struct strip *s, size_t n)
{
    const struct ff_window *w = &l->window;
    size_t used = l->out[0] * w->pool;
    s->line += s->lines;
    if (s->line >= used) {
        s->line = 0;
        s->frame += s->frames;
    }
    size_t frames = n - s->frame, lines = used - s->line;
    s->frames = frames < w->frames ? frames : w->frames;
    s->lines = lines < w->lines ? lines : w->lines;
}

/* Rows of one of its frames. */
static size_t rows_of(const struct ff_layer *l, const struct strip *s)
{
    return s->lines * l->window.wide;
}

/* Where the strip's part of its i-th frame begins among the activities, in
   group g. */
static size_t place_of(const struct ff_layer *l, const struct strip *s,
                       size_t i, size_t g)
{
    return (s->frame + i) * l->H + s->line / l->window.pool * l->out[1] * l->R +
           g * (l->R / l->window.groups);
}

static void unfold(const struct ff_layer *l, float *rows, const float *u,
                   const struct strip *s, size_t g)
{
    for (size_t i = 0; i < s->frames; i++)
        ff_unfold(l, rows + i * rows_of(l, s) * l->C, u + (s->frame + i) * l->D,
                  g, s->line, s->lines);
}

/* ---- forward -------------------------------------------------------------
 */

static void answer(const struct ff_layer *l, const float *params,
                   const struct ff_trace *t, const struct strip *s, size_t g)
{
    size_t P = rows_of(l, s), Rg = l->R / l->window.groups;
    float *rows = t->room, *z = rows + rows_max(l) * l->C;
    unfold(l, rows, t->u, s, g);
    ff_mat_nt(z, rows, params + l->W + g * Rg * l->C, s->frames * P, Rg, l->C,
              0);
    for (size_t i = 0; i < s->frames; i++) {
        size_t at = place_of(l, s, i, g);
        ff_pool(l, t->a + at, t->at + at, z + i * P * Rg, Rg, l->R, s->lines);
    }
}

FF_HOT static void add_bias(float *a, const float *b, size_t n, size_t R)
{
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < R; c++)
            a[i * R + c] += b[c];
}

static void forward(const struct ff_layer *l, const float *params,
                    const float *x, size_t n, const struct ff_trace *t)
{
    struct strip s = first_strip(l, n);
    ff_expect_standardise(l, params, x, n, t->u, t->room);
    for (; s.frames > 0; next_strip(l, &s, n))
        for (size_t g = 0; g < l->window.groups; g++)
            answer(l, params, t, &s, g);
    add_bias(t->a, params + l->b, n * l->H / l->R, l->R);
}

/* ---- update --------------------------------------------------------------
 */

/* w += the sum over four rows of v times the row. */
FF_HOT static void add_four(float *w, const float *const row[4],
                            const float v[4], size_t n)
{
    const float *a = row[0], *b = row[1], *c = row[2], *d = row[3];
    for (size_t i = 0; i < n; i++)
        w[i] += v[0] * a[i] + v[1] * b[i] + v[2] * c[i] + v[3] * d[i];
}

struct some_rows {
    const float *row[4];
    float v[4];
    size_t n;
};

static void add_rows(float *w, struct some_rows *s, size_t C)
{
    for (size_t i = s->n; i < 4; i++) {
        s->row[i] = s->row[0];
        s->v[i] = 0;
    }
    if (s->n > 0)
        add_four(w, s->row, s->v, C);
    s->n = 0;
}

/*
 * dW of one channel. After a pool at most one place in pool x pool has a
 * gradient, and half of these are off: to add up the rows of the others takes
 * less time than a product with all the zeros (README.md).
 */
static void add_channel(const struct ff_layer *l, float *w, const float *rows,
                        const struct strip *s, const float *dz,
                        const uint8_t *at, float share)
{
    const struct ff_window *v = &l->window;
    struct some_rows some = {.n = 0};
    for (size_t i = 0; i < s->frames; i++, rows += rows_of(l, s) * l->C)
        for (size_t y = 0; y < s->lines / v->pool; y++)
            for (size_t x = 0; x < l->out[1]; x++, dz += l->R, at += l->R) {
                size_t k = *at, across = v->across.pool;
                size_t place = (y * v->pool + k / across) * v->wide +
                               x * across + k % across;
                if (*dz == 0)
                    continue;
                some.row[some.n] = rows + place * l->C;
                some.v[some.n++] = share * *dz;
                if (some.n == 4)
                    add_rows(w, &some, l->C);
            }
    add_rows(w, &some, l->C);
}

/* The strip's part of dW. */
static void add_gradient(struct ff_layer *l, const struct ff_trace *t,
                         const float *dz, const struct strip *s, size_t g,
                         float share)
{
    size_t P = rows_of(l, s), Rg = l->R / l->window.groups;
    size_t first = place_of(l, s, 0, g);
    float *rows = t->room, *before = rows + rows_max(l) * l->C;
    float *W = l->W_rule.g + g * Rg * l->C;
    unfold(l, rows, t->u, s, g);
    if (l->window.pool > 1 && l->C >= LONG_ROW) {
        for (size_t c = 0; c < Rg; c++)
            add_channel(l, W + c * l->C, rows, s, dz + first + c,
                        t->at + first + c, share);
        return;
    }
    for (size_t i = 0; i < s->frames; i++)
        ff_unpool(l, before + i * P * Rg, dz + first + i * l->H,
                  t->at + first + i * l->H, Rg, l->R, s->lines);
    ff_mat_tn(W, before, rows, Rg, l->C, s->frames * P, share, 1);
}

static void update(struct ff_layer *l, float *params, const struct ff_trace *t,
                   float *dz, size_t n, const struct ff_lesson *lesson)
{
    float share = 1 / (float)lesson->B;
    struct strip s = first_strip(l, n);
    if (n == 0)
        return;
    if (lesson->step.peer > 0)
        ff_layer_peer(l, t->h, dz, n, &lesson->step);
    memset(l->W_rule.g, 0, l->R * l->C * sizeof *l->W_rule.g);
    for (; s.frames > 0; next_strip(l, &s, n))
        for (size_t g = 0; g < l->window.groups; g++)
            add_gradient(l, t, dz, &s, g, share);
    memset(l->b_rule.g, 0, l->R * sizeof *l->b_rule.g);
    for (size_t i = 0; i < n * l->H; i += l->R)
        for (size_t c = 0; c < l->R; c++)
            l->b_rule.g[c] += share * dz[i + c];
    ff_layer_apply(l, params, t->u, n, lesson);
}

/* ---- uphill --------------------------------------------------------------
 */

/* The strip's part of g. */
static void add_slope(const struct ff_layer *l, const float *params,
                      const struct ff_trace *t, float *g, const struct strip *s,
                      size_t k)
{
    size_t P = rows_of(l, s), Rg = l->R / l->window.groups;
    float *rows = t->room, *before = rows + rows_max(l) * l->C;
    for (size_t i = 0; i < s->frames; i++) {
        size_t at = place_of(l, s, i, k);
        ff_unpool(l, before, t->h + at, t->at + at, Rg, l->R, s->lines);
        ff_mat_nn(rows, before, params + l->W + k * Rg * l->C, P, l->C, Rg);
        ff_fold(l, g + (s->frame + i) * l->D, rows, k, s->line, s->lines);
    }
}

static void climb(const struct ff_layer *l, const float *params,
                  const struct ff_trace *t, float *g, size_t n)
{
    struct strip s = first_strip(l, n);
    memset(g, 0, n * l->D * sizeof *g);
    for (; s.frames > 0; next_strip(l, &s, n))
        for (size_t k = 0; k < l->window.groups; k++)
            add_slope(l, params, t, g, &s, k);
    ff_expect_uphill(l, params, g, n);
}

const struct ff_layer_kind ff_conv = {.name = "conv",
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
