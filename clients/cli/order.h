/*
 * order.h -- in which order the frames of a data set are streamed.
 *
 *   as-is      as they are stored
 *   shuffled   every order as likely, by seed
 *   by-class   a class-incremental stream: labels are sorted (numbers by
 *              value, then words), taken in pairs, and the pairs come one
 *              after another, the frames of a pair shuffled together by seed:
 *              0 and 1, then 2 and 3, ... The last pair of an odd number of
 *              labels is one label. Frames without a label come last, as
 *              stored.
 */
#ifndef CLI_ORDER_H
#define CLI_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "clients/cli/names.h"

enum order { ORDER_AS_IS, ORDER_SHUFFLED, ORDER_BY_CLASS };

/* 0, or -1 for a word that names no order. */
int order_parse(enum order *out, const char *word);

/* Fill perm (n) with the numbers of the frames in their order. labels (n) are
   numbers in names, -1 for none. */
void order_make(size_t *perm, size_t n, enum order order, const int *labels,
                const struct names *names, uint64_t seed);

#endif
