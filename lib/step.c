/*
 * step.c -- one update of every layer, wholly or not at all.
 *
 * All layers have answered (pass.h); now each finds its gradient from its own
 * goodness and moves. No number passes from a layer to one below it: what a
 * layer learns is the same whatever lies above.
 *
 * A layer learns only from surprise: frames whose largest |dL/dG| is within
 * the margin are left out, and the rows of the others are gathered before the
 * products, so that what is skipped is not paid for.
 */
#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/mat.h"
#include "lib/model.h"
#include "lib/vec.h"

#define FADE           0.99f   /* of the share skipped, an update */
#define GAUGE_EVERY    16      /* updates between two looks at the goodness */
#define GAUGE_LEAST    16      /* frames it takes to call a unit silent */
#define SQUARES_DECAY  0.9997f /* of the row rule, a frame */
#define MEAN_DECAY     0.9997f /* of the mean of a layer's input, a frame */
#define ACTIVITY_DECAY 0.998f  /* of the peer term's means, a frame */

static bool all_finite(struct ff_model *m, size_t n)
{
    struct ff_work *w = &m->work;
    for (size_t l = 0; l < m->L; l++)
        if (!ff_vec_finite(w->pass.layer[l].G, n * m->layer[l].S * m->N) ||
            !ff_vec_finite(w->dG[l], n * m->layer[l].S * m->N))
            return false;
    return true;
}

static float largest(const float *x, size_t n)
{
    float top = 0;
    for (size_t i = 0; i < n; i++)
        top = fabsf(x[i]) > top ? fabsf(x[i]) : top;
    return top;
}

/* Bring the rows that surprise layer l to the front; returns how many. */
static size_t gather(struct ff_model *m, size_t l, size_t n)
{
    struct ff_work *w = &m->work;
    const struct ff_layer *layer = &m->layer[l];
    struct ff_trace *t = &w->pass.layer[l];
    size_t D = layer->D, H = layer->H, Q = layer->Q, S = layer->state;
    size_t N = m->N, kept = 0;
    float *dG = w->dG[l];
    for (size_t i = 0; i < n; i++) {
        if (largest(dG + i * N, N) <= m->spec.margin)
            continue;
        if (i > kept) {
            memcpy(dG + kept * N, dG + i * N, N * sizeof *dG);
            memcpy(t->u + kept * D, t->u + i * D, D * sizeof *dG);
            memcpy(t->h + kept * H, t->h + i * H, H * sizeof *dG);
            memcpy(t->q + kept * Q, t->q + i * Q, Q * sizeof *dG);
            if (t->at)
                memcpy(t->at + kept * H, t->at + i * H, H);
            if (S > 0)
                memcpy(t->state + kept * S, t->state + i * S, S * sizeof *dG);
        }
        kept++;
    }
    return kept;
}

/* dV and dc, the batch's means, into their rules. */
static void find_verdict_gradient(struct ff_model *m, struct ff_layer *l,
                                  const float *q, const float *dG, size_t kept,
                                  float share)
{
    float *gc = l->c_rule.g;
    memset(gc, 0, m->N * sizeof *gc);
    for (size_t i = 0; i < kept; i++)
        for (size_t k = 0; k < m->N; k++)
            gc[k] += share * dG[i * m->N + k];
    ff_mat_tn(l->V_rule.g, dG, q, m->N, l->Q, kept, share, 0);
}

static void update(struct ff_model *m, size_t l, size_t n,
                   const struct ff_lesson *lesson)
{
    struct ff_work *w = &m->work;
    struct ff_layer *layer = &m->layer[l];
    const struct ff_trace *t = &w->pass.layer[l];
    float *dG = w->dG[l], *V = m->params + layer->V;
    size_t kept = m->objective->judges_sums ? n : gather(m, l, n);
    float skipped = 1 - (float)kept / (float)lesson->B;
    if (m->objective->judges_sums)
        skipped = 0;
    m->gauges[l].skipped = FADE * m->gauges[l].skipped + (1 - FADE) * skipped;

    /* V's gradient needs q, dL/dq takes q's place, and V moves after both. */
    bool learned = m->spec.goodness == FF_GOODNESS_WEIGHTED;
    if (learned)
        find_verdict_gradient(m, layer, t->q, dG, kept, 1 / (float)lesson->B);
    float *dz = layer->Q < layer->H ? w->pass.dz : t->q;
    if (layer->S > 1) {
        ff_goodness_unplace(dz, dG, t->h, kept * layer->S, layer->R);
    } else {
        ff_mat_nn(t->q, dG, V, kept, layer->Q, m->N);
        layer->kind->gate(layer, dz, t->q, t->h, kept);
    }
    if (m->objective->judges_sums)
        ff_goodness_unpair(dz, w->pass.pairs, layer->H);
    struct ff_lesson own = *lesson;
    if (m->spec.goodness == FF_GOODNESS_LAYER) /* as V is: a mean over units */
        own.step.peer *= 2 / (float)layer->H;
    layer->kind->update(layer, m->params, t, dz, kept, &own);
    if (learned) {
        ff_rule_apply(&layer->V_rule, V, lesson->step.V, lesson->step.decay,
                      lesson->live);
        ff_rule_apply(&layer->c_rule, m->params + layer->c, lesson->step.V,
                      lesson->step.decay, lesson->live);
    }
}

/* Mean goodness of what is real and of what is dreamt, and silent units: for
   people, so now and then is enough. */
static void gauge(struct ff_model *m, size_t l, size_t n)
{
    const struct ff_work *w = &m->work;
    struct ff_gauges *gauge = &m->gauges[l];
    const struct ff_trace *t = &w->pass.layer[l];
    size_t Q = m->layer[l].Q, real = 0, silent = 0;
    size_t R = m->layer[l].R, places = n * m->layer[l].H / R;
    double sum[2] = {0};
    for (size_t i = 0; i < n; i++) {
        bool dream = ff_role_negative(w->role[i]);
        real += !dream;
        for (size_t j = 0; j < Q; j++)
            sum[dream] += t->q[i * Q + j];
    }
    for (size_t j = 0; j < R; j++) {
        float most = 0;
        for (size_t i = 0; i < places; i++)
            most = t->h[i * R + j] > most ? t->h[i * R + j] : most;
        silent += most == 0;
    }
    size_t count[2] = {real, n - real};
    float *mean[2] = {&gauge->real, &gauge->dream};
    for (int d = 0; d < 2; d++) {
        float now = (float)(sum[d] / (double)(count[d] * Q));
        if (count[d] > 0)
            *mean[d] = *mean[d] == 0 ? now : 0.9f * *mean[d] + 0.1f * now;
    }
    if (n >= GAUGE_LEAST) /* in a few frames most units rest anyway */
        gauge->silent = (float)silent;
}

static struct ff_lesson lesson_of(const struct ff_model *m, size_t n)
{
    const struct ff_spec *s = &m->spec;
    float few = s->update == FF_UPDATE_ROW ? sqrtf((float)n / 32) : 1;
    if (m->tally->boosted > 0)
        few *= s->drift_boost;
    if (s->anneal > 0)
        few /= 1 + (float)ff_model_frames(m) / s->anneal;
    return (struct ff_lesson){
        .B = n,
        .live = m->work.live,
        .step = {.W = few * s->lr,
                 .V = few * s->vlr,
                 .decay = powf(SQUARES_DECAY, (float)n),
                 .mean = fmaxf(1 - powf(MEAN_DECAY, (float)n),
                               1 / (float)(m->count->step + 1)),
                 .peer = s->peer,
                 .shrink = few * s->lr * s->weight_decay,
                 .activity = powf(ACTIVITY_DECAY, (float)n)},
    };
}

/* The stream form of staggered epochs: the lower layers come to rest first. */
static bool is_frozen(const struct ff_model *m, size_t l)
{
    return m->spec.freeze[l] > 0 && ff_model_frames(m) >= m->spec.freeze[l];
}

int ff_model_teach(struct ff_model *m, size_t n)
{
    size_t taught = 0;
    for (size_t i = 0; i < n; i++)
        taught += m->work.role[i] != FF_ROLE_NONE;
    if (taught == 0)
        return 0;
    for (size_t l = 0; l < m->L; l++)
        m->objective->gradients(m, l, n);
    if (!all_finite(m, n))
        return FF_EFINITE;
    if (m->count->step % GAUGE_EVERY == 0)
        for (size_t l = 0; l < m->L; l++) {
            gauge(m, l, n);
            ff_recents_judged(m, l, n);
        }
    struct ff_lesson lesson = lesson_of(m, taught);
    for (size_t l = 0; l < m->L; l++)
        if (!is_frozen(m, l))
            update(m, l, n, &lesson);
    m->count->step++;
    ff_average_taught(m, taught);
    return 0;
}
