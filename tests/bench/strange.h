/*
 * strange.h -- how well a model tells what it does not know.
 */
#ifndef FFD_BENCH_STRANGE_H
#define FFD_BENCH_STRANGE_H

#include "lib/ff.h"
#include "tests/bench/idx.h"

/*
 * Print, as members of a JSON object that has begun: the AUROC of novelty and
 * of typicality for the frames of `test` against three kinds of strange ones
 * (the test set in dir, `test` turned by 90 degrees, hybrids of two of it),
 * and the shares of each with a typicality of 1 % or less, in per cent.
 */
void tell_strangers(struct ff_model *m, const struct idx *test,
                    const char *dir);

#endif
