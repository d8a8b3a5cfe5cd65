#include "lib/gauss.h"

#include <math.h>
#include <string.h>

#include "lib/ff.h"
#include "lib/hot.h"
#include "lib/mat.h"

#define RIDGE_FRAMES 200.0
#define RIDGE_MIN    0.001
#define RIDGE_MAX    1.0
#define VARIANCE_MIN 1e-12 /* of the mean square: less is rounding */

void ff_gauss_carve(struct ff_gauss *g, struct ff_arena *a, size_t F, size_t K)
{
    size_t rows = K > FF_GAUSS_BLOCK ? K : FF_GAUSS_BLOCK;
    *g = (struct ff_gauss){.F = F, .K = K};
    g->n = ff_arena_take(a, K, sizeof *g->n);
    g->sum = ff_arena_take(a, K * F, sizeof *g->sum);
    g->S = ff_arena_take(a, F * F, sizeof *g->S);
    g->A = ff_arena_take(a, F * F, sizeof *g->A);
    g->rows = ff_arena_take(a, rows * F, sizeof *g->rows);
    g->mean = ff_arena_take(a, F, sizeof *g->mean);
    g->C = ff_arena_take(a, K * K, sizeof *g->C);
}

void ff_gauss_fit_carve(struct ff_gauss_fit *f, struct ff_arena *a, size_t F,
                        size_t K, bool distances)
{
    *f = (struct ff_gauss_fit){.F = F, .K = K};
    f->live = ff_arena_take(a, K, sizeof *f->live);
    f->W = ff_arena_take(a, K * F, sizeof *f->W);
    f->b = ff_arena_take(a, K, sizeof *f->b);
    f->c = ff_arena_take(a, K, sizeof *f->c);
    f->Q = ff_arena_take(a, K * K, sizeof *f->Q);
    if (!distances)
        return;
    f->L = ff_arena_take(a, F * F, sizeof *f->L);
    f->centre = ff_arena_take(a, K * F, sizeof *f->centre);
}

void ff_gauss_clear(struct ff_gauss *g)
{
    memset(g->n, 0, g->K * sizeof *g->n);
    memset(g->sum, 0, g->K * g->F * sizeof *g->sum);
    memset(g->S, 0, g->F * g->F * sizeof *g->S);
}

/* A row into float64, and into its class's sum. */
FF_HOT static void add_row(double *row, double *sum, const float *x, size_t F)
{
    for (size_t j = 0; j < F; j++) {
        row[j] = (double)x[j];
        sum[j] += row[j];
    }
}

void ff_gauss_add(struct ff_gauss *g, const float *x, const int *classes,
                  size_t n)
{
    size_t F = g->F;
    for (size_t i = 0; i < n; i += FF_GAUSS_BLOCK) {
        size_t some = n - i < FF_GAUSS_BLOCK ? n - i : FF_GAUSS_BLOCK;
        for (size_t j = 0; j < some; j++) {
            size_t k = (size_t)classes[i + j];
            add_row(g->rows + j * F, g->sum + k * F, x + (i + j) * F, F);
            g->n[k]++;
        }
        ff_mat_gram(g->S, g->rows, some, F);
    }
}

double ff_gauss_ridge(uint64_t n)
{
    return fmin(RIDGE_MAX, fmax(RIDGE_MIN, RIDGE_FRAMES / (double)n));
}

static uint64_t count(const struct ff_gauss *g)
{
    uint64_t n = 0;
    for (size_t k = 0; k < g->K; k++)
        n += g->n[k];
    return n;
}

/* rows (K, F) = means of the classes, 0 where there is none; mean = of all. */
static void find_means(struct ff_gauss *g, uint64_t n)
{
    memset(g->mean, 0, g->F * sizeof *g->mean);
    for (size_t k = 0; k < g->K; k++) {
        double *row = g->rows + k * g->F;
        const double *sum = g->sum + k * g->F;
        double scale = g->n[k] ? 1 / (double)g->n[k] : 0;
        for (size_t j = 0; j < g->F; j++) {
            row[j] = scale * sum[j];
            g->mean[j] += sum[j] / (double)n;
        }
    }
}

/* A = (S - sum over k of n_k mu_k mu_k') / n + lambda I, factored. */
static int factor(struct ff_gauss *g, uint64_t n)
{
    size_t F = g->F;
    double trace = 0, squares = 0;
    memcpy(g->A, g->S, F * F * sizeof *g->A);
    for (size_t i = 0; i < F; i++) {
        double *row = g->A + i * F;
        squares += row[i] / (double)n;
        for (size_t k = 0; k < g->K; k++) {
            const double *mu = g->rows + k * F;
            double scale = (double)g->n[k] * mu[i];
            for (size_t j = 0; j <= i; j++)
                row[j] -= scale * mu[j];
        }
        for (size_t j = 0; j <= i; j++)
            row[j] /= (double)n;
        trace += row[i];
    }
    double lambda = ff_gauss_ridge(n) * trace / (double)F;
    for (size_t i = 0; i < F; i++)
        g->A[i * F + i] += lambda;
    return trace > VARIANCE_MIN * squares && ff_mat_cholesky(g->A, F)
               ? 0
               : FF_EFINITE;
}

/* rows = those of the live classes less the mean, the others 0. */
static void centre_means(struct ff_gauss *g)
{
    for (size_t k = 0; k < g->K; k++)
        for (size_t j = 0; j < g->F && g->n[k]; j++)
            g->rows[k * g->F + j] -= g->mean[j];
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Q = P^1/2 (I + P^1/2 C P^1/2)^-1 P^1/2 out of C, which is used up: with the
   bracket factored as E E' it is Y Y', Y = P^1/2 inv(E)'. */
static void solve_relative(struct ff_gauss *g, struct ff_gauss_fit *f,
                           uint64_t n)
{
    size_t K = g->K;
    double *E = g->C;
    for (size_t j = 0; j < K; j++)
        for (size_t k = 0; k <= j; k++)
            E[j * K + k] = E[j * K + k] *
                               sqrt((double)g->n[j] * (double)g->n[k]) /
                               (double)n +
                           (j == k);
    ff_mat_cholesky(E, K); /* never fails: its eigenvalues are 1 or more */
    ff_mat_invert_lower(E, K);
    for (size_t j = 0; j < K; j++)
        for (size_t k = 0; k < K; k++) {
            double sum = 0; /* (inv(E)' inv(E))_jk */
            for (size_t i = j > k ? j : k; i < K; i++)
                sum += E[i * K + j] * E[i * K + k];
            f->Q[j * K + k] =
                (float)(sum * sqrt((double)g->n[j] * (double)g->n[k]) /
                        (double)n);
        }
}

static void to_float(float *out, const double *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)in[i];
}

/* L and centre; the factor becomes its inverse. */
static void solve_distance(struct ff_gauss *g, struct ff_gauss_fit *f)
{
    size_t F = g->F;
    find_means(g, count(g));
    ff_mat_whiten(g->rows, g->A, g->K, F);
    to_float(f->centre, g->rows, g->K * F);
    ff_mat_invert_lower(g->A, F);
    for (size_t i = 0; i < F; i++)
        for (size_t j = 0; j < F; j++)
            f->L[i * F + j] = j <= i ? (float)g->A[i * F + j] : 0;
}

int ff_gauss_solve(struct ff_gauss *g, struct ff_gauss_fit *f)
{
    size_t F = g->F, K = g->K;
    uint64_t n = count(g);
    if (n == 0)
        return FF_EMPTY;
    find_means(g, n);
    int status = factor(g, n);
    if (status)
        return status;
    centre_means(g);
    ff_mat_whiten(g->rows, g->A, K, F);
    for (size_t j = 0; j < K; j++)
        for (size_t k = 0; k < K; k++)
            g->C[j * K + k] = dot(g->rows + j * F, g->rows + k * F, F);
    ff_mat_unwhiten(g->rows, g->A, K, F);
    for (size_t k = 0; k < K; k++) {
        double c = g->C[k * K + k];
        f->live[k] = g->n[k] > 0;
        f->c[k] = (float)c;
        f->b[k] = (float)(-dot(g->rows + k * F, g->mean, F) - c / 2);
    }
    to_float(f->W, g->rows, K * F);
    solve_relative(g, f, n);
    if (f->L)
        solve_distance(g, f);
    return 0;
}

void ff_gauss_drop(struct ff_gauss_fit *f, size_t k)
{
    size_t F = f->F, K = f->K;
    if (F == 0)
        return;
    f->live[k] = 0;
    memset(f->W + k * F, 0, F * sizeof *f->W);
    f->b[k] = f->c[k] = 0;
    for (size_t j = 0; j < K; j++)
        f->Q[j * K + k] = f->Q[k * K + j] = 0;
    if (f->L)
        memset(f->centre + k * F, 0, F * sizeof *f->centre);
}

void ff_gauss_fit_clear(struct ff_gauss_fit *f)
{
    for (size_t k = 0; k < f->K; k++)
        ff_gauss_drop(f, k);
    if (f->L)
        memset(f->L, 0, f->F * f->F * sizeof *f->L);
}

void ff_gauss_scores(const struct ff_gauss_fit *f, float *s, const float *x,
                     size_t n)
{
    for (size_t i = 0; i < n; i++)
        memcpy(s + i * f->K, f->b, f->K * sizeof *s);
    ff_mat_nt(s, x, f->W, n, f->K, f->F, 1);
}

void ff_gauss_relative(const struct ff_gauss_fit *f, float *R, const float *s,
                       size_t n)
{
    size_t K = f->K;
    float v[FF_CLASSES_MAX];
    for (size_t i = 0; i < n; i++) {
        float most = -INFINITY, sum = 0;
        for (size_t k = 0; k < K; k++) {
            v[k] = s[i * K + k] + f->c[k] / 2;
            if (f->live[k] && s[i * K + k] > most)
                most = s[i * K + k];
        }
        for (size_t j = 0; j < K; j++)
            for (size_t k = 0; k < K; k++)
                sum += v[j] * f->Q[j * K + k] * v[k];
        R[i] = sum - 2 * most; /* c_k - 2 v_k = -2 s_k */
    }
}

FF_HOT static float square_distance(const float *a, const float *b, size_t n)
{
    float part[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            part[j] += (a[i + j] - b[i + j]) * (a[i + j] - b[i + j]);
    float sum = 0;
    for (; i < n; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    for (size_t j = 0; j < 8; j++)
        sum += part[j];
    return sum;
}

void ff_gauss_distance(const struct ff_gauss_fit *f, float *D, float *x,
                       size_t n)
{
    ff_mat_lower(x, f->L, n, f->F);
    for (size_t i = 0; i < n; i++) {
        D[i] = INFINITY;
        for (size_t k = 0; k < f->K; k++) {
            if (!f->live[k])
                continue;
            float d = square_distance(x + i * f->F, f->centre + k * f->F, f->F);
            D[i] = d < D[i] ? d : D[i];
        }
    }
}
