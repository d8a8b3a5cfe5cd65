#include "clients/cli/order.h"

#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"
#include "clients/cli/rng.h"

int order_parse(enum order *out, const char *word)
{
    static const char *const words[] = {
        [ORDER_AS_IS] = "as-is",
        [ORDER_SHUFFLED] = "shuffled",
        [ORDER_BY_CLASS] = "by-class",
    };
    for (int i = 0; i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            *out = (enum order)i;
            return 0;
        }
    }
    return -1;
}

struct rank {
    const char *text;
    size_t label;
};

static int compare(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    return names_compare(x->text, y->text);
}

/* Owned: for each label that occurs, the pair it belongs to. */
static size_t *pair_of(const int *labels, size_t n, const struct names *names,
                       size_t *pairs)
{
    struct rank *rank = must_alloc(names->n, sizeof *rank);
    size_t *pair = must_alloc(names->n, sizeof *pair);
    size_t present = 0;
    for (size_t i = 0; i < n; i++) {
        if (labels[i] >= 0)
            pair[labels[i]] = 1;
    }
    for (size_t k = 0; k < names->n; k++) {
        if (pair[k])
            rank[present++] = (struct rank){names->text[k], k};
    }
    qsort(rank, present, sizeof *rank, compare);
    for (size_t i = 0; i < present; i++)
        pair[rank[i].label] = i / 2;
    *pairs = (present + 1) / 2;
    free(rank);
    return pair;
}

static void by_class(size_t *perm, size_t n, const int *labels,
                     const struct names *names, struct rng *rng)
{
    size_t pairs, at = 0;
    size_t *pair = pair_of(labels, n, names, &pairs);
    for (size_t p = 0; p < pairs; p++) {
        size_t from = at;
        for (size_t i = 0; i < n; i++) {
            if (labels[i] >= 0 && pair[labels[i]] == p)
                perm[at++] = i;
        }
        rng_shuffle(rng, perm + from, at - from);
    }
    for (size_t i = 0; i < n; i++) {
        if (labels[i] < 0)
            perm[at++] = i;
    }
    free(pair);
}

void order_make(size_t *perm, size_t n, enum order order, const int *labels,
                const struct names *names, uint64_t seed)
{
    struct rng rng;
    rng_init(&rng, seed);
    if (order == ORDER_BY_CLASS) {
        by_class(perm, n, labels, names, &rng);
        return;
    }
    for (size_t i = 0; i < n; i++)
        perm[i] = i;
    if (order == ORDER_SHUFFLED)
        rng_shuffle(&rng, perm, n);
}
