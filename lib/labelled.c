#include "lib/labelled.h"

#include <math.h>
#include <string.h>

#include "lib/model.h"
#include "lib/night.h"

static void write_label(struct ff_model *m, size_t i, int class_)
{
    m->objective->write_label(m, m->work.pass.x + i * m->layer[0].D, class_);
}

/* A wrong label for frame i, whose own is given, drawn in proportion to what
   the model believes; -1 if it knows no other. */
static int draw_wrong(struct ff_model *m, size_t i, int own)
{
    struct ff_work *w = &m->work;
    const float *logits = w->opinion.logits + i * m->K;
    float T = ff_opinion_temperature(&w->opinion, m->spec.temperature, &m->fit);
    float top = -INFINITY, all = 0;
    int class_ = -1;
    for (int k = 0; k < (int)m->K; k++)
        if (w->opinion.live[k] && k != own)
            top = fmaxf(top, T * logits[k]);
    for (int k = 0; k < (int)m->K; k++)
        if (w->opinion.live[k] && k != own)
            all += expf(T * logits[k] - top);
    float left = all * ff_rng_uniform(m->rng);
    for (int k = 0; k < (int)m->K && left >= 0; k++)
        if (w->opinion.live[k] && k != own) {
            left -= expf(T * logits[k] - top);
            class_ = k;
        }
    return class_;
}

/* Row j: frame x under a label. */
static void compose(struct ff_model *m, size_t j, const float *x, int class_,
                    enum ff_role role)
{
    memcpy(ff_model_row(m, j), x, m->D * sizeof *x);
    write_label(m, j, class_);
    m->work.class_[j] = class_;
    m->work.role[j] = class_ < 0 ? FF_ROLE_NONE : role;
}

static int teach(struct ff_model *m, size_t pairs, size_t rows)
{
    struct ff_work *w = &m->work;
    w->pairs = pairs;
    w->live[0] = 1;
    if (m->objective->teach)
        return m->objective->teach(m, pairs, rows);
    ff_pass_forward(m, &w->pass, m->params, rows);
    return ff_model_teach(m, rows);
}

int ff_labelled_learn(struct ff_model *m, size_t n, size_t rows)
{
    struct ff_work *w = &m->work;
    bool alone = m->spec.awake == FF_AWAKE_POSITIVE_ONLY;
    size_t t = 0;
    (void)rows;
    for (size_t i = 0; i < n; i++)
        t += w->teach[i];
    for (size_t i = 0, j = 0; i < n; i++) {
        if (!w->teach[i])
            continue;
        ff_model_read(m, w->spare, w->frame[i]);
        compose(m, j, w->spare, w->label[i], FF_ROLE_REAL);
        if (!alone && !ff_bank_take(m, t + j))
            compose(m, t + j, w->spare, draw_wrong(m, i, w->label[i]),
                    FF_ROLE_CONFUSION);
        j++;
    }
    return teach(m, alone ? 0 : t, alone ? t : 2 * t);
}

/* Remembered frames into `images` and what the model believes of them; the
   read-out is told better. */
static size_t recall(struct ff_model *m, int *own)
{
    struct ff_work *w = &m->work;
    size_t n = 0;
    for (; n < m->spec.batch && ff_night_owes(m); n++) {
        ff_night_recall(m, n, FF_ROLE_REAL);
        ff_night_pay(m);
        memcpy(w->images + n * m->D, ff_model_row(m, n),
               m->D * sizeof *w->images);
        own[n] = w->class_[n];
        write_label(m, n, -1);
    }
    ff_pass_forward(m, &w->pass, m->params, n);
    for (size_t k = 0; k < m->K; k++)
        w->known[k] = ff_memory_count_of(&m->memory, (int)k) > 0;
    ff_opinion_form(&w->opinion, m, &w->pass, m->params, &m->fit, w->known,
                    false, n);
    ff_opinion_learn(&w->opinion, m, own, w->known, n);
    return n;
}

int ff_labelled_sleep(struct ff_model *m, struct ff_night *night)
{
    struct ff_work *w = &m->work;
    bool negative = m->spec.asleep == FF_ASLEEP_NEGATIVE_ONLY;
    size_t n = recall(m, w->label), first = negative ? 0 : n;
    for (size_t i = 0; i < n; i++) {
        const float *x = w->images + i * m->D;
        if (!negative)
            compose(m, i, x, w->label[i], FF_ROLE_REAL);
        compose(m, first + i, x, draw_wrong(m, i, w->label[i]),
                FF_ROLE_CONFUSION);
        if (w->role[first + i] != FF_ROLE_NONE)
            ff_bank_put(m, first + i);
    }
    *night =
        (struct ff_night){.n = n, .replayed = negative ? 0 : n, .confused = n};
    return teach(m, negative ? 0 : n, first + n);
}

/* The frames came with the neutral label. */
size_t ff_labelled_prepare(struct ff_model *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        write_label(m, i, -1);
    return n;
}

void ff_labelled_try(const struct ff_model *m, struct ff_pass *p,
                     const float *params, const uint8_t *live, size_t n,
                     float *logits, float *goodness,
                     void (*show)(const struct ff_model *m, struct ff_pass *p,
                                  const float *params, size_t n, size_t k))
{
    size_t first = m->L > 1, L = m->L;
    float share = 1 / (float)(L - first);
    memset(logits, 0, n * m->K * sizeof *logits);
    for (size_t k = 0; k < m->K; k++) {
        if (!live[k])
            continue;
        show(m, p, params, n, k);
        for (size_t l = 0; l < L; l++)
            for (size_t i = 0; i < n; i++) {
                float g = p->layer[l].G[i];
                goodness[(i * L + l) * m->K + k] = g;
                logits[i * m->K + k] += l < first ? 0 : share * g;
            }
    }
}
