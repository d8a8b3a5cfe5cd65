#include "lib/pass.h"

#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/hot.h"
#include "lib/model.h"
#include "lib/vec.h"

void ff_pass_carve(struct ff_pass *p, struct ff_arena *a,
                   const struct ff_model *m, size_t B)
{
    *p = (struct ff_pass){.B = B};
    p->x = ff_arena_take(a, B * m->layer[0].D, sizeof *p->x);
    size_t room = 0, widest = 0;
    for (size_t l = 0; l < m->L; l++) {
        const struct ff_layer *layer = &m->layer[l];
        struct ff_trace *t = &p->layer[l];
        size_t H = layer->H, own = layer->kind->room(layer);
        t->u = l == 0 ? p->x : ff_arena_take(a, B * layer->D, sizeof *t->u);
        t->h = ff_arena_take(a, B * H, sizeof *t->h);
        bool kept = m->objective->judges_sums || (l == 0 && m->slots > 0);
        t->a = kept ? ff_arena_take(a, B * H, sizeof *t->a) : t->h;
        t->q = ff_arena_take(a, B * layer->Q, sizeof *t->q);
        if (layer->kind->remembers)
            t->at = ff_arena_take(a, B * H, sizeof *t->at);
        if (layer->Q < H && H > widest)
            widest = H;
        room = own > room ? own : room;
    }
    if (room > 0)
        p->layer[0].room = ff_arena_take(a, room, sizeof *p->dz);
    for (size_t l = 1; l < m->L; l++) /* one after the other */
        p->layer[l].room = p->layer[0].room;
    if (widest > 0)
        p->dz = ff_arena_take(a, B * widest, sizeof *p->dz);
    p->G = ff_arena_take(a, m->L * B * m->N, sizeof *p->G);
    if (m->objective->patterns)
        p->kept = ff_arena_take(a, B * m->D, sizeof *p->kept);
    if (m->slots == 0)
        return;
    size_t H = m->layer[0].H;
    p->base = ff_arena_take(a, B * H, sizeof *p->base);
    p->one = ff_arena_take(a, B, sizeof *p->one);
    p->column = ff_arena_take(a, H, sizeof *p->column);
    p->rest = ff_arena_take(a, H, sizeof *p->rest);
}

float *ff_pass_verdicts(const struct ff_model *m, const struct ff_pass *p,
                        size_t l)
{
    return p->G + l * p->B * m->N;
}

static void judge(const struct ff_model *m, struct ff_pass *p,
                  const float *params, size_t n, size_t l)
{
    const struct ff_layer *layer = &m->layer[l];
    const struct ff_trace *t = &p->layer[l];
    const float *z = t->a;
    if (p->pairs > 0) { /* h has room for the sums */
        ff_goodness_pair(t->h, t->a, p->pairs, layer->H);
        z = t->h;
    }
    layer->kind->square(layer, z, t->h, t->q, n);
    ff_goodness_forward(ff_pass_verdicts(m, p, l), t->q, params + layer->V,
                        params + layer->c, n, m->N, layer->Q);
}

/* What layer l passes up: its activity, whatever it was judged by. The next
   layer forgets its length. */
static const float *passed_up(const struct ff_model *m, const struct ff_pass *p,
                              size_t n, size_t l, float *room)
{
    if (p->pairs == 0)
        return p->layer[l].h;
    ff_goodness_relu(room, p->layer[l].a, n * m->layer[l].H);
    return room;
}

void ff_pass_forward_from(const struct ff_model *m, struct ff_pass *p,
                          const float *params, size_t n, size_t from)
{
    judge(m, p, params, n, from);
    for (size_t l = from + 1; l < m->L; l++) {
        const struct ff_layer *layer = &m->layer[l];
        const float *x = passed_up(m, p, n, l - 1, p->layer[l].u);
        layer->kind->forward(layer, params, x, n, &p->layer[l]);
        judge(m, p, params, n, l);
    }
}

void ff_pass_look(const struct ff_model *m, float *x, size_t n)
{
    const struct ff_spec *s = &m->spec;
    size_t D = m->layer[0].D;
    if (s->scale[0] > 0)
        ff_vec_standardise(x, s->mean, s->scale, n * D / s->shape[2],
                           s->shape[2]);
    if (m->objective->centred)
        ff_vec_centre(x, n, D);
}

void ff_pass_show(const struct ff_model *m, struct ff_pass *p,
                  const float *params, size_t n)
{
    const struct ff_layer *first = &m->layer[0];
    ff_pass_look(m, p->x, n);
    first->kind->forward(first, params, p->x, n, &p->layer[0]);
    ff_pass_forward_from(m, p, params, n, 0);
}

void ff_pass_forward(const struct ff_model *m, struct ff_pass *p,
                     const float *params, size_t n)
{
    if (p->kept)
        memcpy(p->kept, p->x, n * m->D * sizeof *p->x);
    ff_pass_show(m, p, params, n);
}

FF_HOT static void roots(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = sqrtf(x[i]);
}

void ff_pass_layer(const struct ff_model *m, const struct ff_pass *p, size_t l,
                   size_t n, float *out, size_t stride)
{
    const struct ff_layer *layer = &m->layer[l];
    size_t H = layer->H, Q = layer->Q;
    for (size_t i = 0; i < n; i++, out += stride) {
        const float *a = p->layer[l].a + i * H;
        if (Q == H) { /* the root of a square */
            ff_goodness_relu(out, a, H);
        } else {
            layer->kind->square(layer, a, p->dz, out, 1);
            roots(out, Q);
        }
        ff_vec_normalise(out, out, 1, Q);
    }
}

void ff_pass_features(const struct ff_model *m, const struct ff_pass *p,
                      size_t n, float *out)
{
    for (size_t l = 0; l < m->L; out += m->layer[l++].Q)
        ff_pass_layer(m, p, l, n, out, m->F);
}
