/*
 * night.h -- what a micro-batch of sleep is filled with.
 *
 * Remembered frames, moved a little; confusions and dreams among them in the
 * configured proportions; and the debt that they pay. Fractions are carried
 * over as credit, so that the proportions hold whatever the size of a
 * micro-batch.
 */
#ifndef FF_NIGHT_H
#define FF_NIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/objective.h"

#define FF_CREDIT_MAX 1e4 /* most frames that are paid for in advance */

/* A remembered frame of a known class, moved, into row i of the work space,
   whose class_ and role are set. */
void ff_night_recall(struct ff_model *m, size_t i, enum ff_role role);

/* The same of any frame, labelled (class_) or not (-1). */
void ff_night_recall_any(struct ff_model *m, size_t i, enum ff_role role);

/* One frame was taught for what is owed. */
void ff_night_pay(struct ff_model *m);

/* Settle what was paid; false when nothing is owed any more. */
bool ff_night_owes(struct ff_model *m);

/* The online read-out, where there is one, learns the first n rows that are
   real and have a class; their pass was made and is not yet taught. */
void ff_night_read(struct ff_model *m, size_t n);

/* A whole micro-batch by the proportions: replays (with asleep: negative_only
   none), confusions and dreams. */
void ff_night_fill(struct ff_model *m, struct ff_night *night);

#endif
