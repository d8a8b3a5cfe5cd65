#include "lib/mat.h"

#include <cblas.h>

void ff_mat_init(void)
{
    openblas_set_num_threads(1);
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
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, dim(M), dim(N), dim(P),
                1.0f, A, dim(P), B, dim(P), beta, C, dim(N));
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
    if (P == 1 && beta == 1) {
        for (size_t i = 0; i < M; i++) /* half the units are off: rows of 0 */
            if (A[i] != 0)
                cblas_saxpy(dim(N), alpha * A[i], B, 1, C + i * N, 1);
        return;
    }
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, dim(M), dim(N), dim(P),
                alpha, A, dim(M), B, dim(N), beta, C, dim(N));
}
