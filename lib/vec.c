#include "lib/vec.h"

#include <math.h>
#include <string.h>

#include "lib/hot.h"

#define LENGTH_MIN 1e-8f /* an all-zero frame stays zero */

/* Eight partial sums: the compiler may not reorder a float sum by itself. */
FF_HOT static float square_sum(const float *x, size_t n)
{
    float part[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            part[j] += x[i + j] * x[i + j];
    float sum = 0;
    for (; i < n; i++)
        sum += x[i] * x[i];
    for (size_t j = 0; j < 8; j++)
        sum += part[j];
    return sum;
}

float ff_vec_length(const float *x, size_t n)
{
    return sqrtf(square_sum(x, n));
}

float ff_vec_inverse_rms(const float *x, size_t n)
{
    return 1 / sqrtf(square_sum(x, n) / (float)n + LENGTH_MIN);
}

FF_HOT void ff_vec_normalise(float *u, const float *x, size_t B, size_t D)
{
    for (size_t i = 0; i < B; i++) {
        const float *in = x + i * D;
        float *out = u + i * D;
        float scale = ff_vec_inverse_rms(in, D);
        for (size_t j = 0; j < D; j++)
            out[j] = scale * in[j];
    }
}

FF_HOT static float sum(const float *x, size_t n)
{
    float part[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            part[j] += x[i + j];
    float all = 0;
    for (; i < n; i++)
        all += x[i];
    for (size_t j = 0; j < 8; j++)
        all += part[j];
    return all;
}

FF_HOT void ff_vec_centre(float *x, size_t B, size_t D)
{
    for (size_t i = 0; i < B; i++) {
        float mean = sum(x + i * D, D) / (float)D;
        for (size_t j = 0; j < D; j++)
            x[i * D + j] -= mean;
    }
}

FF_HOT void ff_vec_standardise(float *x, const float *mean, const float *scale,
                               size_t n, size_t C)
{
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < C; c++)
            x[i * C + c] = (x[i * C + c] - mean[c]) / scale[c];
}

FF_HOT void ff_vec_scale(float *x, size_t n, float s)
{
    for (size_t i = 0; i < n; i++)
        x[i] *= s;
}

bool ff_vec_finite(const float *x, size_t n)
{
    return square_sum(x, n) < INFINITY; /* false for NaN too */
}

FF_HOT void ff_vec_from_u8(float *x, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)bytes[i] * (1.0f / 255);
}

void ff_vec_from_i16(float *x, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int16_t v;
        memcpy(&v, (const uint8_t *)bytes + i * sizeof v, sizeof v);
        x[i] = (float)v / 32768;
    }
}

void ff_vec_to_u8(uint8_t *bytes, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float v = x[i] > 0 ? x[i] : 0; /* NaN is 0 */
        v = v < 1 ? v : 1;
        bytes[i] = (uint8_t)(v * 255 + 0.5f);
    }
}

int ff_vec_argmax(const float *x, const uint8_t *live, size_t n)
{
    int best = -1;
    for (size_t k = 0; k < n; k++)
        if (live[k] && (best < 0 || x[k] > x[best]))
            best = (int)k;
    return best;
}

void ff_vec_swap(float *a, float *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float v = a[i];
        a[i] = b[i];
        b[i] = v;
    }
}
