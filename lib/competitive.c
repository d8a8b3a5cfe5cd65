#include "lib/competitive.h"

#include <math.h>
#include <string.h>

#include "lib/vec.h"

void ff_competitive_init(struct ff_competitive *o, const struct ff_spec *spec)
{
    *o = (struct ff_competitive){
        .loss = {.kind = spec->loss,
                 .theta = spec->theta,
                 .temperature = spec->temperature},
        .K = spec->classes,
        .N = spec->classes + 1,
        .delusion = spec->goodness == FF_GOODNESS_WEIGHTED,
    };
}

/* The live class other than the true one with the greatest goodness. */
static int believed(const struct ff_competitive *o, int class_, const float *G,
                    const uint8_t *live)
{
    int best = -1;
    for (int k = 0; k < (int)o->K; k++)
        if (live[k] && k != class_ && (best < 0 || G[k] > G[best]))
            best = k;
    return best;
}

float ff_competitive_gradient(const struct ff_competitive *o, enum ff_role role,
                              int class_, const float *G, const uint8_t *live,
                              float *dG)
{
    enum ff_ask ask = FF_ASK_CLASS;
    int target = class_;
    switch (role) {
    case FF_ROLE_REAL:
        break;
    case FF_ROLE_LIFT:
        ask = FF_ASK_LIFT;
        break;
    case FF_ROLE_CONFUSION:
        ask = FF_ASK_NOT;
        target = believed(o, class_, G, live);
        break;
    case FF_ROLE_DREAM:
        ask = o->delusion ? FF_ASK_CLASS : FF_ASK_NONE;
        target = (int)o->K;
        break;
    }
    if (target < 0) { /* only one class exists: nothing wrong to believe */
        memset(dG, 0, o->N * sizeof *dG);
        return 0;
    }
    return ff_loss_gradient(&o->loss, ask, target, G, live, o->N, dG);
}

/* Mean over layers of the probability that the delusion row gets. */
static float novelty(const struct ff_competitive *o, const float *G,
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

void ff_competitive_answer(const struct ff_competitive *o, const float *G,
                           size_t stride, size_t L, const uint8_t *live,
                           struct ff_answers *out, size_t i)
{
    float total[FF_CLASSES_MAX];
    /* Layers agree too easily to count as independent witnesses: their mean,
       not their sum, is what a probability is made of. */
    float share = o->loss.temperature / (float)L;
    for (size_t k = 0; k < o->K; k++) {
        total[k] = 0;
        for (size_t l = 0; l < L; l++)
            total[k] += share * G[l * stride + k];
    }
    int best = ff_vec_argmax(total, live, o->K);
    float lse = ff_log_sum_exp(total, live, o->K, 1);
    if (out->label)
        out->label[i] = best;
    if (out->confidence)
        out->confidence[i] = best < 0 ? 0 : expf(total[best] - lse);
    if (out->novelty)
        out->novelty[i] = novelty(o, G, stride, L, live);
    for (size_t k = 0; k < o->K && out->scores; k++)
        out->scores[i * o->K + k] = live[k] ? expf(total[k] - lse) : 0;
    for (size_t l = 0; l < L && out->goodness; l++)
        out->goodness[i * L + l] = best < 0 ? 0 : G[l * stride + (size_t)best];
}
