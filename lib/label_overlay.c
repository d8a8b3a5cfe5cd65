/*
 * label_overlay.c -- a frame with its label against the same with a wrong one
 * (Hinton 2022, section 3.3).
 *
 * The first layer has K inputs more than a frame has values: the label,
 * one-hot, before the frame. (Hinton writes it over the first pixels; slots of
 * its own cost no pixel and serve vectors as well.) A layer's goodness then
 * says how well frame and label go together.
 *
 *   positive   the frame with its label
 *   negative   the same frame with a wrong label, drawn in proportion to what
 *              the model itself believes: it must unlearn what it is wrong
 *              about
 *   answer     the label with the greatest goodness, the first layer left out
 *              where there are more; or a read-out of the features seen with
 *              the neutral label, 1/K in every slot
 *
 * All labels share the first layer's product with the frame: only a column of
 * W differs. What is taught, and when, is in labelled.c.
 */
#include <math.h>
#include <string.h>

#include "lib/image.h"
#include "lib/label_overlay.h"
#include "lib/labelled.h"
#include "lib/mat.h"
#include "lib/model.h"
#include "lib/paired.h"
#include "lib/vec.h"

void ff_label_write(float *row, size_t K, size_t D, int class_)
{
    float strength = FF_LABEL_SHARE * ff_vec_length(row + K, D);
    for (size_t k = 0; k < K; k++)
        row[k] = class_ < 0 ? strength / (float)K : 0;
    if (class_ >= 0)
        row[class_] = strength;
}

static void write_label(const struct ff_model *m, float *row, int class_)
{
    ff_label_write(row, m->K, m->D, class_);
}

/* ---- answers --------------------------------------------------------------
 */

/* What the first layer answers to nothing: b, less the mean that it takes off
   its inputs. */
static void find_rest(const struct ff_model *m, const struct ff_pass *p,
                      const float *params)
{
    const struct ff_layer *l = &m->layer[0];
    memset(p->rest, 0, l->H * sizeof *p->rest);
    if (l->M > 0)
        ff_mat_nt(p->rest, params + l->mean, params + l->W, 1, l->H, l->D, 0);
    for (size_t j = 0; j < l->H; j++)
        p->rest[j] = params[l->b + j] - p->rest[j];
}

/* What of the first layer's a is the same for every label, out of a pass with
   the neutral one: base (n, H), and in one (n) the value of a slot that is on,
   over the length that the row then has. */
static void take_out_label(const struct ff_model *m, const struct ff_pass *p,
                           const float *params, size_t n, float *base,
                           float *one)
{
    const struct ff_layer *l = &m->layer[0];
    const float *W = params + l->W;
    float mean = l->M > 0 ? params[l->mean] : 0; /* of the first slot */
    float K = (float)m->K, more = (1 - 1 / K) / (float)l->D;
    for (size_t j = 0; j < l->H; j++) {
        float all = 0; /* of the label's columns */
        for (size_t k = 0; k < m->K; k++)
            all += W[j * l->D + k];
        p->column[j] = all / K;
    }
    find_rest(m, p, params);
    for (size_t i = 0; i < n; i++) {
        /* The strength over the row's length; 0 for a frame of zeros. */
        float s = K * (p->layer[0].u[i * l->D] + mean);
        float shrink = 1 / sqrtf(1 + s * s * more);
        one[i] = s * shrink;
        for (size_t j = 0; j < l->H; j++)
            base[i * l->H + j] =
                p->rest[j] +
                shrink * (p->layer[0].a[i * l->H + j] - p->rest[j]) -
                one[i] * p->column[j];
    }
}

static void show(const struct ff_model *m, struct ff_pass *p,
                 const float *params, size_t n, size_t k)
{
    const struct ff_layer *l = &m->layer[0];
    for (size_t j = 0; j < l->H; j++)
        p->column[j] = params[l->W + j * l->D + k];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < l->H; j++)
            p->layer[0].a[i * l->H + j] =
                p->base[i * l->H + j] + p->one[i] * p->column[j];
    ff_pass_forward_from(m, p, params, n, 0);
}

static void answer(const struct ff_model *m, struct ff_pass *p,
                   const float *params, const uint8_t *live, size_t n,
                   float *logits, float *goodness)
{
    take_out_label(m, p, params, n, p->base, p->one);
    ff_labelled_try(m, p, params, live, n, logits, goodness, show);
}

const struct ff_objective ff_label_overlay = {.name = "label_overlay",
                                              .needs_labels = true,
                                              .label_slots = true,
                                              .answers = true,
                                              .blurs = FF_IMAGE_BLURS,
                                              .rows_a_frame = 2,
                                              .write_label = write_label,
                                              .prepare = ff_labelled_prepare,
                                              .learn = ff_labelled_learn,
                                              .sleep = ff_labelled_sleep,
                                              .gradients = ff_paired_gradients,
                                              .answer = answer};
