#include "lib/unfold.h"

#include <string.h>

#include "lib/hot.h"

/*
 * n values, and where there is room behind them as many more as one or two
 * instructions move: what is too much is overwritten by what comes next. A
 * kernel over one channel makes thousands of copies of a handful.
 */
static inline void copy(float *to, const float *to_end, const float *from,
                        const float *from_end, size_t n)
{
    ptrdiff_t room = to_end - to, left = from_end - from;
    if (n <= 8 && room >= 8 && left >= 8)
        memcpy(to, from, 8 * sizeof *to);
    else if (n <= 16 && room >= 16 && left >= 16)
        memcpy(to, from, 16 * sizeof *to);
    else
        memcpy(to, from, n * sizeof *to);
}

static inline void clear(float *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = 0;
}

/* The part of a kernel's row at `first` that lies within 0 .. n - 1. */
static inline void within(ptrdiff_t first, size_t kernel, size_t n,
                          size_t *from, size_t *to)
{
    ptrdiff_t left = (ptrdiff_t)n - first;
    *from = first < 0 ? (size_t)-first : 0;
    *to = left < (ptrdiff_t)kernel ? left < 0 ? 0 : (size_t)left : kernel;
    if (*from > *to)
        *from = *to;
}

/* One line of a kernel's window: `line` of the picture x from pixel `first` on,
   which may lie outside. */
static inline void unfold_line(const struct ff_layer *l, float *row,
                               const float *row_end, const float *x,
                               size_t line, ptrdiff_t first, size_t g)
{
    size_t k = l->window.across.kernel, C = l->in[2];
    size_t Cg = C / l->window.groups, from, to;
    const float *end = x + l->D;
    within(first, k, l->in[1], &from, &to);
    const float *p = x + line * l->in[1] * C + g * Cg +
                     (first + (ptrdiff_t)from) * (ptrdiff_t)C;
    float *at = row + from * Cg;
    clear(row, from * Cg);
    if (Cg == C)
        copy(at, row_end, p, end, (to - from) * C);
    else
        for (size_t i = from; i < to; i++, at += Cg, p += C)
            copy(at, row_end, p, end, Cg);
    clear(row + to * Cg, (k - to) * Cg);
}

/* The window at (y, x), all of which lies within the picture. */
static inline void unfold_inside(const struct ff_layer *l, float *row,
                                 const float *row_end, const float *x,
                                 size_t line, size_t first)
{
    size_t C = l->in[2], stride = l->in[1] * C;
    size_t many = l->window.across.kernel * C;
    const float *p = x + line * stride + first * C, *end = x + l->D;
    for (size_t i = 0; i < l->window.kernel; i++, row += many, p += stride)
        copy(row, row_end, p, end, many);
}

static inline void unfold_edge(const struct ff_layer *l, float *row,
                               const float *row_end, const float *x,
                               ptrdiff_t line, ptrdiff_t first, size_t g)
{
    const struct ff_window *w = &l->window;
    size_t many = w->across.kernel * l->in[2] / w->groups;
    for (size_t i = 0; i < w->kernel; i++, row += many, line++)
        if (line < 0 || line >= (ptrdiff_t)l->in[0])
            clear(row, many);
        else
            unfold_line(l, row, row_end, x, (size_t)line, first, g);
}

FF_HOT void ff_unfold(const struct ff_layer *l, float *rows, const float *x,
                      size_t g, size_t from, size_t lines)
{
    const struct ff_window *w = &l->window;
    ptrdiff_t high = (ptrdiff_t)w->kernel, wide = (ptrdiff_t)w->across.kernel;
    const float *end = rows + lines * w->wide * l->C;
    for (size_t y = from; y < from + lines; y++) {
        ptrdiff_t line = (ptrdiff_t)(y * w->stride) - (ptrdiff_t)w->pad;
        bool inside =
            w->groups == 1 && line >= 0 && line + high <= (ptrdiff_t)l->in[0];
        for (size_t at = 0; at < w->wide; at++, rows += l->C) {
            ptrdiff_t first =
                (ptrdiff_t)(at * w->stride) - (ptrdiff_t)w->across.pad;
            if (inside && first >= 0 && first + wide <= (ptrdiff_t)l->in[1])
                unfold_inside(l, rows, end, x, (size_t)line, (size_t)first);
            else
                unfold_edge(l, rows, end, x, line, first, g);
        }
    }
}

void ff_fold(const struct ff_layer *l, float *x, const float *rows, size_t g,
             size_t first, size_t lines)
{
    const struct ff_window *w = &l->window;
    size_t k = w->across.kernel, C = l->in[2], Cg = C / w->groups;
    for (size_t y = first; y < first + lines; y++)
        for (size_t at = 0; at < w->wide; at++)
            for (size_t i = 0; i < w->kernel; i++, rows += k * Cg) {
                ptrdiff_t sy =
                    (ptrdiff_t)(y * w->stride + i) - (ptrdiff_t)w->pad;
                ptrdiff_t sx =
                    (ptrdiff_t)(at * w->stride) - (ptrdiff_t)w->across.pad;
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

/* One line of pools against their i-th answers. */
FF_HOT static void keep_greater(float *a, uint8_t *at, const float *z, size_t n,
                                size_t pools, size_t pool, size_t stride,
                                uint8_t number)
{
    for (size_t x = 0; x < pools; x++, a += stride, at += stride, z += pool * n)
        for (size_t c = 0; c < n; c++) {
            at[c] = z[c] > a[c] ? number : at[c];
            a[c] = z[c] > a[c] ? z[c] : a[c];
        }
}

void ff_pool(const struct ff_layer *l, float *a, uint8_t *at, const float *z,
             size_t n, size_t stride, size_t lines)
{
    size_t high = l->window.pool, across = l->window.across.pool;
    size_t wide = l->window.wide, pools = l->out[1];
    for (size_t y = 0; y < lines / high; y++) {
        const float *line = z + y * high * wide * n;
        for (size_t x = 0; x < pools; x++) {
            memcpy(a + x * stride, line + x * across * n, n * sizeof *a);
            memset(at + x * stride, 0, n);
        }
        for (size_t i = 1; i < high * across; i++)
            keep_greater(a, at, line + (i / across * wide + i % across) * n, n,
                         pools, across, stride, (uint8_t)i);
        a += pools * stride;
        at += pools * stride;
    }
}

void ff_unpool(const struct ff_layer *l, float *dz, const float *da,
               const uint8_t *at, size_t n, size_t stride, size_t lines)
{
    size_t high = l->window.pool, across = l->window.across.pool;
    size_t wide = l->window.wide;
    memset(dz, 0, lines * wide * n * sizeof *dz);
    for (size_t y = 0; y < lines / high; y++)
        for (size_t x = 0; x < l->out[1]; x++, da += stride, at += stride)
            for (size_t c = 0; c < n; c++) {
                size_t i = at[c];
                size_t place =
                    (y * high + i / across) * wide + x * across + i % across;
                dz[place * n + c] = da[c];
            }
}
