/*
 * symbols.h -- which symbol comes next: layers side by side, a context each.
 *
 * K symbols, L layers. Layer l sees one context of what came before: the last
 * 0, 1, .. `orders` symbols, and with `words` the letters of the word so far,
 * and these with the word before. A context has a row, which holds for each
 * symbol k that it saw a goodness c_k, its squared activity (a unit a symbol,
 * h_k^2 = c_k, as where groups have one unit each; layer.h).
 *
 *     learning  c_y += 1 of the symbol y that came, in each layer's row: it is
 *               lifted, and nothing else is pushed down
 *     passed up p_l(k) = (c_k + e p_l-1(k)) / (n + e)
 *               n = sum of c, e = TRUST x symbols that the row has seen; the
 *               contest of the symbols is this sum to one
 *     judged    z_l(k) = log(1 + c_k / (e p_l-1(k)))
 *               what the layer finds beyond what was passed up to it; 0 of a
 *               symbol that it never saw
 *     answer    p(k) = softmax of sum_l a_l z_l(k) + r_l [k is what the row saw
 *               last]
 *
 * a_l (one for each symbol that came just before) and r_l (by how often the row
 * was seen) are learned online by -log p(y). That moves them alone: nothing
 * returns to a row from an answer, or from the layer above.
 *
 * So a layer's goodness counts, and its activity is the root of a count.
 * Layers that learned the same contexts by gradients of their own goodness were
 * worse (README.md has the figures, and what each part is worth). p_l is the
 * blending of Witten and Bell (IEEE Trans. Information Theory 37, 1991);
 * weights learned by the loss of a mixture in the log domain are Mahoney's
 * ("Adaptive Weighing of Context Models", 2005).
 *
 * Orders 0 and 1 see everything: their rows hold all K symbols, a row for each
 * context. Other rows are found by hash, and hold the 32 symbols seen last, one
 * cache line whatever K is.
 *
 * Asleep the model writes text of its own, and what it wrote is negative: with
 * a chance of PUSH each symbol written takes 1 off a goodness above 1.
 */
#ifndef FF_SYMBOLS_H
#define FF_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/rng.h"
#include "lib/spec.h"

#define FF_SYMBOLS_SLOTS 32                  /* that a hashed row holds */
#define FF_CONTEXTS_MAX  (FF_ORDERS_MAX + 3) /* layers */
#define FF_SYMBOLS_SEEN  32 /* symbols before the next that are looked at */

/* Of a row: 16 bits of its hash (0: free), and the sum of its goodness. */
struct ff_symbol_head {
    uint16_t tag, n;
};

struct ff_symbols {
    size_t K, L, orders;
    size_t rows; /* hashed; a power of two */
    bool words;
    /* a row's cells: the symbols that it saw, newest first, then their
       goodness; 0: no more of them */
    struct ff_symbol_head *head, *wide_head; /* (rows), (K + 1) */
    uint8_t *cells;                          /* (rows, 2, 32) */
    uint8_t *wide_cells;                     /* (K + 1, 2, K) */
    float *a;                                /* (L, K) */
    float *r;                                /* (L, ages) */
    uint64_t *learned;                       /* (1) symbols */
    uint8_t *letter; /* (K) 0, or which letter it is in a word */
};

/* What one answer leaves behind for learning. */
struct ff_symbol_trace {
    uint64_t hash[FF_CONTEXTS_MAX];
    size_t row[FF_CONTEXTS_MAX]; /* rows: none */
    size_t age[FF_CONTEXTS_MAX]; /* of the row, see r */
    size_t
        seen[FF_CONTEXTS_MAX]; /* symbols that the row holds, newest first: */
    uint8_t symbol[FF_CONTEXTS_MAX][FF_SYMBOLS_MAX];
    float z[FF_CONTEXTS_MAX][FF_SYMBOLS_MAX];
    uint8_t before;          /* the symbol that came just before */
    float p[FF_SYMBOLS_MAX]; /* (K) the answer */
};

/* rows: a power of two, at least 64; orders at most FF_ORDERS_MAX. */
void ff_symbols_carve(struct ff_symbols *s, struct ff_arena *a, size_t K,
                      size_t orders, size_t rows, bool words);
size_t ff_symbols_ages(void); /* columns of r */
void ff_symbols_init(struct ff_symbols *s);

/* p of what follows `past` (FF_SYMBOLS_SEEN, the newest last); at temperature 1
   it is what is learned from. */
void ff_symbols_answer(const struct ff_symbols *s, const uint8_t *past,
                       float temperature, struct ff_symbol_trace *t);

/* y followed; t is of ff_symbols_answer and nothing was learned since. */
void ff_symbols_learn(struct ff_symbols *s, struct ff_symbol_trace *t,
                      uint8_t y);

/* The model wrote y itself: push it down. */
void ff_symbols_unlearn(struct ff_symbols *s, struct ff_symbol_trace *t,
                        uint8_t y, struct ff_rng *g);

/* A symbol drawn by p. */
uint8_t ff_symbols_draw(const struct ff_symbols *s, const float *p,
                        struct ff_rng *g);

/* After a snapshot was read: whether each number is one that can be. */
bool ff_symbols_hold(const struct ff_symbols *s);

#endif
