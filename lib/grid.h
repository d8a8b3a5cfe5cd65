/*
 * grid.h -- squares of a layer that answers at many places: their mean over
 * each cell of a grid, unit by unit, so that verdicts weigh where a unit
 * speaks.
 *
 *     q = mean of h^2 over the places of a cell   (B, cells, R)
 */
#ifndef FF_GRID_H
#define FF_GRID_H

#include "lib/layer.h"

size_t ff_grid_cells(const struct ff_layer *l);

/* See layer.h. */
void ff_grid_square(const struct ff_layer *l, const float *z, float *h,
                    float *q, size_t n);
void ff_grid_gate(const struct ff_layer *l, float *dz, const float *dq,
                  const float *h, size_t n);

#endif
