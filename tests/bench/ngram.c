#include "tests/bench/ngram.h"

#include <stdio.h>
#include <stdlib.h>

#define DISCOUNT 0.85

static void *take(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p) {
        fprintf(stderr, "ngram: out of memory\n");
        exit(2);
    }
    return p;
}

void ngram_init(struct ngram *g, size_t order, size_t K, size_t n)
{
    size_t most = n * (order + 1) + 1, size = 64;
    while (size < 2 * most)
        size *= 2;
    *g = (struct ngram){.order = order, .K = K, .size = size, .used = 1};
    g->table = take(size, sizeof *g->table);
    g->symbols = take(most, sizeof *g->symbols);
}

void ngram_release(struct ngram *g)
{
    free(g->table);
    free(g->symbols);
}

/* The contexts of text[at]; one of order n needs n symbols before. */
static size_t hash_contexts(const struct ngram *g, const uint8_t *text,
                            size_t at, uint64_t *hash)
{
    uint64_t x = 1;
    size_t n = 0;
    for (; n <= g->order && n <= at; n++) {
        if (n > 0)
            x = (x ^ (text[at - n] + 1U)) * UINT64_C(0x9e3779b97f4a7c15);
        x ^= x >> 29;
        hash[n] = (x * 16 + n) | 1U << 31;
    }
    return n;
}

/* Its place, or the free one where it would be. */
static struct ngram_context *find(const struct ngram *g, uint64_t hash)
{
    size_t i = (size_t)(hash * UINT64_C(0xd6e8feb86659fd93) >> 20);
    for (;; i++) {
        struct ngram_context *c = &g->table[i & (g->size - 1)];
        if (c->hash == hash || c->hash == 0)
            return c;
    }
}

void ngram_answer(const struct ngram *g, const uint8_t *text, size_t at,
                  double *p)
{
    uint64_t hash[NGRAM_ORDER_MAX + 1];
    size_t n = hash_contexts(g, text, at, hash);
    for (size_t k = 0; k < g->K; k++)
        p[k] = 1 / (double)g->K;
    for (size_t i = 0; i < n; i++) {
        const struct ngram_context *c = find(g, hash[i]);
        if (c->total == 0)
            continue;
        double share = DISCOUNT * c->distinct / c->total;
        for (size_t k = 0; k < g->K; k++)
            p[k] *= share;
        for (uint32_t s = c->first; s; s = g->symbols[s].next)
            p[g->symbols[s].symbol] +=
                (g->symbols[s].count - DISCOUNT) / c->total;
    }
}

/* Count y; whether the context had seen it. */
static int count(struct ngram *g, uint64_t hash, uint8_t y)
{
    struct ngram_context *c = find(g, hash);
    c->hash = hash;
    c->total++;
    for (uint32_t s = c->first; s; s = g->symbols[s].next)
        if (g->symbols[s].symbol == y) {
            g->symbols[s].count++;
            return 1;
        }
    g->symbols[g->used] =
        (struct ngram_symbol){.count = 1, .next = c->first, .symbol = y};
    c->first = g->used++;
    c->distinct++;
    return 0;
}

void ngram_learn(struct ngram *g, const uint8_t *text, size_t at)
{
    uint64_t hash[NGRAM_ORDER_MAX + 1];
    size_t n = hash_contexts(g, text, at, hash);
    while (n-- > 0)
        if (count(g, hash[n], text[at]))
            return;
}

size_t ngram_bytes(const struct ngram *g)
{
    size_t contexts = 0;
    for (size_t i = 0; i < g->size; i++)
        contexts += g->table[i].hash != 0;
    return contexts * sizeof *g->table + g->used * sizeof *g->symbols;
}
