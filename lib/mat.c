#include "lib/mat.h"

#include <cblas.h>
#include <f77blas.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <strings.h>

/*
 * With few rows, most of a product's time goes into packing the weights, each
 * of which is used only a few times. The AVX-512 kernels multiply small
 * products (M N P up to a million) without packing, so a product of few rows
 * is cut into narrow strips; from 64 rows on packing pays (see README.md).
 */
#define STRIP_ROWS     32 /* most rows for which strips pay */
#define STRIP_SIZE_MAX 1000000

static bool strips; /* set once, before the first product */

static void look_at_core(void)
{
    static const char *const cores[] = {"SkylakeX", "Cooperlake",
                                        "SapphireRapids"};
    const char *core = openblas_get_corename();
    for (size_t i = 0; i < sizeof cores / sizeof *cores; i++)
        strips = strips || strcasecmp(core, cores[i]) == 0;
}

void ff_mat_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    openblas_set_num_threads(1);
    pthread_once(&once, look_at_core);
}

const char *ff_mat_core(void)
{
    return openblas_get_corename();
}

const char *ff_mat_core_better(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (strcasecmp(openblas_get_corename(), "Prescott") != 0)
        return NULL;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "Haswell";
#endif
    return NULL;
}

static blasint dim(size_t n)
{
    return (blasint)n;
}

/* A lone frame is bound by memory, and the matrix-vector forms stream better.
 */

void ff_mat_nt(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P, float beta)
{
    if (M == 1) {
        cblas_sgemv(CblasRowMajor, CblasNoTrans, dim(N), dim(P), 1.0f, B,
                    dim(P), A, 1, beta, C, 1);
        return;
    }
    size_t strip = M <= STRIP_ROWS / 2 ? 24 : 16;
    if (!strips || M > STRIP_ROWS || M * strip * P > STRIP_SIZE_MAX)
        strip = N;
    for (size_t j = 0; j < N; j += strip) {
        size_t some = N - j < strip ? N - j : strip;
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, dim(M), dim(some),
                    dim(P), 1.0f, A, dim(P), B + j * P, dim(P), beta, C + j,
                    dim(N));
    }
}

void ff_mat_nn(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P)
{
    if (M == 1) {
        cblas_sgemv(CblasRowMajor, CblasTrans, dim(P), dim(N), 1.0f, B, dim(N),
                    A, 1, 0.0f, C, 1);
        return;
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, dim(M), dim(N),
                dim(P), 1.0f, A, dim(P), B, dim(N), 0.0f, C, dim(N));
}

void ff_mat_tn(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P, float alpha, float beta)
{
    if (P == 0 && beta == 1) /* OpenBLAS would walk all of C to add nothing */
        return;
    if (P == 1 && beta == 1) {
        for (size_t i = 0; i < M; i++) /* half the units are off: rows of 0 */
            if (A[i] != 0)
                cblas_saxpy(dim(N), alpha * A[i], B, 1, C + i * N, 1);
        return;
    }
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, dim(M), dim(N), dim(P),
                alpha, A, dim(M), B, dim(N), beta, C, dim(N));
}

void ff_mat_lower(float *X, const float *L, size_t n, size_t F)
{
    if (n == 1) {
        cblas_strmv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit,
                    dim(F), L, dim(F), X, 1);
        return;
    }
    cblas_strmm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit,
                dim(n), dim(F), 1.0f, L, dim(F), X, dim(F));
}

void ff_mat_gram(double *S, const double *X, size_t n, size_t F)
{
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, dim(F), dim(n), 1.0, X,
                dim(F), 1.0, S, dim(F));
}

/* LAPACK counts columns first: our lower triangle is its upper one. */

bool ff_mat_cholesky(double *A, size_t F)
{
    blasint n = dim(F), info = 0;
    dpotrf_("U", &n, A, &n, &info);
    bool definite = info == 0;
    for (size_t i = 0; i < F; i++) /* NaN may pass unseen above */
        definite = definite && isfinite(A[i * F + i]);
    return definite;
}

static void solve(double *X, const double *L, size_t n, size_t F,
                  CBLAS_TRANSPOSE trans)
{
    cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, trans, CblasNonUnit,
                dim(n), dim(F), 1.0, L, dim(F), X, dim(F));
}

void ff_mat_whiten(double *X, const double *L, size_t n, size_t F)
{
    solve(X, L, n, F, CblasTrans);
}

void ff_mat_unwhiten(double *X, const double *L, size_t n, size_t F)
{
    solve(X, L, n, F, CblasNoTrans);
}

void ff_mat_invert_lower(double *L, size_t F)
{
    blasint n = dim(F), info = 0;
    dtrtri_("U", "N", &n, L, &n, &info);
}
