#include "lib/grid.h"

#include <string.h>

#include "lib/hot.h"

size_t ff_grid_cells(const struct ff_layer *l)
{
    return l->window.grid * l->window.across.grid;
}

/* A cell of the grid: its first place and the one behind its last. */
struct cell {
    size_t y0, y1, x0, x1;
    float share; /* of each of its places in the mean */
};

static struct cell cell_of(const struct ff_layer *l, size_t k)
{
    size_t high = l->window.grid, wide = l->window.across.grid;
    size_t y = k / wide, x = k % wide;
    struct cell c = {.y0 = y * l->out[0] / high,
                     .y1 = (y + 1) * l->out[0] / high,
                     .x0 = x * l->out[1] / wide,
                     .x1 = (x + 1) * l->out[1] / wide};
    c.share = 1 / (float)((c.y1 - c.y0) * (c.x1 - c.x0));
    return c;
}

/* A line of a cell, `places` of them: h and q of z, or dz of dq and h. */
FF_HOT static void square_line(float *q, float *h, const float *z, size_t R,
                               size_t places, float share)
{
    for (size_t i = 0; i < places; i++, h += R, z += R)
        for (size_t c = 0; c < R; c++) {
            h[c] = z[c] > 0 ? z[c] : 0;
            q[c] += share * h[c] * h[c];
        }
}

FF_HOT static void gate_line(float *dz, const float *dq, const float *h,
                             size_t R, size_t places, float share)
{
    for (size_t i = 0; i < places; i++, dz += R, h += R)
        for (size_t c = 0; c < R; c++)
            dz[c] = 2 * share * h[c] * dq[c];
}

void ff_grid_square(const struct ff_layer *l, const float *z, float *h,
                    float *q, size_t n)
{
    size_t many = ff_grid_cells(l), R = l->R;
    memset(q, 0, n * l->Q * sizeof *q);
    for (size_t k = 0; k < n * many; k++, q += R) {
        struct cell c = cell_of(l, k % many);
        for (size_t y = c.y0; y < c.y1; y++) {
            size_t at = k / many * l->H + (y * l->out[1] + c.x0) * R;
            square_line(q, h + at, z + at, R, c.x1 - c.x0, c.share);
        }
    }
}

void ff_grid_gate(const struct ff_layer *l, float *dz, const float *dq,
                  const float *h, size_t n)
{
    size_t many = ff_grid_cells(l), R = l->R;
    for (size_t k = 0; k < n * many; k++, dq += R) {
        struct cell c = cell_of(l, k % many);
        for (size_t y = c.y0; y < c.y1; y++) {
            size_t at = k / many * l->H + (y * l->out[1] + c.x0) * R;
            gate_line(dz + at, dq, h + at, R, c.x1 - c.x0, c.share);
        }
    }
}
