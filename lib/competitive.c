#include "lib/competitive.h"

#include <math.h>
#include <string.h>

#include "lib/image.h"
#include "lib/model.h"
#include "lib/night.h"

void ff_contest_init(struct ff_contest *o, const struct ff_spec *spec)
{
    *o = (struct ff_contest){
        .loss = {.kind = spec->loss,
                 .theta = spec->theta,
                 .theta_false = spec->theta_false,
                 .temperature = spec->temperature},
        .K = spec->classes,
        .N = spec->classes + 1,
        .delusion = spec->goodness == FF_GOODNESS_WEIGHTED,
    };
}

/* The live class other than the true one with the greatest goodness. */
static int believed(const struct ff_contest *o, int class_, const float *G,
                    const uint8_t *live)
{
    int best = -1;
    for (int k = 0; k < (int)o->K; k++)
        if (live[k] && k != class_ && (best < 0 || G[k] > G[best]))
            best = k;
    return best;
}

float ff_contest_gradient(const struct ff_contest *o, enum ff_role role,
                          int class_, const float *G, const uint8_t *live,
                          float *dG)
{
    enum ff_ask ask = FF_ASK_CLASS;
    int target = class_, rival = -1;
    switch (role) {
    case FF_ROLE_REAL:
        break;
    case FF_ROLE_LIFT:
        ask = FF_ASK_LIFT;
        break;
    case FF_ROLE_PAIR:
        ask = FF_ASK_PAIR;
        rival = believed(o, class_, G, live);
        break;
    case FF_ROLE_CONFUSION:
        ask = FF_ASK_NOT;
        target = believed(o, class_, G, live);
        break;
    case FF_ROLE_DREAM:
        ask = o->delusion ? FF_ASK_CLASS : FF_ASK_NONE;
        target = (int)o->K;
        break;
    case FF_ROLE_NONE:
        target = -1;
        break;
    }
    if (target < 0) { /* nothing to teach, or nothing wrong to believe */
        memset(dG, 0, o->N * sizeof *dG);
        return 0;
    }
    return ff_loss_gradient(&o->loss, ask, target, rival, G, live, o->N, dG);
}

/* ---- the objective ------------------------------------------------------- */

/* Awake, only classes seen lately compete; these frames' own do in any case.
   What speaks between tasks is sleep. */
static void choose_live(struct ff_model *m, size_t n)
{
    struct ff_work *w = &m->work;
    for (size_t k = 0; k < m->K; k++) {
        uint64_t last = m->last_seen[k];
        w->live[k] = last > 0 && m->tally->labelled - last < m->spec.recent;
    }
    for (size_t i = 0; i < n; i++)
        if (w->teach[i])
            w->live[w->label[i]] = 1;
    w->live[m->K] = ff_model_dreams(m);
}

static int learn(struct ff_model *m, size_t n, size_t rows)
{
    static const enum ff_role roles[] = {
        [FF_AWAKE_COMPETITIVE] = FF_ROLE_REAL,
        [FF_AWAKE_POSITIVE_ONLY] = FF_ROLE_LIFT,
        [FF_AWAKE_PAIRED] = FF_ROLE_PAIR,
    };
    struct ff_work *w = &m->work;
    for (size_t i = 0; i < n; i++) {
        w->role[i] = w->teach[i] ? roles[m->spec.awake] : FF_ROLE_NONE;
        w->class_[i] = w->label[i];
    }
    choose_live(m, n);
    return ff_model_teach(m, rows);
}

static int asleep(struct ff_model *m, struct ff_night *night)
{
    struct ff_work *w = &m->work;
    for (size_t k = 0; k < m->K; k++)
        w->live[k] = ff_memory_count_of(&m->memory, (int)k) > 0;
    w->live[m->K] = ff_model_dreams(m);
    ff_night_fill(m, night);
    ff_pass_forward(m, &w->pass, m->params, night->n);
    ff_night_read(m, night->n);
    return ff_model_teach(m, night->n);
}

static void gradients(struct ff_model *m, size_t l, size_t n)
{
    struct ff_work *w = &m->work;
    const float *G = w->pass.layer[l].G;
    float *dG = w->dG[l];
    for (size_t i = 0; i < n; i++)
        ff_contest_gradient(&m->contest, w->role[i], w->class_[i], G + i * m->N,
                            w->live, dG + i * m->N);
}

/* Layers agree too easily to count as independent witnesses: their mean, not
   their sum, is what a probability is made of. */
static void answer(const struct ff_model *m, struct ff_pass *p,
                   const float *params, const uint8_t *live, size_t n,
                   float *logits, float *goodness)
{
    size_t first = ff_model_first_head(m);
    float share = 1 / (float)(m->L - first);
    (void)params;
    (void)live;
    memset(logits, 0, n * m->K * sizeof *logits);
    for (size_t l = 0; l < m->L; l++)
        for (size_t i = 0; i < n; i++) {
            const float *G = p->layer[l].G + i * m->N;
            for (size_t k = 0; k < m->K && l >= first; k++)
                logits[i * m->K + k] += share * G[k];
            if (goodness)
                memcpy(goodness + (i * m->L + l) * m->K, G, m->K * sizeof *G);
        }
}

float ff_contest_novelty(const struct ff_contest *o, const float *G,
                         size_t stride, size_t L, const uint8_t *live)
{
    if (!o->delusion || !live[o->K])
        return NAN;
    float sum = 0;
    for (size_t l = 0; l < L; l++) {
        const float *g = G + l * stride;
        sum += expf(g[o->K] - ff_log_sum_exp(g, live, o->N, 1));
    }
    return sum / (float)L;
}

const struct ff_objective ff_competitive = {.name = "competitive",
                                            .needs_labels = true,
                                            .answers = true,
                                            .blurs = FF_IMAGE_BLURS,
                                            .rows_a_frame = 1,
                                            .learn = learn,
                                            .sleep = asleep,
                                            .gradients = gradients,
                                            .answer = answer};
