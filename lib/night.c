#include "lib/night.h"

#include <string.h>

#include "lib/dream.h"
#include "lib/image.h"
#include "lib/model.h"

static int pixels(struct ff_rng *g, int most)
{
    return (int)ff_rng_below(g, 2 * (uint64_t)most + 1) - most;
}

static float even(struct ff_rng *g, float most)
{
    return most * (2 * ff_rng_uniform(g) - 1);
}

/* Shift by whole pixels; with warp, by any part of one, and turn, stretch and
   slant as well. */
static void jitter(struct ff_model *m, float *x, const float *frame)
{
    const struct ff_sleep_spec *s = &m->spec.sleep;
    struct ff_rng *g = m->rng;
    if (m->spec.stream.keys > 0) { /* a window may come earlier or later */
        ff_image_shift(x, frame, m->spec.shape, pixels(g, s->jitter), 0);
    } else if (s->warp > 0) {
        float A[4] = {1, 0, 0, 1}, t[2];
        for (int k = 0; k < 4; k++)
            A[k] += even(g, s->warp);
        for (int k = 0; k < 2; k++)
            t[k] = even(g, (float)s->jitter);
        ff_image_warp(x, frame, m->spec.shape, A, t);
    } else {
        int dy = pixels(g, s->jitter), dx = pixels(g, s->jitter);
        ff_image_shift(x, frame, m->spec.shape, dy, dx);
    }
}

static void put(struct ff_model *m, size_t i, const void *frame)
{
    const struct ff_sleep_spec *s = &m->spec.sleep;
    bool image = m->spec.image, still = m->spec.stream.keys > 0;
    bool moved = image && (s->jitter > 0 || (s->warp > 0 && !still));
    float *x = ff_model_row(m, i);
    ff_model_read(m, moved ? m->work.spare : x, frame);
    if (moved)
        jitter(m, x, m->work.spare);
    if (image && s->flip && ff_rng_below(m->rng, 2))
        ff_image_flip(x, m->spec.shape);
    if (image && s->cutout > 0)
        ff_image_cut(x, m->spec.shape, s->cutout, m->rng);
}

void ff_night_recall(struct ff_model *m, size_t i, enum ff_role role)
{
    struct ff_work *w = &m->work;
    const void *frame = ff_memory_draw(&m->memory, m->rng, &w->class_[i]);
    w->role[i] = role;
    put(m, i, frame);
}

void ff_night_recall_any(struct ff_model *m, size_t i, enum ff_role role)
{
    struct ff_work *w = &m->work;
    const void *frame = ff_memory_draw_any(&m->memory, m->rng, &w->class_[i]);
    if (w->class_[i] == (int)m->K)
        w->class_[i] = -1;
    w->role[i] = role;
    put(m, i, frame);
}

/*
 * A dream into row i, from the bank. Dreams are made a bank at a time, since
 * climbing costs ten products with the first layer whether for one frame or
 * for many; climbers and hybrids, its two halves, are taken in turns.
 */
static void dream(struct ff_model *m, size_t i)
{
    struct ff_work *w = &m->work;
    size_t climbers = m->bank_size / 2;
    if (m->count->bank == 0) {
        ff_dream_make(m, m->rng, FF_DREAM_CLIMB, m->bank, climbers);
        ff_dream_make(m, m->rng, FF_DREAM_HYBRID, m->bank + climbers * m->D,
                      climbers);
        m->count->bank = m->bank_size;
    }
    size_t left = --m->count->bank;
    size_t at = left % 2 ? left / 2 : climbers + left / 2;
    memcpy(ff_model_row(m, i), m->bank + at * m->D, m->D * sizeof *m->bank);
    w->role[i] = FF_ROLE_DREAM;
    w->class_[i] = -1;
}

void ff_night_pay(struct ff_model *m)
{
    double paid = m->credit->paid + 1 / (double)m->spec.sleep.replay;
    m->credit->paid = paid < FF_CREDIT_MAX ? paid : FF_CREDIT_MAX;
}

bool ff_night_owes(struct ff_model *m)
{
    /* What was paid too much is kept. */
    for (; m->credit->paid >= 1 && m->count->debt > 0; m->count->debt--)
        m->credit->paid -= 1;
    return m->count->debt > 0;
}

void ff_night_read(struct ff_model *m, size_t n)
{
    struct ff_work *w = &m->work;
    if (m->readout.K == 0)
        return;
    ff_pass_features(m, &w->pass, n, w->opinion.features);
    for (size_t i = 0; i < n; i++)
        w->label[i] = w->role[i] == FF_ROLE_REAL ? w->class_[i] : -1;
    for (size_t k = 0; k < m->K; k++)
        w->known[k] = ff_memory_count_of(&m->memory, (int)k) > 0;
    ff_opinion_learn(&w->opinion, m, w->label, w->known, n);
}

void ff_night_fill(struct ff_model *m, struct ff_night *night)
{
    const struct ff_sleep_spec *s = &m->spec.sleep;
    struct ff_credit *credit = m->credit;
    bool negative = m->spec.asleep == FF_ASLEEP_NEGATIVE_ONLY;
    *night = (struct ff_night){0};
    for (; night->n < m->spec.batch; night->n++) {
        if (credit->dreams >= 1) {
            credit->dreams -= 1;
            night->dreamt++;
            dream(m, night->n);
        } else if (credit->confusions >= 1) {
            credit->confusions -= 1;
            night->confused++;
            ff_night_recall(m, night->n, FF_ROLE_CONFUSION);
        } else if (ff_night_owes(m)) {
            *(negative ? &night->confused : &night->replayed) += 1;
            ff_night_recall(m, night->n,
                            negative ? FF_ROLE_CONFUSION : FF_ROLE_REAL);
            credit->confusions += negative ? 0 : (double)s->confusions;
            credit->dreams += (double)s->dreams;
            ff_night_pay(m);
        } else {
            break;
        }
    }
}
