/*
 * view.c -- what answers come from: an immutable copy of the averaged weights.
 *
 * A ring of four. One is current; readers count themselves in; the baton's
 * holder writes one that is neither current nor read, then makes it current.
 *
 * A reader that loads `current` may be overtaken: the view could be replaced
 * and picked for writing before it has counted itself in. So it counts itself
 * in, then looks again: if `current` still (or again) names the view, the view
 * is whole and, being current, is not picked from now on; otherwise it counts
 * itself out, having read nothing, and takes the newer one. All operations are
 * sequentially consistent: either the writer sees the reader's count, or the
 * reader sees the writer's change.
 */
#include <math.h>
#include <string.h>

#include "lib/fit.h"
#include "lib/model.h"
#include "lib/vec.h"

struct ff_scratch {
    struct ff_arena arena;
    struct ff_pass pass;
    struct ff_opinion opinion;
    struct ff_witness_room hear;
};

/* A view that is neither current nor read, or -1. */
static int find_free(const struct ff_model *m)
{
    int current = atomic_load(&m->current);
    for (int i = 0; i < FF_VIEWS; i++)
        if (i != current && atomic_load(&m->refs[i]) == 0)
            return i;
    return -1;
}

bool ff_view_free(const struct ff_model *m)
{
    return find_free(m) >= 0;
}

int ff_publish(struct ff_model *m)
{
    int i = find_free(m);
    if (i < 0)
        return FF_EBUSY;
    struct ff_view *v = &m->view[i];
    ff_average_read(m, v->params);
    for (size_t k = 0; k < m->K; k++)
        v->live[k] = m->last_seen[k] > 0;
    v->live[m->K] = m->contest.delusion && m->count->dreamt > 0;
    v->contest = m->contest;
    v->temperature = m->spec.temperature;
    if (v->fits != m->fit.version) /* megabytes, and seldom new */
        ff_fit_copy(&v->fit, &m->fit);
    v->fits = m->fit.version;
    v->step = m->count->step;
    v->seq = m->count->seq;
    atomic_store(&m->current, i);
    return 0;
}

const struct ff_view *ff_view_acquire(struct ff_model *m)
{
    for (;;) {
        int i = atomic_load(&m->current);
        atomic_fetch_add(&m->refs[i], 1);
        if (atomic_load(&m->current) == i)
            return &m->view[i];
        atomic_fetch_sub(&m->refs[i], 1);
    }
}

void ff_view_release(const struct ff_view *v)
{
    atomic_fetch_sub(v->refs, 1);
}

uint64_t ff_view_step(const struct ff_view *v)
{
    return v->step;
}

uint64_t ff_view_seq(const struct ff_view *v)
{
    return v->seq;
}

static void carve(struct ff_scratch *s, struct ff_arena *a,
                  const struct ff_model *m, size_t batch)
{
    size_t rows = ff_pass_rows(m, batch);
    ff_pass_carve(&s->pass, a, m, rows);
    ff_opinion_carve(&s->opinion, a, m, rows);
    ff_witness_carve(&s->hear, a, m, rows);
}

int ff_scratch_new(struct ff_scratch **out, const struct ff_model *m,
                   size_t batch)
{
    struct ff_scratch *s = ff_alloc(sizeof *s);
    if (!s)
        return FF_ENOMEM;
    carve(s, &s->arena, m, batch);
    if (ff_arena_init(&s->arena)) {
        ff_release(s);
        return FF_ENOMEM;
    }
    carve(s, &s->arena, m, batch);
    *out = s;
    return 0;
}

void ff_scratch_free(struct ff_scratch *s)
{
    if (!s)
        return;
    ff_arena_release(&s->arena);
    ff_release(s);
}

/* Before anybody is asked for an opinion, which may use the pass up. */
static void judge_typicality(const struct ff_view *v, struct ff_scratch *s,
                             size_t n, float *typicality)
{
    bool known = v->model->fits && *v->fit.done;
    if (known)
        ff_witness_hear(&s->hear, &v->fit, v, &s->pass, n);
    for (size_t i = 0; i < n; i++)
        typicality[i] =
            known ? ff_typical_p(&v->fit.typical, s->hear.w + i * FF_WITNESSES)
                  : NAN;
}

/* n frames, no more than a pass holds. */
static int predict_some(const struct ff_view *v, struct ff_scratch *s,
                        const void *const *frames, size_t n,
                        struct ff_answers *out)
{
    const struct ff_model *m = v->model;
    struct ff_pass *p = &s->pass;
    if (ff_sequence_is(&m->sequence)) {
        ff_sequence_predict(v, frames, n, out);
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        ff_model_enter(m, p->x + i * m->layer[0].D, frames[i]);
    if (!ff_vec_finite(p->x, n * m->layer[0].D))
        return FF_EFINITE;
    ff_pass_forward(m, p, v->params, n);
    for (size_t i = 0; i < n && out->novelty; i++)
        out->novelty[i] = ff_contest_novelty(&v->contest, p->G + i * m->N,
                                             p->B * m->N, m->L, v->live);
    if (out->typicality)
        judge_typicality(v, s, n, out->typicality);
    ff_opinion_form(&s->opinion, m, p, v->params, &v->fit, v->live,
                    out->goodness || out->class_goodness, n);
    float T = ff_opinion_temperature(&s->opinion, v->temperature, &v->fit);
    for (size_t i = 0; i < n; i++)
        ff_opinion_tell(&s->opinion, m, T, i, out);
    return 0;
}

/* The columns from frame i on. */
static struct ff_answers from(const struct ff_answers *out, size_t i,
                              const struct ff_model *m)
{
    struct ff_answers o = *out;
    o.label += o.label ? i : 0;
    o.confidence += o.confidence ? i : 0;
    o.novelty += o.novelty ? i : 0;
    o.typicality += o.typicality ? i : 0;
    o.scores += o.scores ? i * m->K : 0;
    o.goodness += o.goodness ? i * m->L : 0;
    o.class_goodness += o.class_goodness ? i * m->L * m->K : 0;
    return o;
}

int ff_predict(const struct ff_view *v, struct ff_scratch *s,
               const void *const *frames, size_t n, struct ff_answers *out)
{
    int status = 0;
    for (size_t i = 0; i < n && !status; i += s->pass.B) {
        struct ff_answers part = from(out, i, v->model);
        size_t left = n - i;
        status = predict_some(v, s, frames + i,
                              left < s->pass.B ? left : s->pass.B, &part);
    }
    return status;
}

enum ff_answer_kind ff_view_answers_by(const struct ff_view *v)
{
    return ff_fit_answers_by(&v->fit, v->model);
}
