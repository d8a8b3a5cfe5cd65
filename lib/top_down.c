/*
 * top_down.c -- a frame below and a label above, and layers that settle between
 * them (Hinton 2022, section 3.4).
 *
 * A layer sees what the one below did and what the one above did, an iteration
 * before. Below the first is the frame, above the last the label, one-hot; both
 * stay as they are.
 *
 *     u_l = [below, its length forgotten; above, likewise]
 *     h_l = relu(W_l u_l + b_l)          of all layers at once
 *     s_l = 0.3 s_l + 0.7 h_l / rms(h_l) what the others see next
 *
 * It begins with a glance: once upward, with nothing from above. A layer's
 * goodness then says how well what comes from below goes with what comes from
 * above.
 *
 *   positive   the frame with its label
 *   negative   the same frame with a wrong label, drawn in proportion to what
 *              the model believes
 *   answer     the label with the greatest goodness, the mean over all layers
 *              and iterations 3 to 5; each label that is tried is a settling
 *              of its own. Or a read-out of the glance's features
 *
 * What a layer sees is given: it learns from its goodness in every iteration
 * alone, and no gradient goes through another layer or back in time. All
 * iterations of a micro-batch are rows of one update, so that it is wholly or
 * not at all, as any other. What is taught, and when, is in labelled.c.
 */
#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/image.h"
#include "lib/labelled.h"
#include "lib/model.h"
#include "lib/paired.h"
#include "lib/vec.h"

#define ITERATIONS ((size_t)8)
#define FIRST      3 /* whose goodness answers, from one; */
#define LAST       5
#define STAY       0.3f  /* of a state from one iteration to the next */
#define LABEL      10.0f /* mean square of what comes from the label */

/* A row is the frame's values, then what comes from above. Until the pass
   begins there is no such thing, and in its first place is the label's number,
   from one. */
static void write_label(const struct ff_model *m, float *row, int class_)
{
    memset(row + m->D, 0, (m->layer[0].D - m->D) * sizeof *row);
    row[m->D] = (float)(class_ + 1);
}

/* Frames and labels of n rows are kept: rows become what the first layer sees.
 */
static void keep(const struct ff_model *m, struct ff_pass *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float *row = p->x + i * m->layer[0].D;
        ff_vec_normalise(p->kept + i * m->D, row, 1, m->D);
        p->one[i] = row[m->D];
    }
}

/* ---- one iteration --------------------------------------------------------
 */

/* What layer l has from below. */
static size_t find_below(const struct ff_model *m, const struct ff_pass *p,
                         size_t l, size_t i, const float **below)
{
    size_t D = l > 0 ? m->layer[l - 1].H : m->D;
    *below = (l > 0 ? p->layer[l - 1].state : p->kept) + i * D;
    return D;
}

/* What layer l sees of row i, into u (D_l); before it glanced, nothing from
   above. */
static void see(const struct ff_model *m, const struct ff_pass *p, float *u,
                size_t l, size_t i, bool glance)
{
    const float *below;
    size_t D = find_below(m, p, l, i, &below), above = m->layer[l].D - D;
    size_t label = (size_t)p->one[i];
    ff_vec_normalise(u, below, 1, D);
    u += D;
    memset(u, 0, above * sizeof *u);
    if (glance)
        return;
    if (l + 1 < m->L)
        ff_vec_normalise(u, p->layer[l + 1].state + i * above, 1, above);
    else if (label > 0)
        u[label - 1] = sqrtf(LABEL * (float)above);
}

/* The trace of a layer from row `at` on. */
static struct ff_trace rows_of(const struct ff_layer *l,
                               const struct ff_trace *t, size_t at)
{
    return (struct ff_trace){.u = t->u + at * l->D,
                             .a = t->a + at * l->H,
                             .h = t->h + at * l->H,
                             .q = t->q + at * l->Q,
                             .G = t->G + at};
}

/* Layer l's answer to the n rows from `from` on, into those from `to` on. */
static void answer_rows(const struct ff_model *m, const struct ff_pass *p,
                        const float *params, size_t l, size_t from, size_t n,
                        size_t to, bool glance)
{
    const struct ff_layer *layer = &m->layer[l];
    struct ff_trace t = rows_of(layer, &p->layer[l], to);
    for (size_t i = 0; i < n; i++)
        see(m, p, t.u + i * layer->D, l, from + i, glance);
    layer->kind->forward(layer, params, t.u, n, &t);
    layer->kind->square(layer, t.a, t.h, t.q, n);
    ff_goodness_forward(t.G, t.q, params + layer->V, params + layer->c, n, 1,
                        layer->Q);
}

/* The states of n rows move to what was answered, `stay` of them stays. */
static void move(const struct ff_model *m, const struct ff_pass *p, size_t l,
                 size_t from, size_t n, size_t to, float stay)
{
    size_t H = m->layer[l].H;
    const float *h = p->layer[l].h + to * H;
    float *state = p->layer[l].state + from * H;
    for (size_t i = 0; i < n; i++, h += H, state += H) {
        float by = (1 - stay) * ff_vec_inverse_rms(h, H);
        for (size_t j = 0; j < H; j++)
            state[j] = stay * state[j] + by * h[j];
    }
}

static void glance(const struct ff_model *m, const struct ff_pass *p,
                   const float *params, size_t from, size_t n, size_t to)
{
    for (size_t l = 0; l < m->L; l++) {
        answer_rows(m, p, params, l, from, n, to, true);
        memset(p->layer[l].state + from * m->layer[l].H, 0,
               n * m->layer[l].H * sizeof(float));
        move(m, p, l, from, n, to, 0);
    }
}

static void iterate(const struct ff_model *m, const struct ff_pass *p,
                    const float *params, size_t from, size_t n, size_t to)
{
    for (size_t l = 0; l < m->L; l++)
        answer_rows(m, p, params, l, from, n, to, false);
    for (size_t l = 0; l < m->L; l++)
        move(m, p, l, from, n, to, STAY);
}

/* See objective.h: what is seen without a label. */
static void forward(const struct ff_model *m, struct ff_pass *p,
                    const float *params, size_t n)
{
    keep(m, p, n);
    glance(m, p, params, 0, n, 0);
}

/* ---- taught ----------------------------------------------------------------
 */

/* n rows from `from` on settle; each iteration's are rows of their own, from
   `to` on, and of the same role. */
static void settle(struct ff_model *m, size_t from, size_t n, size_t to)
{
    struct ff_work *w = &m->work;
    memmove(w->role + to, w->role + from, n * sizeof *w->role);
    memmove(w->class_ + to, w->class_ + from, n * sizeof *w->class_);
    glance(m, &w->pass, m->params, from, n, to);
    for (size_t k = 0; k < ITERATIONS; k++) {
        if (k > 0) {
            memcpy(w->role + to + k * n, w->role + to, n * sizeof *w->role);
            memcpy(w->class_ + to + k * n, w->class_ + to,
                   n * sizeof *w->class_);
        }
        iterate(m, &w->pass, m->params, from, n, to + k * n);
    }
}

static int teach(struct ff_model *m, size_t pairs, size_t rows)
{
    struct ff_work *w = &m->work;
    keep(m, &w->pass, rows);
    if (pairs > 0)
        settle(m, pairs, pairs, ITERATIONS * pairs);
    settle(m, 0, pairs > 0 ? pairs : rows, 0);
    w->pairs = ITERATIONS * pairs;
    return ff_model_teach(m, ITERATIONS * rows);
}

/* ---- answers ---------------------------------------------------------------
 */

/* The present iteration's goodness as a part of that of label k. */
static void add(const struct ff_model *m, const struct ff_pass *p, size_t n,
                size_t k, float *logits, float *goodness)
{
    float share = 1.0f / (LAST - FIRST + 1);
    for (size_t l = 0; l < m->L; l++)
        for (size_t i = 0; i < n; i++) {
            float g = share * p->layer[l].G[i];
            goodness[(i * m->L + l) * m->K + k] += g;
            logits[i * m->K + k] += g / (float)m->L;
        }
}

static void answer(const struct ff_model *m, struct ff_pass *p,
                   const float *params, const uint8_t *live, size_t n,
                   float *logits, float *goodness)
{
    memset(logits, 0, n * m->K * sizeof *logits);
    memset(goodness, 0, n * m->L * m->K * sizeof *goodness);
    for (size_t k = 0; k < m->K; k++) {
        if (!live[k])
            continue;
        for (size_t i = 0; i < n; i++)
            p->one[i] = (float)(k + 1);
        glance(m, p, params, 0, n, 0);
        for (int turn = 1; turn <= LAST; turn++) {
            iterate(m, p, params, 0, n, 0);
            if (turn >= FIRST)
                add(m, p, n, k, logits, goodness);
        }
    }
}

const struct ff_objective ff_top_down = {.name = "top_down",
                                         .needs_labels = true,
                                         .settles = true,
                                         .answers = true,
                                         .blurs = FF_IMAGE_BLURS,
                                         .rows_a_frame = 2 * ITERATIONS,
                                         .write_label = write_label,
                                         .forward = forward,
                                         .prepare = ff_labelled_prepare,
                                         .learn = ff_labelled_learn,
                                         .teach = teach,
                                         .sleep = ff_labelled_sleep,
                                         .gradients = ff_paired_gradients,
                                         .answer = answer};
