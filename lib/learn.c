/*
 * learn.c -- awake: predict, learn, remember, owe sleep.
 */
#include <string.h>

#include "lib/model.h"
#include "lib/vec.h"

#define NEWS_FRAMES 32  /* first frames of a class that are news */
#define NEWS_WEIGHT 128 /* frames that such a frame counts as in debt */

void ff_model_read(const struct ff_model *m, float *x, const void *frame)
{
    if (m->dtype == FF_U8)
        ff_vec_from_u8(x, frame, m->D);
    else
        memcpy(x, frame, m->frame_bytes);
}

/* Awake, only classes seen lately compete; these frames' own do in any case.
   What speaks between tasks is sleep. */
static void choose_live(struct ff_model *m, const int *classes, size_t n)
{
    uint8_t *live = m->work.live;
    for (size_t k = 0; k < m->K; k++) {
        uint64_t last = m->last_seen[k];
        live[k] = last > 0 && m->count->seq - last < m->spec.recent;
    }
    for (size_t i = 0; i < n; i++)
        live[classes[i]] = 1;
    live[m->K] = ff_model_dreams(m);
}

static void find_range(const float *x, size_t n, float *least, float *greatest)
{
    for (size_t i = 0; i < n; i++) {
        *least = x[i] < *least ? x[i] : *least;
        *greatest = x[i] > *greatest ? x[i] : *greatest;
    }
}

/*
 * A frame learned is a frame owed to sleep. News owes more, so that a handful
 * of frames of a new class is slept on thoroughly as soon as it is quiet; but
 * only as much as leaves the next exhaustion a whole `every` away, so that an
 * unbroken stream sleeps no more for it, and nothing with a strict period.
 */
static void owe(struct ff_model *m, int class_)
{
    const struct ff_sleep_spec *sleep = &m->spec.sleep;
    uint64_t *debt = &m->count->debt;
    if (sleep->every == 0 || m->memory.capacity == 0)
        return;
    ++*debt;
    uint64_t most = sleep->exhausted - sleep->every;
    if (m->memory.seen[class_] <= NEWS_FRAMES && *debt < most) {
        *debt += NEWS_WEIGHT - 1;
        *debt = *debt < most ? *debt : most;
    }
}

static void remember(struct ff_model *m, const void *frame, int class_)
{
    if (m->last_seen[class_] == 0)
        ff_average_restart(m);
    m->last_seen[class_] = ++m->count->seq;
    ff_memory_keep(&m->memory, m->rng, frame, class_);
    owe(m, class_);
}

int ff_learn(struct ff_model *m, const void *const *frames, const int *classes,
             size_t n, struct ff_learned *out)
{
    struct ff_work *w = &m->work;
    enum ff_role role =
        m->spec.awake == FF_AWAKE_POSITIVE_ONLY ? FF_ROLE_LIFT : FF_ROLE_REAL;
    for (size_t i = 0; i < n; i++) {
        ff_model_read(m, w->x + i * m->D, frames[i]);
        w->role[i] = role;
        w->class_[i] = classes[i];
    }
    if (!ff_vec_finite(w->x, n * m->D))
        return FF_EFINITE;
    float least = m->range[0], greatest = m->range[1];
    find_range(w->x, n * m->D, &least, &greatest);
    for (size_t k = 0; k < m->K; k++)
        w->known[k] = m->last_seen[k] > 0;
    choose_live(m, classes, n);
    int status = ff_model_step(m, n, w->known, w->right);
    if (status)
        return status;

    m->range[0] = least;
    m->range[1] = greatest;
    *out = (struct ff_learned){0};
    for (size_t i = 0; i < n; i++) {
        ff_prequential_add(&m->prequential, w->right[i]);
        out->right += w->right[i];
        remember(m, frames[i], classes[i]);
    }
    const struct ff_sleep_spec *sleep = &m->spec.sleep;
    out->correct = w->right;
    out->seq = m->count->seq;
    out->step = m->count->step;
    out->debt = m->count->debt;
    out->tired = sleep->every > 0 && out->debt >= sleep->every;
    out->exhausted = sleep->every > 0 && out->debt >= sleep->exhausted;
    return 0;
}
