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

/* The polynomials are those of Cephes (Moshier), logf.c and expf.c. */
FF_HOT void ff_vec_log(float *x, size_t n)
{
    enum { ROOT_HALF = 0x3f3504f3, FRACTION = 0x7fffff };
    for (size_t i = 0; i < n; i++) {
        int32_t bits; /* x = 2^e (1 + f), 1 + f between roots of 1/2 and 2 */
        float f;
        memcpy(&bits, &x[i], sizeof bits);
        bits -= ROOT_HALF;
        float e = (float)(bits >> 23);
        bits = (bits & FRACTION) + ROOT_HALF;
        memcpy(&f, &bits, sizeof f);
        f -= 1;
        float p = 7.0376836292e-2f;
        p = p * f - 1.1514610310e-1f;
        p = p * f + 1.1676998740e-1f;
        p = p * f - 1.2420140846e-1f;
        p = p * f + 1.4249322787e-1f;
        p = p * f - 1.6668057665e-1f;
        p = p * f + 2.0000714765e-1f;
        p = p * f - 2.4999993993e-1f;
        p = p * f + 3.3333331174e-1f;
        float square = f * f;
        p = p * f * square - 2.12194440e-4f * e - 0.5f * square;
        x[i] = f + p + 0.693359375f * e;
    }
}

/* e^x; x less than -87 or more than 88 counts as that. */
static inline float exponential(float x)
{
    x = x > -87 ? x : -87;
    x = x < 88 ? x : 88;
    int32_t e = (int32_t)(x * 1.44269504f + 128.5f) - 128; /* rounded */
    x -= 0.693359375f * (float)e;
    x += 2.12194440e-4f * (float)e;
    float p = 1.9875691500e-4f, scale;
    p = p * x + 1.3981999507e-3f;
    p = p * x + 8.3334519073e-3f;
    p = p * x + 4.1665795894e-2f;
    p = p * x + 1.6666665459e-1f;
    p = p * x + 5.0000001201e-1f;
    int32_t bits = (e + 127) * (1 << 23);
    memcpy(&scale, &bits, sizeof scale);
    return (p * x * x + x + 1) * scale;
}

FF_HOT static float greatest(const float *x, size_t n)
{
    float part[8], most = x[0];
    size_t i = 0;
    for (size_t j = 0; j < 8; j++)
        part[j] = most;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            part[j] = x[i + j] > part[j] ? x[i + j] : part[j];
    for (; i < n; i++)
        most = x[i] > most ? x[i] : most;
    for (size_t j = 0; j < 8; j++)
        most = part[j] > most ? part[j] : most;
    return most;
}

FF_HOT void ff_vec_softmax(float *x, size_t n, float T)
{
    float most = greatest(x, n);
    for (size_t i = 0; i < n; i++)
        x[i] = exponential(T * (x[i] - most));
    ff_vec_scale(x, n, 1 / sum(x, n));
}

void ff_vec_swap(float *a, float *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float v = a[i];
        a[i] = b[i];
        b[i] = v;
    }
}
