/*
 * score.h -- how good answers were: accuracy, by class, calibration, AUROC.
 */
#ifndef CLI_SCORE_H
#define CLI_SCORE_H

#include <stddef.h>

#include "clients/cli/names.h"

#define SCORE_BINS 15

struct score {
    struct names names; /* of true labels and answers, in order of sight */
    int *truth, *guess; /* (n) numbers in names; guess -1: no answer */
    size_t n, room;
    size_t right;
    /* per bin of confidence */
    double confidence[SCORE_BINS];
    size_t bin_n[SCORE_BINS], bin_right[SCORE_BINS];
};

void score_init(struct score *s);
void score_release(struct score *s);

/* One labelled frame; guess NULL: no answer, confidence NaN: none given. */
void score_add(struct score *s, const char *truth, const char *guess,
               double confidence);

/* Share of right answers; NaN for none. */
double score_accuracy(const struct score *s);

/*
 * Expected calibration error: over 15 bins of equal width of confidence, the
 * mean of |accuracy - mean confidence| weighted by frames. NaN for none.
 */
double score_ece(const struct score *s);

/*
 * Owned (free()): the order in which to show labels, (names.n), and for these
 * rows and columns the counts (names.n, names.n + 1): truth by answer, the
 * last column for none.
 */
size_t *score_order(const struct score *s);
size_t *score_confusion(const struct score *s, const size_t *order);

/*
 * The chance that a random one of b (m) is above a random one of a (n), ties
 * counting half; sorts both. NaN if either is empty.
 */
double score_auroc(float *a, size_t n, float *b, size_t m);

#endif
