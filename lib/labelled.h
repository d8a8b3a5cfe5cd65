/*
 * labelled.h -- a frame with its label against the same with a wrong one: what
 * label_overlay and label_pattern share (Hinton 2022, section 3.3).
 *
 * They differ in how the label is written into a row (objective.h,
 * write_label) and in how all labels are tried. Negatives made asleep go to the
 * bank as well; with negatives: banked frames awake are paired with these, the
 * model's own errors of the last night.
 */
#ifndef FF_LABELLED_H
#define FF_LABELLED_H

#include <stddef.h>

struct ff_model;
struct ff_night;

/* See objective.h. */
size_t ff_labelled_prepare(struct ff_model *m, size_t n);
int ff_labelled_learn(struct ff_model *m, size_t n, size_t rows);
int ff_labelled_sleep(struct ff_model *m, struct ff_night *night);

#endif
