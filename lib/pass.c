#include "lib/pass.h"

#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/hot.h"
#include "lib/model.h"
#include "lib/vec.h"

#define ROOM_MAX ((size_t)1 << 24) /* values; 64 MiB */

size_t ff_pass_rows(const struct ff_model *m, size_t most)
{
    size_t values = 1;
    for (size_t l = 0; l < m->L; l++)
        values += m->layer[l].D + 3 * m->layer[l].H + m->layer[l].state;
    size_t rows = ROOM_MAX / values;
    rows = rows > 0 ? rows : 1;
    return rows < most ? rows : most;
}

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
        if (layer->state > 0)
            t->state = ff_arena_take(a, B * layer->state, sizeof *t->state);
        if ((layer->Q < H || layer->S > 1) && H > widest)
            widest = H;
        room = own > room ? own : room;
    }
    if (room > 0)
        p->layer[0].room = ff_arena_take(a, room, sizeof *p->dz);
    for (size_t l = 1; l < m->L; l++) /* one after the other */
        p->layer[l].room = p->layer[0].room;
    if (widest > 0)
        p->dz = ff_arena_take(a, B * widest, sizeof *p->dz);
    size_t verdicts = 0;
    for (size_t l = 0; l < m->L; l++)
        verdicts += B * m->layer[l].S * m->N;
    p->G = ff_arena_take(a, verdicts, sizeof *p->G);
    for (size_t l = 0, at = 0; l < m->L; at += B * m->layer[l++].S * m->N)
        p->layer[l].G = p->G ? p->G + at : NULL;
    if (m->objective->patterns || m->objective->settles)
        p->kept = ff_arena_take(a, B * m->D, sizeof *p->kept);
    if (m->objective->settles)
        p->one = ff_arena_take(a, B, sizeof *p->one);
    if (m->slots == 0)
        return;
    size_t H = m->layer[0].H;
    p->base = ff_arena_take(a, B * H, sizeof *p->base);
    p->one = ff_arena_take(a, B, sizeof *p->one);
    p->column = ff_arena_take(a, H, sizeof *p->column);
    p->rest = ff_arena_take(a, H, sizeof *p->rest);
}

float ff_pass_goodness(const struct ff_model *m, const struct ff_pass *p,
                       size_t l, size_t i)
{
    size_t S = m->layer[l].S;
    const float *G = p->layer[l].G + i * S;
    float sum = 0;
    for (size_t s = 0; s < S; s++)
        sum += G[s];
    return sum / (float)S;
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
    if (layer->S > 1) {
        ff_goodness_places(t->G, t->h, n * layer->S, layer->R);
        return;
    }
    ff_goodness_forward(t->G, t->q, params + layer->V, params + layer->c, n,
                        m->N, layer->Q);
}

/*
 * What layer l passes up of n rows of its a: its activity, whatever it was
 * judged by. The next layer forgets its length. Where places are judged each by
 * itself, a place is loud as a whole or it is not; passed up is what its
 * channels answer more than their mean (the triangle of Coates et al., 2011).
 */
static void pass_up(const struct ff_layer *l, const float *a, float *out,
                    size_t n)
{
    if (l->S == 1) {
        ff_goodness_relu(out, a, n * l->H);
        return;
    }
    if (out != a)
        memcpy(out, a, n * l->H * sizeof *out);
    ff_vec_centre(out, n * l->S, l->R);
    ff_goodness_relu(out, out, n * l->H);
}

static const float *passed_up(const struct ff_model *m, const struct ff_pass *p,
                              size_t n, size_t l, float *room)
{
    if (p->pairs == 0 && m->layer[l].S == 1)
        return p->layer[l].h;
    pass_up(&m->layer[l], p->layer[l].a, room, n);
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
    if (m->objective->forward) {
        m->objective->forward(m, p, params, n);
        return;
    }
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
        if (layer->S == 1 && Q == H) { /* the root of a square */
            ff_goodness_relu(out, a, H);
        } else if (layer->S == 1) {
            memcpy(out, p->layer[l].q + i * Q, Q * sizeof *out);
            roots(out, Q);
        } else { /* judged by sums; squares of what is passed up */
            pass_up(layer, a, p->dz, 1);
            layer->kind->square(layer, p->dz, p->dz, out, 1);
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
