/*
 * step.c -- one update of every layer, wholly or not at all.
 *
 * All layers answer first; then each finds its gradient from its own goodness
 * and moves. No number passes from a layer to one below it: what a layer
 * learns is the same whatever lies above.
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

static float *verdicts(const struct ff_model *m, float *G, size_t l)
{
    return G + l * m->work.B * m->N;
}

static void forward(struct ff_model *m, size_t n)
{
    struct ff_work *w = &m->work;
    const float *x = w->x;
    for (size_t l = 0; l < m->L; l++) {
        const struct ff_layer *layer = &m->layer[l];
        layer->kind->forward(layer, m->params, x, n, w->u[l], w->h[l], w->q[l]);
        ff_goodness_forward(verdicts(m, w->G, l), w->q[l], m->params + layer->V,
                            m->params + layer->c, n, m->N, layer->H);
        x = w->h[l];
    }
}

static void judge(const struct ff_model *m, size_t n, const uint8_t *known,
                  uint8_t *right)
{
    const struct ff_work *w = &m->work;
    int label;
    struct ff_answers answer = {.label = &label};
    for (size_t i = 0; i < n; i++) {
        ff_competitive_answer(&m->objective, w->G + i * m->N, w->B * m->N, m->L,
                              known, &answer, 0);
        right[i] = label == w->class_[i];
    }
}

static void gradients(struct ff_model *m, size_t n)
{
    struct ff_work *w = &m->work;
    for (size_t l = 0; l < m->L; l++)
        for (size_t i = 0; i < n; i++)
            ff_competitive_gradient(&m->objective, w->role[i], w->class_[i],
                                    verdicts(m, w->G, l) + i * m->N, w->live,
                                    verdicts(m, w->dG, l) + i * m->N);
}

static bool all_finite(struct ff_model *m, size_t n)
{
    struct ff_work *w = &m->work;
    for (size_t l = 0; l < m->L; l++)
        if (!ff_vec_finite(verdicts(m, w->G, l), n * m->N) ||
            !ff_vec_finite(verdicts(m, w->dG, l), n * m->N))
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
    size_t D = layer->D, H = layer->H, N = m->N, kept = 0;
    float *dG = verdicts(m, w->dG, l);
    for (size_t i = 0; i < n; i++) {
        if (largest(dG + i * N, N) <= m->spec.margin)
            continue;
        if (i > kept) {
            memcpy(dG + kept * N, dG + i * N, N * sizeof *dG);
            memcpy(w->u[l] + kept * D, w->u[l] + i * D, D * sizeof *dG);
            memcpy(w->h[l] + kept * H, w->h[l] + i * H, H * sizeof *dG);
            memcpy(w->q[l] + kept * H, w->q[l] + i * H, H * sizeof *dG);
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
    ff_mat_tn(l->V_rule.g, dG, q, m->N, l->H, kept, share, 0);
}

static void update(struct ff_model *m, size_t l, size_t n,
                   const struct ff_lesson *lesson)
{
    struct ff_work *w = &m->work;
    struct ff_layer *layer = &m->layer[l];
    float *dG = verdicts(m, w->dG, l), *V = m->params + layer->V;
    size_t kept = gather(m, l, n);
    m->gauges[l].skipped =
        FADE * m->gauges[l].skipped + (1 - FADE) * (float)(n - kept) / (float)n;

    /* V's gradient needs q, dz takes q's place, and V moves after both. */
    bool learned = m->objective.delusion;
    if (learned)
        find_verdict_gradient(m, layer, w->q[l], dG, kept, 1 / (float)n);
    float *dz = w->q[l];
    ff_goodness_backward(dz, dG, w->h[l], V, kept, m->N, layer->H);
    layer->kind->update(layer, m->params, w->u[l], w->h[l], dz, kept, lesson);
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
    size_t H = m->layer[l].H, real = 0, silent = 0;
    double sum[2] = {0};
    for (size_t i = 0; i < n; i++) {
        bool dream = w->role[i] == FF_ROLE_DREAM;
        real += !dream;
        for (size_t j = 0; j < H; j++)
            sum[dream] += w->q[l][i * H + j];
    }
    for (size_t j = 0; j < H; j++) {
        float most = 0;
        for (size_t i = 0; i < n; i++)
            most = w->h[l][i * H + j] > most ? w->h[l][i * H + j] : most;
        silent += most == 0;
    }
    size_t count[2] = {real, n - real};
    float *mean[2] = {&gauge->real, &gauge->dream};
    for (int d = 0; d < 2; d++) {
        float now = (float)(sum[d] / (double)(count[d] * H));
        if (count[d] > 0)
            *mean[d] = *mean[d] == 0 ? now : 0.9f * *mean[d] + 0.1f * now;
    }
    if (n >= GAUGE_LEAST) /* in a few frames most units rest anyway */
        gauge->silent = (float)silent;
}

static struct ff_lesson lesson_of(const struct ff_model *m, size_t n)
{
    float few = sqrtf((float)n / 32);
    bool row = m->spec.update == FF_UPDATE_ROW;
    return (struct ff_lesson){
        .B = n,
        .live = m->work.live,
        .step = {.W = row ? few * m->spec.lr : m->spec.lr,
                 .V = row ? few * m->spec.vlr : m->spec.vlr,
                 .decay = powf(SQUARES_DECAY, (float)n),
                 .mean = fmaxf(1 - powf(MEAN_DECAY, (float)n),
                               1 / (float)(m->count->step + 1)),
                 .peer = m->spec.peer,
                 .activity = powf(ACTIVITY_DECAY, (float)n)},
    };
}

int ff_model_step(struct ff_model *m, size_t n, const uint8_t *known,
                  uint8_t *right)
{
    forward(m, n);
    if (right)
        judge(m, n, known, right);
    gradients(m, n);
    if (!all_finite(m, n))
        return FF_EFINITE;
    if (m->count->step % GAUGE_EVERY == 0)
        for (size_t l = 0; l < m->L; l++)
            gauge(m, l, n);
    struct ff_lesson lesson = lesson_of(m, n);
    for (size_t l = 0; l < m->L; l++)
        update(m, l, n, &lesson);
    m->count->step++;
    ff_average_taught(m, n);
    return 0;
}
