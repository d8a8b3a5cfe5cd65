/*
 * hybrid.c -- a frame against a hybrid of two; no label is needed (Hinton
 * 2022, section 3.2).
 *
 * A hybrid has the pixels of one frame in large patches and of another
 * elsewhere: right in the small, wrong in the large. To tell it from a frame a
 * layer has to see shape. Labels come by a read-out.
 *
 * Sleep makes the hybrids, teaches them beside remembered frames and stores
 * them; awake, each frame is paired with one. Until there are any, in a model
 * that never sleeps, and with negatives: fresh, they are made on the spot.
 */
#include <string.h>

#include "lib/bank.h"
#include "lib/dream.h"
#include "lib/image.h"
#include "lib/model.h"
#include "lib/night.h"
#include "lib/paired.h"

#define BLURS                                                                  \
    2 /* patches of a few pixels: what they part is nearer to what             \
         frames differ in than large ones (README.md) */

static void make(struct ff_model *m, size_t i)
{
    ff_dream_make(m, m->rng, FF_DREAM_HYBRID, ff_model_row(m, i), 1);
    m->work.role[i] = FF_ROLE_DREAM;
    m->work.class_[i] = -1;
}

static size_t prepare(struct ff_model *m, size_t n)
{
    if (m->spec.awake == FF_AWAKE_POSITIVE_ONLY ||
        ff_memory_count(&m->memory) == 0)
        return n;
    for (size_t i = 0; i < n; i++)
        if (!ff_bank_take(m, n + i))
            make(m, n + i);
    return 2 * n;
}

static int learn(struct ff_model *m, size_t n, size_t rows)
{
    struct ff_work *w = &m->work;
    for (size_t i = 0; i < n; i++) {
        w->role[i] = w->teach[i] ? FF_ROLE_REAL : FF_ROLE_NONE;
        if (!w->teach[i] && rows > n)
            w->role[n + i] = FF_ROLE_NONE;
    }
    w->pairs = rows > n ? n : 0;
    w->live[0] = 1;
    return ff_model_teach(m, rows);
}

static int asleep(struct ff_model *m, struct ff_night *night)
{
    struct ff_work *w = &m->work;
    bool negative = m->spec.asleep == FF_ASLEEP_NEGATIVE_ONLY;
    size_t n = 0;
    for (; n < m->spec.batch && ff_night_owes(m); n++) {
        if (!negative)
            ff_night_recall_any(m, n, FF_ROLE_REAL);
        ff_night_pay(m);
    }
    size_t first = negative ? 0 : n;
    for (size_t i = 0; i < n; i++) {
        make(m, first + i);
        ff_bank_put(m, first + i);
    }
    *night =
        (struct ff_night){.n = n, .replayed = negative ? 0 : n, .dreamt = n};
    w->pairs = negative ? 0 : n;
    w->live[0] = 1;
    ff_pass_forward(m, &w->pass, m->params, first + n);
    ff_night_read(m, first);
    return ff_model_teach(m, first + n);
}

const struct ff_objective ff_hybrid = {.name = "hybrid",
                                       .centred = true,
                                       .blurs = BLURS,
                                       .rows_a_frame = 2,
                                       .prepare = prepare,
                                       .learn = learn,
                                       .sleep = asleep,
                                       .gradients = ff_paired_gradients};
