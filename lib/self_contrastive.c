/*
 * self_contrastive.c -- a frame with itself against a frame with another; no
 * label is needed (Chen et al., "Self-Contrastive Forward-Forward Algorithm",
 * 2024).
 *
 * A layer is shown two frames at once. Its weights are the same for both, so
 * what it sees is the sum of the two activities: a_i + a_i is real, a_i + a_j
 * is not. Both halves are one product over [x_i; x_j] (pass.h). Labels come by
 * a read-out.
 *
 * Partners are remembered inputs, shown to the layers as they are now; their
 * activities of the past would be stale. Sleep teaches remembered frames in
 * the same way.
 */
#include "lib/image.h"
#include "lib/model.h"
#include "lib/night.h"
#include "lib/paired.h"

/* Rows n.. 2n: a partner for each of n frames. */
static void find_partners(struct ff_model *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ff_night_recall_any(m, n + i, FF_ROLE_CONFUSION);
    m->work.pass.pairs = n;
}

static size_t prepare(struct ff_model *m, size_t n)
{
    if (ff_memory_count(&m->memory) == 0)
        return n;
    find_partners(m, n);
    return 2 * n;
}

static int learn(struct ff_model *m, size_t n, size_t rows)
{
    struct ff_work *w = &m->work;
    bool alone = m->spec.awake == FF_AWAKE_POSITIVE_ONLY;
    for (size_t i = 0; i < n; i++) {
        w->role[i] = w->teach[i] ? FF_ROLE_REAL : FF_ROLE_NONE;
        if ((alone || !w->teach[i]) && rows > n)
            w->role[n + i] = FF_ROLE_NONE;
    }
    if (rows == n) /* the very first frames have nobody to be told from */
        return 0;
    w->pairs = n;
    w->live[0] = 1;
    return ff_model_teach(m, rows);
}

static int asleep(struct ff_model *m, struct ff_night *night)
{
    struct ff_work *w = &m->work;
    bool negative = m->spec.asleep == FF_ASLEEP_NEGATIVE_ONLY;
    size_t n = 0;
    for (; n < m->spec.batch && ff_night_owes(m); n++) {
        ff_night_recall_any(m, n, negative ? FF_ROLE_NONE : FF_ROLE_REAL);
        ff_night_pay(m);
    }
    find_partners(m, n);
    *night =
        (struct ff_night){.n = n, .replayed = negative ? 0 : n, .dreamt = n};
    w->pairs = n;
    w->live[0] = 1;
    ff_pass_forward(m, &w->pass, m->params, 2 * n);
    ff_night_read(m, n);
    return ff_model_teach(m, 2 * n);
}

const struct ff_objective ff_self_contrastive = {.name = "self_contrastive",
                                                 .judges_sums = true,
                                                 .centred = true,
                                                 .blurs = FF_IMAGE_BLURS,
                                                 .rows_a_frame = 2,
                                                 .prepare = prepare,
                                                 .learn = learn,
                                                 .sleep = asleep,
                                                 .gradients =
                                                     ff_paired_gradients};
