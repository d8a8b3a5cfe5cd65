#include "lib/image.h"

#include <string.h>

#include "lib/vec.h"

static size_t clamp(size_t i, int d, size_t n)
{
    ptrdiff_t at = (ptrdiff_t)i - d;
    return at < 0 ? 0 : (size_t)at >= n ? n - 1 : (size_t)at;
}

void ff_image_shift(float *dst, const float *src, const size_t shape[3], int dy,
                    int dx)
{
    size_t H = shape[0], W = shape[1], C = shape[2];
    for (size_t y = 0; y < H; y++)
        for (size_t x = 0; x < W; x++)
            memcpy(dst + (y * W + x) * C,
                   src + (clamp(y, dy, H) * W + clamp(x, dx, W)) * C,
                   C * sizeof *dst);
}

/* A coordinate within 0 .. n - 1 as a pixel and the share of the next one. */
static size_t between(float at, size_t n, float *share)
{
    float last = (float)(n - 1);
    at = at < 0 ? 0 : at > last ? last : at;
    size_t i = (size_t)at;
    i = i + 1 < n ? i : n > 1 ? n - 2 : 0;
    *share = n > 1 ? at - (float)i : 0;
    return i;
}

void ff_image_warp(float *dst, const float *src, const size_t shape[3],
                   const float A[4], const float t[2])
{
    size_t H = shape[0], W = shape[1], C = shape[2];
    size_t down = H > 1 ? W * C : 0, right = W > 1 ? C : 0;
    float my = 0.5f * (float)(H - 1), mx = 0.5f * (float)(W - 1);
    for (size_t y = 0; y < H; y++)
        for (size_t x = 0; x < W; x++) {
            float py = (float)y - my, px = (float)x - mx, fy, fx;
            size_t sy = between(my + A[0] * py + A[1] * px + t[0], H, &fy);
            size_t sx = between(mx + A[2] * py + A[3] * px + t[1], W, &fx);
            const float *p = src + (sy * W + sx) * C;
            for (size_t c = 0; c < C; c++, p++) {
                float top = p[0] + fx * (p[right] - p[0]);
                float low = p[down] + fx * (p[down + right] - p[down]);
                *dst++ = top + fy * (low - top);
            }
        }
}

void ff_image_flip(float *x, const size_t shape[3])
{
    size_t W = shape[1], C = shape[2];
    for (size_t y = 0; y < shape[0]; y++, x += W * C)
        for (size_t i = 0; i < W / 2; i++)
            ff_vec_swap(x + i * C, x + (W - 1 - i) * C, C);
}

/* The part of a side that a square of it hides, its middle anywhere. */
static void hide(struct ff_rng *g, size_t side, size_t n, size_t *from,
                 size_t *to)
{
    size_t middle = ff_rng_below(g, n);
    *from = middle > side / 2 ? middle - side / 2 : 0;
    *to = middle + side - side / 2;
    *to = *to < n ? *to : n;
}

void ff_image_cut(float *x, const size_t shape[3], float share,
                  struct ff_rng *g)
{
    size_t H = shape[0], W = shape[1], C = shape[2], y0, y1, x0, x1;
    size_t shorter = W == 1 || H < W ? H : W;
    size_t side = (size_t)(share * (float)shorter + 0.5f);
    hide(g, side, H, &y0, &y1);
    hide(g, side, W, &x0, &x1);
    for (size_t c = 0; c < C; c++) {
        float sum = 0;
        for (size_t i = c; i < H * W * C; i += C)
            sum += x[i];
        for (size_t y = y0; y < y1; y++)
            for (size_t at = x0; at < x1; at++)
                x[(y * W + at) * C + c] = sum / (float)(H * W);
    }
}

/* [1/4 1/2 1/4] along one line of n values, `stride` apart; edges repeat. */
static void blur(float *line, size_t n, size_t stride)
{
    float before = line[0];
    for (size_t i = 0; i < n; i++) {
        float here = line[i * stride];
        float after = i + 1 < n ? line[(i + 1) * stride] : here;
        line[i * stride] = 0.25f * before + 0.5f * here + 0.25f * after;
        before = here;
    }
}

void ff_image_mask(uint8_t *mask, float *work, const size_t shape[3], int blurs,
                   struct ff_rng *g)
{
    size_t H = shape[0], W = shape[1];
    for (size_t i = 0; i < H * W; i++)
        work[i] = ff_rng_uniform(g);
    for (int turn = 0; turn < blurs; turn++) {
        for (size_t y = 0; y < H; y++)
            blur(work + y * W, W, 1);
        for (size_t x = 0; x < W; x++)
            blur(work + x, H, W);
    }
    for (size_t i = 0; i < H * W; i++)
        mask[i] = work[i] > 0.5f;
}

void ff_vector_mask(uint8_t *mask, size_t n, struct ff_rng *g)
{
    size_t run = n / 8 ? n / 8 : 1;
    uint8_t side = (uint8_t)ff_rng_below(g, 2);
    for (size_t i = 0; i < n; i++) {
        mask[i] = side;
        if (ff_rng_below(g, run) == 0)
            side = !side;
    }
}
