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

void ff_mat_nt(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P, float beta)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, dim(M), dim(N), dim(P),
                1.0f, A, dim(P), B, dim(P), beta, C, dim(N));
}

void ff_mat_nn(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, dim(M), dim(N),
                dim(P), 1.0f, A, dim(P), B, dim(N), 0.0f, C, dim(N));
}

void ff_mat_tn(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P, float alpha, float beta)
{
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, dim(M), dim(N), dim(P),
                alpha, A, dim(M), B, dim(N), beta, C, dim(N));
}
