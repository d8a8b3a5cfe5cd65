#include "lib/unfold.h"

#include <string.h>

#include "lib/hot.h"

/* memcpy of a handful of values, of which a kernel over one channel makes
   thousands, would be a call each. */
static void copy(float *to, const float *from, size_t n)
{
    if (n >= 16)
        memcpy(to, from, n * sizeof *to);
    else
        for (size_t i = 0; i < n; i++)
            to[i] = from[i];
}

static void clear(float *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = 0;
}

/* The part of a kernel's row at `first` that lies within 0 .. n - 1. */
static void within(ptrdiff_t first, size_t kernel, size_t n, size_t *from,
                   size_t *to)
{
    ptrdiff_t left = (ptrdiff_t)n - first;
    *from = first < 0 ? (size_t)-first : 0;
    *to = left < (ptrdiff_t)kernel ? left < 0 ? 0 : (size_t)left : kernel;
    if (*from > *to)
        *from = *to;
}

static void unfold_line(const struct ff_layer *l, float *row, const float *line,
                        ptrdiff_t first, size_t channel, size_t Cg)
{
    size_t k = l->window.kernel, C = l->in[2], from, to;
    within(first, k, l->in[1], &from, &to);
    clear(row, from * Cg);
    clear(row + to * Cg, (k - to) * Cg);
    line += (first + (ptrdiff_t)from) * (ptrdiff_t)C + (ptrdiff_t)channel;
    row += from * Cg;
    if (Cg == C)
        copy(row, line, (to - from) * C);
    else
        for (size_t i = from; i < to; i++, row += Cg, line += C)
            copy(row, line, Cg);
}

void ff_unfold(const struct ff_layer *l, float *rows, const float *x, size_t g)
{
    const struct ff_window *w = &l->window;
    size_t k = w->kernel, C = l->in[2], Cg = C / w->groups;
    for (size_t y = 0; y < w->high; y++)
        for (size_t at = 0; at < w->wide; at++)
            for (size_t i = 0; i < k; i++, rows += k * Cg) {
                ptrdiff_t sy =
                    (ptrdiff_t)(y * w->stride + i) - (ptrdiff_t)w->pad;
                ptrdiff_t sx = (ptrdiff_t)(at * w->stride) - (ptrdiff_t)w->pad;
                if (sy < 0 || sy >= (ptrdiff_t)l->in[0])
                    clear(rows, k * Cg);
                else
                    unfold_line(l, rows, x + (size_t)sy * l->in[1] * C, sx,
                                g * Cg, Cg);
            }
}

void ff_fold(const struct ff_layer *l, float *x, const float *rows, size_t g)
{
    const struct ff_window *w = &l->window;
    size_t k = w->kernel, C = l->in[2], Cg = C / w->groups;
    for (size_t y = 0; y < w->high; y++)
        for (size_t at = 0; at < w->wide; at++)
            for (size_t i = 0; i < k; i++, rows += k * Cg) {
                ptrdiff_t sy =
                    (ptrdiff_t)(y * w->stride + i) - (ptrdiff_t)w->pad;
                ptrdiff_t sx = (ptrdiff_t)(at * w->stride) - (ptrdiff_t)w->pad;
                size_t from, to;
                if (sy < 0 || sy >= (ptrdiff_t)l->in[0])
                    continue;
                within(sx, k, l->in[1], &from, &to);
                for (size_t j = from; j < to; j++) {
                    float *p =
                        x +
                        ((size_t)sy * l->in[1] + (size_t)(sx + (ptrdiff_t)j)) *
                            C +
                        g * Cg;
                    for (size_t c = 0; c < Cg; c++)
                        p[c] += rows[j * Cg + c];
                }
            }
}

FF_HOT static void keep_greater(float *a, uint8_t *at, const float *z, size_t n,
                                uint8_t number)
{
    for (size_t c = 0; c < n; c++) {
        at[c] = z[c] > a[c] ? number : at[c];
        a[c] = z[c] > a[c] ? z[c] : a[c];
    }
}

void ff_pool(const struct ff_layer *l, float *a, uint8_t *at, const float *z,
             size_t n, size_t stride)
{
    size_t pool = l->window.pool, wide = l->window.wide;
    for (size_t y = 0; y < l->out[0]; y++)
        for (size_t x = 0; x < l->out[1]; x++, a += stride, at += stride)
            for (size_t i = 0; i < pool * pool; i++) {
                const float *from =
                    z +
                    ((y * pool + i / pool) * wide + x * pool + i % pool) * n;
                if (i == 0) {
                    memcpy(a, from, n * sizeof *a);
                    memset(at, 0, n);
                } else {
                    keep_greater(a, at, from, n, (uint8_t)i);
                }
            }
}

void ff_unpool(const struct ff_layer *l, float *dz, const float *da,
               const uint8_t *at, size_t n, size_t stride)
{
    size_t pool = l->window.pool, wide = l->window.wide;
    memset(dz, 0, l->window.high * wide * n * sizeof *dz);
    for (size_t y = 0; y < l->out[0]; y++)
        for (size_t x = 0; x < l->out[1]; x++, da += stride, at += stride)
            for (size_t c = 0; c < n; c++) {
                size_t i = at[c];
                dz[((y * pool + i / pool) * wide + x * pool + i % pool) * n +
                   c] = da[c];
            }
}
