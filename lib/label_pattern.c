/*
 * label_pattern.c -- a frame with its label against the same with a wrong one,
 * the label a pattern all over the picture (pattern.h), so that a convolution
 * sees it wherever it looks.
 *
 *   positive   the frame with its label's pattern
 *   negative   the same frame with the pattern of a wrong label, drawn in
 *              proportion to what the model itself believes
 *   answer     the label whose pattern gives the greatest goodness, the first
 *              layer left out where there are more; or a read-out of the
 *              features seen without a pattern
 *
 * Each label that is tried is a whole pass: the pool and the forgotten length
 * leave nothing to share, as the slots of label_overlay do.
 */
#include <string.h>

#include "lib/image.h"
#include "lib/labelled.h"
#include "lib/model.h"
#include "lib/paired.h"
#include "lib/pattern.h"

static void write_label(const struct ff_model *m, float *row, int class_)
{
    const size_t *shape = m->spec.shape;
    if (class_ >= 0) /* the neutral label is none */
        ff_pattern_add(row, m->patterns + (size_t)class_ * shape[0] * shape[1],
                       m->spec.pattern_weight, shape);
}

static void show(const struct ff_model *m, struct ff_pass *p,
                 const float *params, size_t n, size_t k)
{
    memcpy(p->x, p->kept, n * m->D * sizeof *p->x);
    for (size_t i = 0; i < n; i++)
        write_label(m, p->x + i * m->D, (int)k);
    ff_pass_show(m, p, params, n);
}

static void answer(const struct ff_model *m, struct ff_pass *p,
                   const float *params, const uint8_t *live, size_t n,
                   float *logits, float *goodness)
{
    ff_labelled_try(m, p, params, live, n, logits, goodness, show);
}

const struct ff_objective ff_label_pattern = {.name = "label_pattern",
                                              .needs_labels = true,
                                              .patterns = true,
                                              .answers = true,
                                              .blurs = FF_IMAGE_BLURS,
                                              .rows_a_frame = 2,
                                              .write_label = write_label,
                                              .prepare = ff_labelled_prepare,
                                              .learn = ff_labelled_learn,
                                              .sleep = ff_labelled_sleep,
                                              .gradients = ff_paired_gradients,
                                              .answer = answer};
