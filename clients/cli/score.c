#include "clients/cli/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

void score_init(struct score *s)
{
    memset(s, 0, sizeof *s);
    names_init(&s->names);
}

void score_release(struct score *s)
{
    names_release(&s->names);
    free(s->truth);
    free(s->guess);
}

void score_add(struct score *s, const char *truth, const char *guess,
               double confidence)
{
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 1024;
        s->truth = must_grow(s->truth, s->room, sizeof *s->truth);
        s->guess = must_grow(s->guess, s->room, sizeof *s->guess);
    }
    int t = names_put(&s->names, truth, strlen(truth));
    int g = guess ? names_put(&s->names, guess, strlen(guess)) : -1;
    s->truth[s->n] = t;
    s->guess[s->n++] = g;
    s->right += t == g;
    if (isnan(confidence))
        return;
    int bin = (int)(confidence * SCORE_BINS);
    bin = bin < 0 ? 0 : bin >= SCORE_BINS ? SCORE_BINS - 1 : bin;
    s->confidence[bin] += confidence;
    s->bin_n[bin]++;
    s->bin_right[bin] += t == g;
}

double score_accuracy(const struct score *s)
{
    return s->n ? (double)s->right / (double)s->n : (double)NAN;
}

double score_ece(const struct score *s)
{
    double error = 0;
    size_t n = 0;
    for (int i = 0; i < SCORE_BINS; i++) {
        error += fabs((double)s->bin_right[i] - s->confidence[i]);
        n += s->bin_n[i];
    }
    return n ? error / (double)n : (double)NAN;
}

struct rank {
    const char *text;
    size_t i;
};

static int compare_rank(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    return names_compare(x->text, y->text);
}

size_t *score_order(const struct score *s)
{
    size_t K = s->names.n;
    struct rank *rank = must_alloc(K, sizeof *rank);
    size_t *order = must_alloc(K, sizeof *order);
    for (size_t k = 0; k < K; k++)
        rank[k] = (struct rank){s->names.text[k], k};
    qsort(rank, K, sizeof *rank, compare_rank);
    for (size_t k = 0; k < K; k++)
        order[k] = rank[k].i;
    free(rank);
    return order;
}

size_t *score_confusion(const struct score *s, const size_t *order)
{
    size_t K = s->names.n;
    size_t *place = must_alloc(K, sizeof *place);
    size_t *counts = must_alloc(K * (K + 1), sizeof *counts);
    for (size_t k = 0; k < K; k++)
        place[order[k]] = k;
    for (size_t i = 0; i < s->n; i++) {
        size_t column = s->guess[i] < 0 ? K : place[s->guess[i]];
        counts[place[s->truth[i]] * (K + 1) + column]++;
    }
    free(place);
    return counts;
}

static int compare_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

double score_auroc(float *a, size_t n, float *b, size_t m)
{
    if (n == 0 || m == 0)
        return (double)NAN;
    qsort(a, n, sizeof *a, compare_float);
    qsort(b, m, sizeof *b, compare_float);
    double sum = 0;
    size_t below = 0, upto = 0; /* of a: < b[j], <= b[j] */
    for (size_t j = 0; j < m; j++) {
        while (below < n && a[below] < b[j])
            below++;
        if (upto < below)
            upto = below;
        while (upto < n && a[upto] <= b[j])
            upto++;
        sum += (double)below + 0.5 * (double)(upto - below);
    }
    return sum / ((double)n * (double)m);
}
