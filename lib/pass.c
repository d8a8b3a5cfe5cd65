#include "lib/pass.h"

#include <string.h>

#include "lib/goodness.h"
#include "lib/model.h"
#include "lib/vec.h"

void ff_pass_carve(struct ff_pass *p, struct ff_arena *a,
                   const struct ff_model *m, size_t B)
{
    *p = (struct ff_pass){.B = B};
    p->x = ff_arena_take(a, B * m->layer[0].D, sizeof *p->x);
    for (size_t l = 0; l < m->L; l++) {
        const struct ff_layer *layer = &m->layer[l];
        size_t H = layer->H;
        p->u[l] =
            l == 0 ? p->x : ff_arena_take(a, B * layer->D, sizeof *p->u[l]);
        p->h[l] = ff_arena_take(a, B * H, sizeof *p->h[l]);
        bool kept = m->objective->judges_sums || (l == 0 && m->slots > 0);
        p->a[l] = kept ? ff_arena_take(a, B * H, sizeof *p->a[l]) : p->h[l];
        p->q[l] = ff_arena_take(a, B * H, sizeof *p->q[l]);
    }
    p->G = ff_arena_take(a, m->L * B * m->N, sizeof *p->G);
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
    const float *z = p->a[l];
    if (p->pairs > 0) { /* h has room for the sums */
        ff_goodness_pair(p->h[l], p->a[l], p->pairs, layer->H);
        z = p->h[l];
    }
    ff_goodness_rectify(p->h[l], p->q[l], z, n * layer->H);
    ff_goodness_forward(ff_pass_verdicts(m, p, l), p->q[l], params + layer->V,
                        params + layer->c, n, m->N, layer->H);
}

/* What layer l passes up: its activity, whatever it was judged by. The next
   layer forgets its length. */
static const float *passed_up(const struct ff_model *m, const struct ff_pass *p,
                              size_t n, size_t l, float *room)
{
    if (p->pairs == 0)
        return p->h[l];
    ff_goodness_relu(room, p->a[l], n * m->layer[l].H);
    return room;
}

void ff_pass_forward_from(const struct ff_model *m, struct ff_pass *p,
                          const float *params, size_t n, size_t from)
{
    judge(m, p, params, n, from);
    for (size_t l = from + 1; l < m->L; l++) {
        const struct ff_layer *layer = &m->layer[l];
        const float *x = passed_up(m, p, n, l - 1, p->u[l]);
        layer->kind->forward(layer, params, x, n, p->u[l], p->a[l]);
        judge(m, p, params, n, l);
    }
}

void ff_pass_forward(const struct ff_model *m, struct ff_pass *p,
                     const float *params, size_t n)
{
    const struct ff_layer *first = &m->layer[0];
    if (m->objective->centred)
        ff_vec_centre(p->x, n, first->D);
    first->kind->forward(first, params, p->x, n, p->u[0], p->a[0]);
    ff_pass_forward_from(m, p, params, n, 0);
}

void ff_pass_layer(const struct ff_model *m, const struct ff_pass *p, size_t l,
                   size_t n, float *out, size_t stride)
{
    size_t H = m->layer[l].H;
    for (size_t i = 0; i < n; i++) {
        ff_goodness_relu(out + i * stride, p->a[l] + i * H, H);
        ff_vec_normalise(out + i * stride, out + i * stride, 1, H);
    }
}

void ff_pass_features(const struct ff_model *m, const struct ff_pass *p,
                      size_t n, float *out)
{
    for (size_t l = 0; l < m->L; out += m->layer[l++].H)
        ff_pass_layer(m, p, l, n, out, m->F);
}
