/*
 * bank.h -- negatives made asleep, for the pairs of the day.
 *
 * A ring of FF_BANK_ROWS inputs of the first layer. Sleep puts what it made,
 * awake updates take in turn; what is taken stays and is taken again until a
 * newer negative has its place (negatives: banked). (competitive needs no such
 * bank: it teaches its dreams asleep, and uses the rows to make them ahead.)
 */
#ifndef FF_BANK_H
#define FF_BANK_H

#include <stdbool.h>
#include <stddef.h>

#define FF_BANK_ROWS 512

struct ff_model;

/* Keep row i of the work space. */
void ff_bank_put(struct ff_model *m, size_t i);

/* The next negative into row i, with its role; false if there is none yet, or
   fresh ones are wanted. */
bool ff_bank_take(struct ff_model *m, size_t i);

/* Nothing that was made in advance is kept, of any objective. */
void ff_bank_clear(struct ff_model *m);

#endif
