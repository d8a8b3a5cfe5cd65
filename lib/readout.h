/*
 * readout.h -- classes out of features, in the open: scores to probabilities,
 * and an online softmax.
 *
 * F features, K classes, n frames; all arrays row-major. The closed forms are
 * in gauss.h; this one learns as frames pass. For a frame x of class t, with
 * the classes of `live` only:
 *
 *     m += (x - m) / min(seen, FF_READOUT_WINDOW)    what features are anyway
 *     s  = W (x - m) + b                    (K)
 *     p  = softmax(s)                       (K)
 *     W -= rate / F (p - e_t) (x - m)'      the derivative of -log p_t
 *     b -= rate / F (p - e_t)
 *
 * Without m a feature's mean, common to all classes, is most of its length,
 * and the step would have to be small. Step 1/F: features have length sqrt(F).
 * Frames are taken one by one, each with the weights that the one before left:
 * the same stream gives the same weights in any micro-batches.
 *
 * What is learned is one flat array of the caller's, so that it can be
 * averaged, published and saved like a layer's weights.
 */
#ifndef FF_READOUT_H
#define FF_READOUT_H

#include <stddef.h>
#include <stdint.h>

#define FF_READOUT_WINDOW 4096 /* frames; the net below still moves */
#define FF_READOUT_RATE   3.0f /* better than 0.3 and 1 (README.md) */

struct ff_readout {
    size_t F, K;
    size_t W, b, m; /* offsets into the parameters: (K, F), (K), (F) */
    uint64_t *seen; /* (1) borrowed: frames learned */
};

/* Lay the parameters out from `at` on; returns the offset behind them. */
size_t ff_readout_init(struct ff_readout *r, size_t F, size_t K, size_t at,
                       uint64_t *seen);

/* s (n, K) of x (n, F). */
void ff_readout_scores(const struct ff_readout *r, const float *params,
                       float *s, const float *x, size_t n);

/*
 * Learn n frames. work holds F + K floats. FF_EFINITE: params are as they
 * were, if x (n, F) is not finite.
 */
int ff_readout_learn(const struct ff_readout *r, float *params, const float *x,
                     const int *classes, size_t n, const uint8_t *live,
                     float rate, float *work);

/* A class as at first: its row of W and b are 0. */
void ff_readout_renew(const struct ff_readout *r, float *params, size_t k);

/* Class `to` scores what both scored together. */
void ff_readout_join(const struct ff_readout *r, float *params, size_t from,
                     size_t to);

/* p (n, K) = softmax(T s) over live (K); 0 for the others. p may be s. */
void ff_softmax(float *p, const float *s, const uint8_t *live, size_t n,
                size_t K, float T);

#endif
