#include "lib/fit.h"

#include <math.h>
#include <string.h>

#include "lib/calibrate.h"
#include "lib/model.h"

/* Features of what is asked for; 0: it is not. */
struct features {
    size_t answer, far, top;
};

static struct features features_of(const struct ff_model *m)
{
    bool spares = m->spec.calibration > 0;
    size_t in = m->layer[0].D;
    return (struct features){
        .answer = m->spec.answer == FF_ANSWER_CLOSED_FORM ? m->F : 0,
        .far = !spares              ? 0
               : in > FF_FIT_INPUTS ? m->layer[0].Q
                                    : in,
        .top = spares ? m->layer[m->L - 1].Q : 0,
    };
}

void ff_fit_carve(struct ff_fit *f, struct ff_arena *a,
                  const struct ff_model *m)
{
    struct features F = features_of(m);
    f->done = ff_arena_take(a, 1, sizeof *f->done);
    f->temperature = ff_arena_take(a, 1, sizeof *f->temperature);
    if (!m->fits)
        return;
    if (F.answer > 0)
        ff_gauss_fit_carve(&f->answer, a, F.answer, m->K, false);
    if (F.far > 0)
        ff_gauss_fit_carve(&f->far, a, F.far, m->K, true);
    if (F.top > 0)
        ff_gauss_fit_carve(&f->top, a, F.top, m->K, false);
    ff_typical_carve(&f->typical, a, FF_WITNESSES, m->spec.calibration);
}

static void copy_gauss(struct ff_gauss_fit *to, const struct ff_gauss_fit *from)
{
    size_t F = from->F, K = from->K;
    if (F == 0)
        return;
    memcpy(to->live, from->live, K);
    memcpy(to->W, from->W, K * F * sizeof *to->W);
    memcpy(to->b, from->b, K * sizeof *to->b);
    memcpy(to->c, from->c, K * sizeof *to->c);
    memcpy(to->Q, from->Q, K * K * sizeof *to->Q);
    if (!from->L)
        return;
    memcpy(to->L, from->L, F * F * sizeof *to->L);
    memcpy(to->centre, from->centre, K * F * sizeof *to->centre);
}

void ff_fit_copy(struct ff_fit *to, const struct ff_fit *from)
{
    float *scores = to->typical.p.scores;
    *to->done = *from->done;
    *to->temperature = *from->temperature;
    copy_gauss(&to->answer, &from->answer);
    copy_gauss(&to->far, &from->far);
    copy_gauss(&to->top, &from->top);
    if (scores)
        memcpy(scores, from->typical.p.scores,
               from->typical.p.n * sizeof *scores);
    to->typical = from->typical;
    to->typical.p.scores = scores;
}

void ff_witness_carve(struct ff_witness_room *r, struct ff_arena *a,
                      const struct ff_model *m, size_t B)
{
    struct features F = features_of(m);
    r->far = ff_arena_take(a, B * F.far, sizeof *r->far);
    r->top = ff_arena_take(a, B * F.top, sizeof *r->top);
    r->w = ff_arena_take(a, B * FF_WITNESSES, sizeof *r->w);
    r->s = ff_arena_take(a, B * m->K, sizeof *r->s);
}

void ff_fitting_carve(struct ff_fitting *f, struct ff_arena *a,
                      const struct ff_model *m)
{
    struct features F = features_of(m);
    size_t spared = m->spec.calibration, n = m->spec.memory + spared;
    if (F.answer > 0)
        ff_gauss_carve(&f->answer, a, F.answer, m->K);
    if (F.far > 0)
        ff_gauss_carve(&f->far, a, F.far, m->K);
    if (F.top > 0)
        ff_gauss_carve(&f->top, a, F.top, m->K);
    ff_fit_carve(&f->next, a, m);
    size_t rows = ff_pass_rows(m, FF_FIT_ROWS);
    ff_pass_carve(&f->pass, a, m, rows);
    ff_opinion_carve(&f->opinion, a, m, rows);
    ff_witness_carve(&f->hear, a, m, rows);
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

/* In the quiet after a whole sleep it need not wait so long: the stream may
   have ended. */
#define RESTED 8

bool ff_fit_due(const struct ff_model *m)
{
    uint64_t since = ff_model_frames(m) - m->tally->fitted;
    uint64_t young = m->tally->fitted > 256 ? m->tally->fitted : 256;
    uint64_t enough = m->spec.fit_every;
    if (m->spec.sleep.every > 0 && m->count->debt == 0)
        enough /= RESTED;
    if (young < enough)
        enough = young;
    return m->fits && !m->fitting.busy && since > 0 && since >= enough;
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
    f->seq = ff_model_frames(m);
    f->status = FF_EMPTY; /* until it has been run */
    f->busy = true;
    return 0;
}

/* ---- run ------------------------------------------------------------------
 */

/* Frames from..from + n of the copy through the view's net. */
static void look(struct ff_fitting *f, const struct ff_model *m, size_t from,
                 size_t n)
{
    for (size_t i = 0; i < n; i++)
        ff_model_enter(m, f->pass.x + i * m->layer[0].D,
                       f->rows + (from + i) * m->frame_bytes);
    ff_pass_forward(m, &f->pass, f->view->params, n);
}

/* The frame as it came in, its length forgotten, or the first layer's answer;
   and the last one's. */
static void see(struct ff_witness_room *r, const struct ff_model *m,
                const struct ff_pass *p, size_t n)
{
    if (m->layer[0].D > FF_FIT_INPUTS)
        ff_pass_layer(m, p, 0, n, r->far, m->layer[0].Q);
    else
        memcpy(r->far, p->layer[0].u, n * m->layer[0].D * sizeof *r->far);
    ff_pass_layer(m, p, m->L - 1, n, r->top, m->layer[m->L - 1].Q);
}

static void add(struct ff_fitting *f, const struct ff_model *m,
                const int *class_, size_t n)
{
    if (f->answer.F > 0) {
        ff_pass_features(m, &f->pass, n, f->opinion.features);
        ff_gauss_add(&f->answer, f->opinion.features, class_, n);
    }
    if (f->far.F > 0) {
        see(&f->hear, m, &f->pass, n);
        ff_gauss_add(&f->far, f->hear.far, class_, n);
        ff_gauss_add(&f->top, f->hear.top, class_, n);
    }
}

static size_t some(const struct ff_fitting *f, size_t left)
{
    return left < f->pass.B ? left : f->pass.B;
}

static void take_spared(struct ff_fitting *f, const struct ff_model *m)
{
    for (size_t i = 0; i < f->spared; i += f->pass.B) {
        size_t n = some(f, f->spared - i);
        float *logits = f->logits + i * m->K;
        look(f, m, f->n + i, n);
        ff_witness_hear(&f->hear, &f->next, f->view, &f->pass, n);
        memcpy(f->witness + i * FF_WITNESSES, f->hear.w,
               n * FF_WITNESSES * sizeof *f->witness);
        ff_opinion_form(&f->opinion, m, &f->pass, f->view->params, &f->next,
                        f->view->live, false, n);
        float T =
            f->opinion.by == FF_ANSWER_GOODNESS ? f->view->temperature : 1;
        for (size_t j = 0; j < n * m->K; j++)
            logits[j] = T * f->opinion.logits[j];
    }
}

int ff_fit_run(struct ff_model *m)
{
    struct ff_fitting *f = &m->fitting;
    struct ff_gauss *const sums[] = {&f->answer, &f->far, &f->top};
    struct ff_gauss_fit *const fits[] = {&f->next.answer, &f->next.far,
                                         &f->next.top};
    for (int i = 0; i < 3; i++)
        if (sums[i]->F > 0)
            ff_gauss_clear(sums[i]);
    for (size_t i = 0; i < f->n; i += f->pass.B) {
        size_t n = some(f, f->n - i);
        look(f, m, i, n);
        add(f, m, f->class_ + i, n);
    }
    *f->next.done = 0;
    f->status = 0;
    for (int i = 0; i < 3 && !f->status; i++)
        if (sums[i]->F > 0)
            f->status = ff_gauss_solve(sums[i], fits[i]);
    if (f->status)
        return f->status;
    *f->next.done = 1;
    take_spared(f, m);
    *f->next.temperature = ff_calibrate_temperature(
        f->logits, f->class_ + f->n, f->opinion.live, f->spared, m->K);
    ff_typical_fit(&f->next.typical, f->witness, f->spared, f->room);
    return 0;
}

void ff_witness_hear(struct ff_witness_room *r, const struct ff_fit *f,
                     const struct ff_view *v, const struct ff_pass *p, size_t n)
{
    const struct ff_model *m = v->model;
    if (f->far.F == 0)
        return;
    see(r, m, p, n);
    for (size_t i = 0; i < n; i++)
        r->w[i * FF_WITNESSES + FF_WITNESS_DREAM] =
            ff_typical_witness(ff_contest_novelty(&v->contest, p->G + i * m->N,
                                                  p->B * m->N, m->L, v->live));
    ff_gauss_scores(&f->top, r->s, r->top, n);
    ff_gauss_relative(&f->top, r->top, r->s, n); /* a number a frame */
    for (size_t i = 0; i < n; i++)
        r->w[i * FF_WITNESSES + FF_WITNESS_TOP] = r->top[i];
    ff_gauss_distance(&f->far, r->s, r->far, n);
    for (size_t i = 0; i < n; i++)
        r->w[i * FF_WITNESSES + FF_WITNESS_FAR] = ff_typical_witness(r->s[i]);
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
    m->fit.version++;
    m->tally->fits++;
    return 0;
}

/* ---- labels by hand -------------------------------------------------------
 */

void ff_fit_merge(struct ff_model *m, int from)
{
    ff_gauss_drop(&m->fit.answer, (size_t)from);
    m->fit.version++;
    m->tally->fitted = 0;
}

void ff_fit_forget(struct ff_model *m, int class_)
{
    struct ff_typical *t = &m->fit.typical;
    ff_gauss_drop(&m->fit.answer, (size_t)class_);
    ff_gauss_fit_clear(&m->fit.far);
    ff_gauss_fit_clear(&m->fit.top);
    memset(t->mean, 0, sizeof t->mean);
    memset(t->scale, 0, sizeof t->scale);
    if (t->p.capacity > 0)
        memset(t->p.scores, 0, t->p.capacity * sizeof *t->p.scores);
    t->p.n = 0;
    m->fit.version++;
    m->tally->fitted = 0;
}
