#include "lib/pattern.h"

#include <math.h>

#include "lib/vec.h"

#define TURN      6.283185307179586f
#define PERIODS_2 4 /* least periods, squared */

static bool slow(int fy, int fx)
{
    return fy * fy + fx * fx < PERIODS_2;
}

/* The greatest frequencies that are looked at, of both directions; more than
   there are classes are never needed. */
static void find_most(int most[2], const struct ff_spec *s)
{
    for (int i = 0; i < 2; i++) {
        size_t side = (s->shape[i] - 1) / 2;
        most[i] = (int)(side < FF_CLASSES_MAX ? side : FF_CLASSES_MAX);
    }
}

size_t ff_pattern_waves(const struct ff_spec *s)
{
    int most[2];
    size_t n = 0; /* in half of the plane, with two phases each */
    find_most(most, s);
    for (int y = -most[0]; y <= most[0]; y++)
        for (int x = -most[1]; x <= most[1]; x++)
            n += !slow(y, x);
    return n;
}

/* The frequency that follows f (y, x), by its square and then in order; half of
   the plane, the other half being the same waves. After the last, (0, 0). */
static void next(int f[2], const int most[2])
{
    int now = f[0] * f[0] + f[1] * f[1];
    int last = most[0] * most[0] + most[1] * most[1];
    for (int square = now; square <= last; square++)
        for (int y = 0; y <= most[0] && y * y <= square; y++) {
            int r = (int)lroundf(sqrtf((float)(square - y * y)));
            if (r > most[1] || y * y + r * r != square)
                continue;
            for (int sign = y > 0 ? -1 : 1; sign <= 1; sign += 2) {
                int x = sign * r;
                if (square == now && (y < f[0] || (y == f[0] && x <= f[1])))
                    continue;
                f[0] = y;
                f[1] = x;
                return;
            }
        }
    f[0] = f[1] = 0;
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
    int most[2], f[2] = {0, 0};
    size_t waves = ff_pattern_waves(s);
    if (waves == 0) /* no valid spec */
        return;
    size_t rounds = (K + waves - 1) / waves;
    find_most(most, s);
    for (size_t k = 0; k < K; k++, P += s->shape[0] * s->shape[1]) {
        size_t round = k / waves;
        float turned = 0.25f * (float)round / (float)rounds;
        if (k % 2 == 0)
            do
                next(f, most);
            while (slow(f[0], f[1]));
        draw(P, s, f[0], f[1], turned - 0.25f * (float)(k % 2));
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
