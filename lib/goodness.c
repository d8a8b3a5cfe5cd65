#include "lib/goodness.h"

#include <string.h>

#include "lib/hot.h"
#include "lib/mat.h"

void ff_goodness_groups(float *V, size_t K, size_t N, size_t Q, size_t R)
{
    size_t own = R / K, all = own * (Q / R);
    memset(V, 0, N * Q * sizeof *V);
    for (size_t k = 0; k < K; k++)
        for (size_t place = 0; place < Q; place += R)
            for (size_t u = k * own; u < (k + 1) * own; u++)
                V[k * Q + place + u] = 1.0f / (float)all;
}

void ff_goodness_layer(float *V, size_t Q)
{
    for (size_t u = 0; u < Q; u++)
        V[u] = 1.0f / (float)Q;
}

FF_HOT void ff_goodness_relu(float *h, const float *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h[i] = a[i] > 0 ? a[i] : 0;
}

FF_HOT void ff_goodness_rectify(float *h, float *q, const float *z, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        h[i] = z[i] > 0 ? z[i] : 0;
        q[i] = h[i] * h[i];
    }
}

FF_HOT void ff_goodness_pair(float *z, const float *a, size_t n, size_t H)
{
    for (size_t i = 0; i < n * H; i++) {
        z[n * H + i] = a[i] + a[n * H + i];
        z[i] = a[i] + a[i];
    }
}

FF_HOT void ff_goodness_unpair(float *dz, size_t n, size_t H)
{
    for (size_t i = 0; i < n * H; i++)
        dz[i] = 2 * dz[i] + dz[n * H + i];
}

void ff_goodness_forward(float *G, const float *q, const float *V,
                         const float *c, size_t B, size_t N, size_t H)
{
    for (size_t i = 0; i < B; i++)
        memcpy(G + i * N, c, N * sizeof *G);
    ff_mat_nt(G, q, V, B, N, H, 1);
}

FF_HOT void ff_goodness_gate(float *dz, const float *dq, const float *h,
                             size_t n)
{
    for (size_t i = 0; i < n; i++)
        dz[i] = 2 * h[i] * dq[i];
}

FF_HOT void ff_goodness_places(float *G, const float *h, size_t n, size_t R)
{
    for (size_t i = 0; i < n; i++, h += R) {
        float sum = 0;
        for (size_t c = 0; c < R; c++)
            sum += h[c] * h[c];
        G[i] = sum / (float)R;
    }
}

FF_HOT void ff_goodness_unplace(float *dz, const float *dG, const float *h,
                                size_t n, size_t R)
{
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < R; c++)
            dz[i * R + c] = 2 / (float)R * dG[i] * h[i * R + c];
}
