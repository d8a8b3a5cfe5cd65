/*
 * gauss.h -- what features of each class look like: means and one covariance.
 *
 * F features, K classes, n frames; all arrays row-major. With class means
 * mu_k, their mean m (weighted by frames) and the covariance S within classes,
 * A = S + lambda I, lambda = ff_gauss_ridge(n) trace(S) / F:
 *
 *     s_k = W_k x + b_k             W_k = A^-1 (mu_k - m)          read-out
 *     D_k = |L x - centre_k|^2      L'L = A^-1, centre_k = L mu_k  distance
 *     R   = min_k D_k - D_all = min_k (c_k - 2 v_k) + v'Q v        relative
 *
 * s is linear discriminant analysis (Fisher 1936; Hastie et al., "The Elements
 * of Statistical Learning", 4.3), all classes being as frequent: add the log
 * of their frequencies where they are not. D_k is the squared Mahalanobis
 * distance to a class (Lee et al. 2018, arXiv:1807.03888), R the relative one
 * (Ren et al. 2021, arXiv:2106.09022): what a frame has in common with no
 * class, but also with frames in general, is taken off. D_all is measured with
 * the covariance of all frames and the same ridge, T = A + B, B being that of
 * the class means; so R needs no more than the scores (Woodbury's identity):
 *
 *     c_k = (mu_k - m)'A^-1 (mu_k - m),  C_jk the same of j and k
 *     v_k = s_k + c_k / 2 = (mu_k - m)'A^-1 (x - m)
 *     Q   = P^1/2 (I + P^1/2 C P^1/2)^-1 P^1/2,  P_kk = n_k / n
 *
 * Sums are kept in float64: a block of frames is added at a time, none is
 * kept. They do not fade: clear them and add what is remembered, projected by
 * the present net, whenever it has moved.
 */
#ifndef FF_GAUSS_H
#define FF_GAUSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"

#define FF_GAUSS_BLOCK 256 /* frames in one product */

struct ff_gauss {
    size_t F, K;
    uint64_t *n;  /* (K) frames added of each class */
    double *sum;  /* (K, F) of features */
    double *S;    /* (F, F) lower: sum of x x' */
    double *A;    /* (F, F) room for the factor */
    double *rows; /* (FF_GAUSS_BLOCK or K, F) room */
    double *mean; /* (F) room */
    double *C;    /* (K, K) room */
};

/* What is learned from them, in float32: small enough to be in a view, plain
   enough to be saved. */
struct ff_gauss_fit {
    size_t F, K;
    uint8_t *live; /* (K) 1 for classes that had a frame; others are 0 below */
    float *W;      /* (K, F) read-out */
    float *b;      /* (K) */
    float *c;      /* (K) squared distance of a class from the mean of all */
    float *Q;      /* (K, K) */
    float *L;      /* (F, F) lower, or NULL: no distances, only R */
    float *centre; /* (K, F) or NULL */
};

void ff_gauss_carve(struct ff_gauss *g, struct ff_arena *a, size_t F, size_t K);

/* `distances` asks for L and centre. */
void ff_gauss_fit_carve(struct ff_gauss_fit *f, struct ff_arena *a, size_t F,
                        size_t K, bool distances);

/* Forget all frames. */
void ff_gauss_clear(struct ff_gauss *g);

/* Add n frames: x (n, F), classes (n), each below K. */
void ff_gauss_add(struct ff_gauss *g, const float *x, const int *classes,
                  size_t n);

/* The ridge, in mean variances: clip(200 / n, 0.001, 1). */
double ff_gauss_ridge(uint64_t n);

/*
 * Fill f. FF_EMPTY: there is no frame. FF_EFINITE: a feature was not finite,
 * or the features do not vary within any class. On an error f is as it was.
 */
int ff_gauss_solve(struct ff_gauss *g, struct ff_gauss_fit *f);

/* A class as if it had had no frame; the others' scores stay. */
void ff_gauss_drop(struct ff_gauss_fit *f, size_t k);

/* Nothing is fitted. */
void ff_gauss_fit_clear(struct ff_gauss_fit *f);

/* s (n, K) of x (n, F). */
void ff_gauss_scores(const struct ff_gauss_fit *f, float *s, const float *x,
                     size_t n);

/* R (n) out of s (n, K). */
void ff_gauss_relative(const struct ff_gauss_fit *f, float *R, const float *s,
                       size_t n);

/* The least D_k (n) of x (n, F), which is used up. f has L and centre. */
void ff_gauss_distance(const struct ff_gauss_fit *f, float *D, float *x,
                       size_t n);

#endif
