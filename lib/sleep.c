/*
 * sleep.c -- one bounded slice of sleep.
 *
 * A micro-batch of sleep is remembered frames, drawn evenly over classes and
 * jittered, with confusions and dreams among them in the configured
 * proportions. All classes that are remembered compete: this is where what was
 * learned on different days is told apart. Real and false are taught together,
 * unless asleep: negative_only asks for Hinton's separate phases: then every
 * remembered frame is a confusion and sleep lifts nothing.
 *
 * Fractions are carried over as credit, so that the proportions hold whatever
 * the size of a micro-batch.
 */
#include <string.h>

#include "lib/dream.h"
#include "lib/image.h"
#include "lib/model.h"

struct counts {
    size_t n, replayed, confused, dreamt;
};

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
    if (s->warp > 0) {
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

/* A remembered frame into row i. */
static void recall(struct ff_model *m, size_t i, enum ff_role role)
{
    struct ff_work *w = &m->work;
    const struct ff_sleep_spec *s = &m->spec.sleep;
    bool moved = m->spec.image && (s->jitter > 0 || s->warp > 0);
    float *x = w->x + i * m->D;
    const void *frame = ff_memory_draw(&m->memory, m->rng, &w->class_[i]);
    w->role[i] = role;
    ff_model_read(m, moved ? w->spare : x, frame);
    if (moved)
        jitter(m, x, w->spare);
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
    memcpy(w->x + i * m->D, m->bank + at * m->D, m->D * sizeof *w->x);
    w->role[i] = FF_ROLE_DREAM;
    w->class_[i] = -1;
}

/* What was taught pays for frames owed; what it pays too much is kept. */
static void pay(struct ff_model *m)
{
    for (; m->credit->paid >= 1 && m->count->debt > 0; m->count->debt--)
        m->credit->paid -= 1;
}

/* Fill a micro-batch, paying off debt. */
static struct counts fill(struct ff_model *m)
{
    const struct ff_sleep_spec *s = &m->spec.sleep;
    struct ff_credit *credit = m->credit;
    struct ff_counters *count = m->count;
    bool apart = m->spec.asleep == FF_ASLEEP_NEGATIVE_ONLY;
    struct counts c = {0};
    for (; c.n < m->spec.batch; c.n++) {
        if (credit->dreams >= 1) {
            credit->dreams -= 1;
            c.dreamt++;
            dream(m, c.n);
        } else if (credit->confusions >= 1) {
            credit->confusions -= 1;
            c.confused++;
            recall(m, c.n, FF_ROLE_CONFUSION);
        } else if (count->debt > 0) {
            *(apart ? &c.confused : &c.replayed) += 1;
            recall(m, c.n, apart ? FF_ROLE_CONFUSION : FF_ROLE_REAL);
            credit->confusions += apart ? 0 : (double)s->confusions;
            credit->dreams += (double)s->dreams;
            credit->paid += 1 / (double)s->replay;
            pay(m);
        } else {
            break;
        }
    }
    return c;
}

int ff_sleep(struct ff_model *m, size_t updates, struct ff_slept *out)
{
    struct ff_work *w = &m->work;
    struct ff_counters *count = m->count;
    *out = (struct ff_slept){0};
    if (ff_memory_count(&m->memory) == 0 || !(m->spec.sleep.replay > 0))
        ff_sleep_forgive(m);
    pay(m);
    for (size_t k = 0; k < m->K; k++)
        w->live[k] = ff_memory_count_of(&m->memory, (int)k) > 0;
    w->live[m->K] = ff_model_dreams(m);
    while (out->updates < updates && count->debt > 0) {
        struct counts c = fill(m);
        int status = ff_model_step(m, c.n, NULL, NULL);
        if (status)
            return status;
        out->updates++;
        out->replayed += c.replayed;
        out->confused += c.confused;
        out->dreamt += c.dreamt;
        count->dreamt += c.dreamt;
    }
    count->replayed += out->replayed;
    count->confused += out->confused;
    out->step = count->step;
    out->debt = count->debt;
    return 0;
}

void ff_sleep_owe(struct ff_model *m, uint64_t frames)
{
    if (m->count->debt < frames)
        m->count->debt = frames;
}

void ff_sleep_forgive(struct ff_model *m)
{
    m->count->debt = 0;
}
