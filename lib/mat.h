/*
 * mat.h -- matrix products; the only caller of BLAS and LAPACK.
 *
 * All matrices are row-major and dense. One BLAS thread: the same call gives
 * the same bits, and two models learn on two cores.
 */
#ifndef FF_MAT_H
#define FF_MAT_H

#include <stdbool.h>
#include <stddef.h>

/* Call once before the first product of a process (ff_model_new does). */
void ff_mat_init(void);

/* Name of the processor core whose kernels BLAS uses; static. And of a better
   one, see ff_core_better. */
const char *ff_mat_core(void);
const char *ff_mat_core_better(void);

/* C (M, N) = beta C + A (M, P) B (N, P)' */
void ff_mat_nt(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P, float beta);

/* C (M, N) = A (M, P) B (P, N) */
void ff_mat_nn(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P);

/* C (M, N) = beta C + alpha A (P, M)' B (P, N) */
void ff_mat_tn(float *C, const float *A, const float *B, size_t M, size_t N,
               size_t P, float alpha, float beta);

/* X (n, F) = X L', in place; of L (F, F) only the lower triangle is read. */
void ff_mat_lower(float *X, const float *L, size_t n, size_t F);

/*
 * In float64, for statistics. Of a symmetric matrix only the lower triangle is
 * read and written.
 */

/* S (F, F) = S + X (n, F)' X */
void ff_mat_gram(double *S, const double *X, size_t n, size_t F);

/* Symmetric A (F, F) becomes its factor L, lower, A = L L'. False: A is not
   positive definite, and is spoilt. */
bool ff_mat_cholesky(double *A, size_t F);

/* X (n, F) = X inv(L)', in place: the rows, whitened by A = L L'. */
void ff_mat_whiten(double *X, const double *L, size_t n, size_t F);

/* X (n, F) = X inv(L), in place: whitened rows X become rows of X inv(A). */
void ff_mat_unwhiten(double *X, const double *L, size_t n, size_t F);

/* Lower triangular L (F, F) becomes its inverse. */
void ff_mat_invert_lower(double *L, size_t F);

#endif
