/*
 * mat.h -- matrix products; the only caller of cblas.
 *
 * All matrices are row-major and dense. One BLAS thread: the same call gives
 * the same bits, and two models learn on two cores.
 */
#ifndef FF_MAT_H
#define FF_MAT_H

#include <stddef.h>

/* Call once before the first product of a process (ff_model_new does). */
void ff_mat_init(void);

/* C (M, N) = beta C + A (M, P) B (N, P)' */
void ff_mat_nt(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P, float beta);

/* C (M, N) = A (M, P) B (P, N) */
void ff_mat_nn(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P);

/* C (M, N) = beta C + alpha A (P, M)' B (P, N) */
void ff_mat_tn(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P, float alpha, float beta);

#endif
