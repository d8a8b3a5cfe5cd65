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

#include "lib/goodness.h"
#include "lib/model.h"
#include "lib/vec.h"

struct ff_scratch {
    struct ff_arena arena;
    size_t B;
    float *u, *h, *q; /* (B, widest of the layers) */
    float *G;         /* (L, B, N) */
};

int ff_publish(struct ff_model *m)
{
    int current = atomic_load(&m->current);
    for (int i = 0; i < FF_VIEWS; i++) {
        if (i == current || atomic_load(&m->refs[i]) > 0)
            continue;
        struct ff_view *v = &m->view[i];
        ff_average_read(m, v->params);
        for (size_t k = 0; k < m->K; k++)
            v->live[k] = m->last_seen[k] > 0;
        v->live[m->K] = m->objective.delusion && m->count->dreamt > 0;
        v->objective = m->objective;
        v->step = m->count->step;
        v->seq = m->count->seq;
        atomic_store(&m->current, i);
        return 0;
    }
    return FF_EBUSY;
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
                  const struct ff_model *m)
{
    size_t widest = m->D, units = 0;
    for (size_t l = 0; l < m->L; l++) {
        size_t H = m->layer[l].H;
        widest = H > widest ? H : widest;
        units = H > units ? H : units;
    }
    s->u = ff_arena_take(a, s->B * widest, sizeof *s->u);
    s->h = ff_arena_take(a, s->B * units, sizeof *s->h);
    s->q = ff_arena_take(a, s->B * units, sizeof *s->q);
    s->G = ff_arena_take(a, m->L * s->B * m->N, sizeof *s->G);
}

int ff_scratch_new(struct ff_scratch **out, const struct ff_model *m,
                   size_t batch)
{
    struct ff_scratch *s = ff_alloc(sizeof *s);
    if (!s)
        return FF_ENOMEM;
    s->B = batch;
    carve(s, &s->arena, m);
    if (ff_arena_init(&s->arena)) {
        ff_release(s);
        return FF_ENOMEM;
    }
    carve(s, &s->arena, m);
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

int ff_predict(const struct ff_view *v, struct ff_scratch *s,
               const void *const *frames, size_t n, struct ff_answers *out)
{
    const struct ff_model *m = v->model;
    for (size_t i = 0; i < n; i++)
        ff_model_read(m, s->u + i * m->D, frames[i]);
    if (!ff_vec_finite(s->u, n * m->D))
        return FF_EFINITE;
    const float *x = s->u;
    for (size_t l = 0; l < m->L; l++) {
        const struct ff_layer *layer = &m->layer[l];
        layer->kind->forward(layer, v->params, x, n, s->u, s->h, s->q);
        ff_goodness_forward(s->G + l * s->B * m->N, s->q, v->params + layer->V,
                            v->params + layer->c, n, m->N, layer->H);
        x = s->h;
    }
    for (size_t i = 0; i < n; i++)
        ff_competitive_answer(&v->objective, s->G + i * m->N, s->B * m->N, m->L,
                              v->live, out, i);
    return 0;
}
