#include "lib/expect.h"

#include <math.h>
#include <string.h>

#include "lib/hot.h"
#include "lib/vec.h"

#define VARIANCE_MIN 1e-4f /* of a mean square of 1 */
#define TILE_MIN     128

/* As many sets of M numbers, over and over, as make a loop worth its while. */
static size_t tile(const struct ff_layer *l)
{
    return l->M * ((TILE_MIN + l->M - 1) / l->M);
}

size_t ff_expect_room(const struct ff_layer *l)
{
    return 2 * tile(l);
}

static float deviation(float variance)
{
    return sqrtf(variance + VARIANCE_MIN);
}

FF_HOT static void scale_and_shift(float *u, const float *scale,
                                   const float *shift, float length, size_t n)
{
    for (size_t i = 0; i < n; i++)
        u[i] = u[i] * length * scale[i] - shift[i];
}

void ff_expect_standardise(const struct ff_layer *l, const float *params,
                           const float *x, size_t n, float *u, float *room)
{
    size_t T = tile(l), D = l->D, M = l->M;
    float *scale = room, *shift = room + T;
    for (size_t i = 0; i < T; i++) {
        size_t c = i % M;
        scale[i] = 1 / deviation(params[l->variance + c]);
        shift[i] = params[l->mean + c] * scale[i];
    }
    if (u != x)
        memcpy(u, x, n * D * sizeof *u);
    ff_vec_centre(u, n, D);
    for (size_t i = 0; i < n; i++, u += D) {
        float length = ff_vec_inverse_rms(u, D);
        for (size_t at = 0; at < D; at += T)
            scale_and_shift(u + at, scale, shift, length,
                            D - at < T ? D - at : T);
    }
}

/* u is standardised already: what is left of it on average is what mean and
   variance are wrong by. */
void ff_expect_follow(const struct ff_layer *l, float *params, const float *u,
                      size_t n, float rate)
{
    size_t C = l->M, all = n * l->D / C;
    for (size_t c = 0; c < C; c++) {
        float *mean = params + l->mean + c,
              *variance = params + l->variance + c;
        float s = deviation(*variance);
        double sum = 0, squares = 0;
        for (size_t i = c; i < n * l->D; i += C) {
            sum += (double)u[i];
            squares += (double)(u[i] * u[i]);
        }
        *variance +=
            rate * (s * s * (float)(squares / (double)all) - *variance);
        *mean += rate * s * (float)(sum / (double)all);
    }
}

void ff_expect_uphill(const struct ff_layer *l, const float *params, float *g,
                      size_t n)
{
    for (size_t i = 0; i < n * l->D; i++)
        g[i] /= deviation(params[l->variance + i % l->M]);
    ff_vec_centre(g, n, l->D); /* the level is forgotten */
}
