/*
 * ngram.h -- the baseline of text: counts of what followed the last symbols.
 *
 * Orders 0 to `order`, from the shortest up, K symbols:
 *
 *     p_n(k) = (max(c_k - D, 0) + D u p_n-1(k)) / T
 *              T = sum of c, u symbols seen, D = 0.85; p_-1 = 1 / K
 *
 * (absolute discounting), with update exclusion: a symbol is counted from the
 * longest order down to the first that had seen it. Every context is kept, each
 * in a table by hash, so that memory grows with the text.
 */
#ifndef BENCH_NGRAM_H
#define BENCH_NGRAM_H

#include <stddef.h>
#include <stdint.h>

#define NGRAM_ORDER_MAX 8

struct ngram_context {
    uint64_t hash; /* 0: free */
    uint32_t total, distinct;
    uint32_t first; /* of its symbols, newest first; 0: none */
};

struct ngram_symbol {
    uint32_t count, next; /* 0: the last */
    uint8_t symbol;
};

struct ngram {
    size_t order, K, size; /* of the table, a power of two */
    struct ngram_context *table;
    struct ngram_symbol *symbols;
    uint32_t used; /* of symbols */
};

/* Room for n symbols; leaves the program without memory. */
void ngram_init(struct ngram *g, size_t order, size_t K, size_t n);
void ngram_release(struct ngram *g);

/* p (K) of text[at]. */
void ngram_answer(const struct ngram *g, const uint8_t *text, size_t at,
                  double *p);

/* text[at] came. */
void ngram_learn(struct ngram *g, const uint8_t *text, size_t at);

size_t ngram_bytes(const struct ngram *g); /* in use */

#endif
