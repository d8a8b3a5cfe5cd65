/*
 * labelled.h -- a frame with its label against the same with a wrong one: what
 * label_overlay, label_pattern and top_down share (Hinton 2022, section 3.3).
 *
 * They differ in how the label is written into a row (objective.h,
 * write_label) and in how all labels are tried. Negatives made asleep go to the
 * bank as well; with negatives: banked frames awake are paired with these, the
 * model's own errors of the last night.
 */
#ifndef FF_LABELLED_H
#define FF_LABELLED_H

#include <stddef.h>
#include <stdint.h>

struct ff_model;
struct ff_night;
struct ff_pass;

/* See objective.h. */
size_t ff_labelled_prepare(struct ff_model *m, size_t n);
int ff_labelled_learn(struct ff_model *m, size_t n, size_t rows);
int ff_labelled_sleep(struct ff_model *m, struct ff_night *night);

/*
 * An answer (objective.h) by trying each live label: `show` makes the pass of n
 * frames under label k. The first layer is left out where there are more: it
 * sees the label itself.
 */
void ff_labelled_try(const struct ff_model *m, struct ff_pass *p,
                     const float *params, const uint8_t *live, size_t n,
                     float *logits, float *goodness,
                     void (*show)(const struct ff_model *m, struct ff_pass *p,
                                  const float *params, size_t n, size_t k));

#endif
