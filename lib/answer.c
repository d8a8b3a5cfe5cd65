#include "lib/answer.h"

#include <math.h>

#include "lib/fit.h"
#include "lib/loss.h"
#include "lib/model.h"
#include "lib/vec.h"

void ff_opinion_carve(struct ff_opinion *o, struct ff_arena *a,
                      const struct ff_model *m, size_t B)
{
    size_t rows = m->objective->answers ? m->K : 1;
    *o = (struct ff_opinion){0};
    o->live = ff_arena_take(a, m->K, sizeof *o->live);
    if (m->spec.answer != FF_ANSWER_GOODNESS)
        o->features = ff_arena_take(a, B * m->F, sizeof *o->features);
    if (m->spec.answer == FF_ANSWER_SOFTMAX)
        o->room = ff_arena_take(a, m->F + m->K, sizeof *o->room);
    o->logits = ff_arena_take(a, B * m->K, sizeof *o->logits);
    o->goodness = ff_arena_take(a, B * m->L * rows, sizeof *o->goodness);
}

/* Each layer's one number, where it does not judge classes. */
static void copy_goodness(struct ff_opinion *o, const struct ff_model *m,
                          const struct ff_pass *p, size_t n)
{
    for (size_t l = 0; l < m->L; l++)
        for (size_t i = 0; i < n; i++)
            o->goodness[i * m->L + l] = ff_pass_goodness(m, p, l, i);
}

void ff_opinion_form(struct ff_opinion *o, const struct ff_model *m,
                     struct ff_pass *p, const float *params,
                     const struct ff_fit *fit, const uint8_t *live, bool layers,
                     size_t n)
{
    enum ff_answer_kind by = ff_fit_answers_by(fit, m);
    bool fitted = by == FF_ANSWER_CLOSED_FORM;
    o->by = by;
    /* What is fitted knows no class that came since. */
    for (size_t k = 0; k < m->K; k++)
        o->live[k] =
            live[k] && (!fitted || (*fit->done && fit->answer.live[k]));
    if (by != FF_ANSWER_GOODNESS)
        ff_pass_features(m, p, n, o->features);
    layers = layers || by == FF_ANSWER_GOODNESS;
    if (layers && m->objective->answers)
        m->objective->answer(m, p, params, live, n, o->logits, o->goodness);
    else if (layers)
        copy_goodness(o, m, p, n);
    if (by == FF_ANSWER_CLOSED_FORM)
        ff_gauss_scores(&fit->answer, o->logits, o->features, n);
    else if (by == FF_ANSWER_SOFTMAX)
        ff_readout_scores(&m->readout, params, o->logits, o->features, n);
}

float ff_opinion_temperature(const struct ff_opinion *o, float temperature,
                             const struct ff_fit *fit)
{
    return (o->by == FF_ANSWER_GOODNESS ? temperature : 1) *
           (*fit->done ? *fit->temperature : 1);
}

int ff_opinion_label(const struct ff_opinion *o, const struct ff_model *m,
                     float T, size_t i, float *confidence)
{
    const uint8_t *live = o->live;
    const float *logits = o->logits + i * m->K;
    int best = ff_vec_argmax(logits, live, m->K);
    *confidence = 0;
    if (best >= 0)
        *confidence =
            expf(T * logits[best] - ff_log_sum_exp(logits, live, m->K, T));
    return best;
}

void ff_opinion_learn(struct ff_opinion *o, struct ff_model *m,
                      const int *classes, const uint8_t *live, size_t n)
{
    for (size_t i = 0; i < n && m->readout.K > 0; i++)
        if (classes[i] >= 0)
            ff_readout_learn(&m->readout, m->params, o->features + i * m->F,
                             &classes[i], 1, live, FF_READOUT_RATE, o->room);
}

static void tell_goodness(const struct ff_opinion *o, const struct ff_model *m,
                          int best, size_t i, float *out)
{
    for (size_t l = 0; l < m->L; l++)
        if (!m->objective->answers)
            out[l] = o->goodness[i * m->L + l];
        else
            out[l] = best < 0
                         ? 0
                         : o->goodness[(i * m->L + l) * m->K + (size_t)best];
}

/* Every class's: (L, K). */
static void tell_classes(const struct ff_opinion *o, const struct ff_model *m,
                         const uint8_t *live, size_t i, float *out)
{
    for (size_t l = 0; l < m->L; l++)
        for (size_t k = 0; k < m->K; k++)
            out[l * m->K + k] = m->objective->answers && live[k]
                                    ? o->goodness[(i * m->L + l) * m->K + k]
                                    : NAN;
}

void ff_opinion_tell(const struct ff_opinion *o, const struct ff_model *m,
                     float T, size_t i, struct ff_answers *out)
{
    const uint8_t *live = o->live;
    const float *logits = o->logits + i * m->K;
    float confidence;
    int best = ff_opinion_label(o, m, T, i, &confidence);
    if (out->label)
        out->label[i] = best;
    if (out->confidence)
        out->confidence[i] = confidence;
    if (out->scores) {
        float lse = ff_log_sum_exp(logits, live, m->K, T);
        for (size_t k = 0; k < m->K; k++)
            out->scores[i * m->K + k] = live[k] ? expf(T * logits[k] - lse) : 0;
    }
    if (out->goodness)
        tell_goodness(o, m, best, i, out->goodness + i * m->L);
    if (out->class_goodness)
        tell_classes(o, m, live, i, out->class_goodness + i * m->L * m->K);
}
