#include "lib/fit.h"

#include <math.h>
#include <string.h>

#include "lib/calibrate.h"
#include "lib/label_overlay.h"
#include "lib/model.h"

void ff_fit_carve(struct ff_fit *f, struct ff_arena *a,
                  const struct ff_model *m)
{
    f->done = ff_arena_take(a, 1, sizeof *f->done);
    f->temperature = ff_arena_take(a, 1, sizeof *f->temperature);
    ff_gauss_fit_carve(&f->gauss, a, m->F, m->K, false);
    ff_typical_carve(&f->typical, a, FF_WITNESSES, m->spec.calibration);
}

void ff_fit_copy(struct ff_fit *to, const struct ff_fit *from)
{
    size_t F = from->gauss.F, K = from->gauss.K;
    float *scores = to->typical.p.scores;
    *to->done = *from->done;
    *to->temperature = *from->temperature;
    memcpy(to->gauss.live, from->gauss.live, K);
    memcpy(to->gauss.W, from->gauss.W, K * F * sizeof *to->gauss.W);
    memcpy(to->gauss.b, from->gauss.b, K * sizeof *to->gauss.b);
    memcpy(to->gauss.c, from->gauss.c, K * sizeof *to->gauss.c);
    memcpy(to->gauss.Q, from->gauss.Q, K * K * sizeof *to->gauss.Q);
    memcpy(scores, from->typical.p.scores, from->typical.p.n * sizeof *scores);
    to->typical = from->typical;
    to->typical.p.scores = scores;
}

void ff_fitting_carve(struct ff_fitting *f, struct ff_arena *a,
                      const struct ff_model *m)
{
    size_t spared = m->spec.calibration, n = m->spec.memory + spared;
    ff_gauss_carve(&f->sums, a, m->F, m->K);
    ff_fit_carve(&f->next, a, m);
    ff_pass_carve(&f->pass, a, m, FF_FIT_ROWS);
    ff_opinion_carve(&f->opinion, a, m, FF_FIT_ROWS);
    f->rows = ff_arena_take(a, n, m->frame_bytes);
    f->class_ = ff_arena_take(a, n, sizeof *f->class_);
    f->logits = ff_arena_take(a, spared * m->K, sizeof *f->logits);
    f->witness = ff_arena_take(a, spared * FF_WITNESSES, sizeof *f->witness);
    f->room = ff_arena_take(a, spared, sizeof *f->room);
}

enum ff_answer_kind ff_fit_answers_by(const struct ff_fit *f,
                                      const struct ff_model *m)
{
    bool waits = m->spec.answer == FF_ANSWER_CLOSED_FORM && !*f->done;
    return waits && m->objective->answers ? FF_ANSWER_GOODNESS : m->spec.answer;
}

/* ---- begin ----------------------------------------------------------------
 */

bool ff_fit_due(const struct ff_model *m)
{
    uint64_t since = m->count->seq - m->tally->fitted;
    uint64_t young = m->count->seq / 4 > 256 ? m->count->seq / 4 : 256;
    return m->fits && !m->fitting.busy &&
           since >= (young < m->spec.fit_every ? young : m->spec.fit_every);
}

/* All frames of a memory that have a class below K, behind the n that are
   there; how many there are now. */
static size_t copy(struct ff_fitting *f, const struct ff_memory *mem, size_t K,
                   size_t n)
{
    for (size_t k = 0; k < K; k++)
        for (size_t i = mem->start[k]; i < mem->start[k + 1]; i++) {
            memcpy(f->rows + n * mem->row_bytes,
                   mem->rows + mem->order[i] * mem->row_bytes, mem->row_bytes);
            f->class_[n++] = (int)k;
        }
    return n;
}

int ff_fit_begin(struct ff_model *m)
{
    struct ff_fitting *f = &m->fitting;
    if (!m->fits || f->busy)
        return FF_EBUSY;
    int status = ff_publish(m); /* the present net, or the fit would be of
                                   another whenever somebody reads long */
    if (status)
        return status;
    f->n = copy(f, &m->memory, m->K, 0);
    f->spared = copy(f, &m->spared, m->K, f->n) - f->n;
    f->view = ff_view_acquire(m);
    f->seq = m->count->seq;
    f->busy = true;
    return 0;
}

/* ---- run ------------------------------------------------------------------
 */

/* Frames from..from + n of the copy through the view's net. */
static void look(struct ff_fitting *f, const struct ff_model *m, size_t from,
                 size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float *row = f->pass.x + i * m->layer[0].D;
        if (m->slots > 0)
            ff_label_neutral(row, m->slots);
        ff_model_read(m, row + m->slots, f->rows + (from + i) * m->frame_bytes);
    }
    ff_pass_forward(m, &f->pass, f->view->params, n);
    ff_pass_features(m, &f->pass, n, f->opinion.features);
}

static size_t some(size_t left)
{
    return left < FF_FIT_ROWS ? left : FF_FIT_ROWS;
}

static void take_spared(struct ff_fitting *f, const struct ff_model *m)
{
    for (size_t i = 0; i < f->spared; i += FF_FIT_ROWS) {
        size_t n = some(f->spared - i);
        float *logits = f->logits + i * m->K;
        look(f, m, f->n + i, n);
        ff_fit_witness(&f->next, f->view, &f->pass, f->opinion.features,
                       f->opinion.logits, n, f->witness + i * FF_WITNESSES);
        ff_opinion_form(&f->opinion, m, &f->pass, f->view->params, &f->next,
                        f->view->live, n);
        float T =
            f->opinion.by == FF_ANSWER_GOODNESS ? f->view->temperature : 1;
        for (size_t j = 0; j < n * m->K; j++)
            logits[j] = T * f->opinion.logits[j];
    }
}

int ff_fit_run(struct ff_model *m)
{
    struct ff_fitting *f = &m->fitting;
    ff_gauss_clear(&f->sums);
    for (size_t i = 0; i < f->n; i += FF_FIT_ROWS) {
        size_t n = some(f->n - i);
        look(f, m, i, n);
        ff_gauss_add(&f->sums, f->opinion.features, f->class_ + i, n);
    }
    *f->next.done = 0;
    f->status = ff_gauss_solve(&f->sums, &f->next.gauss);
    if (f->status)
        return f->status;
    *f->next.done = 1;
    take_spared(f, m);
    *f->next.temperature = ff_calibrate_temperature(
        f->logits, f->class_ + f->n, f->view->live, f->spared, m->K);
    ff_typical_fit(&f->next.typical, f->witness, f->spared, f->room);
    return 0;
}

void ff_fit_witness(const struct ff_fit *f, const struct ff_view *v,
                    const struct ff_pass *p, const float *features,
                    float *scores, size_t n, float *witness)
{
    const struct ff_model *m = v->model;
    float R[FF_FIT_ROWS];
    for (size_t i = 0; i < n; i += FF_FIT_ROWS) {
        size_t part = some(n - i);
        ff_gauss_scores(&f->gauss, scores, features + i * m->F, part);
        ff_gauss_relative(&f->gauss, R, scores, part);
        for (size_t j = 0; j < part; j++) {
            float *w = witness + (i + j) * FF_WITNESSES;
            float novelty = ff_contest_novelty(
                &v->contest, p->G + (i + j) * m->N, p->B * m->N, m->L, v->live);
            w[FF_WITNESS_DREAM] = ff_typical_witness(novelty);
            w[FF_WITNESS_DISTANCE] = R[j];
        }
    }
}

/* ---- install --------------------------------------------------------------
 */

int ff_fit_install(struct ff_model *m)
{
    struct ff_fitting *f = &m->fitting;
    if (!f->busy)
        return 0;
    ff_view_release(f->view);
    f->busy = false;
    m->tally->fitted = f->seq; /* a failure is not tried again at once */
    if (f->status)
        return f->status;
    ff_fit_copy(&m->fit, &f->next);
    m->tally->fits++;
    return 0;
}
