#include "lib/pattern.h"

#include <math.h>

#include "lib/vec.h"

#define TURN      6.283185307179586f
#define PERIODS_2 4 /* least periods, squared */

/* The frequencies that follow (*fy, *fx), by their square and then in order;
   half of the plane, the other half being the same waves. */
static void next(int *fy, int *fx, int most_y, int most_x)
{
    int now = *fy * *fy + *fx * *fx;
    for (int square = now;; square++)
        for (int y = 0; y <= most_y; y++)
            for (int x = -most_x; x <= most_x; x++) {
                bool half = y > 0 || x > 0;
                bool later = square > now || y > *fy || (y == *fy && x > *fx);
                if (half && later && y * y + x * x == square) {
                    *fy = y;
                    *fx = x;
                    return;
                }
                if (square > most_y * most_y + most_x * most_x) {
                    *fy = *fx = 0; /* all were there: from the beginning */
                    return;
                }
            }
}

static void draw(float *P, const struct ff_spec *s, int fy, int fx, float phase)
{
    size_t H = s->shape[0], W = s->shape[1];
    for (size_t y = 0; y < H; y++)
        for (size_t x = 0; x < W; x++) {
            float at = (float)fy * (float)y / (float)H +
                       (float)fx * (float)x / (float)W;
            float v = sqrtf(2) * cosf(TURN * (at + phase));
            *P++ = s->pattern == FF_PATTERN_STRIPS ? v < 0 ? -1.0f : 1.0f : v;
        }
}

void ff_pattern_draw(float *P, size_t K, const struct ff_spec *s)
{
    int most_y = (int)(s->shape[0] - 1) / 2,
        most_x = (int)(s->shape[1] - 1) / 2;
    int fy = 0, fx = 0, round = 0;
    for (size_t k = 0; k < K; k++, P += s->shape[0] * s->shape[1]) {
        if (k % 2 == 0)
            do {
                next(&fy, &fx, most_y, most_x);
                round += fy == 0 && fx == 0;
            } while (fy * fy + fx * fx < PERIODS_2 && round < 8);
        draw(P, s, fy, fx,
             -0.25f * (float)(k % 2) + 0.25f / 8 * (float)(round % 8));
    }
}

void ff_pattern_add(float *x, const float *P, float weight,
                    const size_t shape[3])
{
    size_t n = shape[0] * shape[1], C = shape[2];
    float by = weight / ff_vec_inverse_rms(x, n * C);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < C; c++)
            x[i * C + c] += by * P[i];
}
