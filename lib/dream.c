#include "lib/dream.h"

#include <math.h>
#include <string.h>

#include "lib/image.h"
#include "lib/mat.h"
#include "lib/vec.h"

#define CLIMB_STEPS 5
#define CLIMB_SIZE  0.5f /* of the input's range, a step */

static void hybrid(const struct ff_model *m, struct ff_rng *g, float *x)
{
    const struct ff_spec *spec = &m->spec;
    float *other = m->work.spare;
    uint8_t *mask = m->work.mask;
    int class_;
    ff_model_read(m, x, ff_memory_draw(&m->memory, g, &class_));
    const void *frame = ff_memory_draw(&m->memory, g, &class_);
    if (spec->image)
        ff_image_mask(mask, other, spec->shape, g);
    else
        ff_vector_mask(mask, m->D, g);
    ff_model_read(m, other, frame);
    size_t C = spec->image ? spec->shape[2] : 1;
    for (size_t i = 0; i < m->D; i++)
        if (mask[i / C])
            x[i] = other[i];
}

/* One step of n frames up the first layer's mean squared activity. */
static void climb(const struct ff_model *m, float *x, size_t n)
{
    const struct ff_layer *first = &m->layer[0];
    size_t D = m->D, H = first->H;
    float *u = m->work.climb, *h = m->work.h[0], *q = m->work.q[0];
    float least = m->range[0], greatest = m->range[1];
    first->kind->forward(first, m->params, x, n, u, h, q);
    ff_mat_nn(u, h, m->params + first->W, n, D, H);
    for (size_t i = 0; i < n; i++) {
        float *g = u + i * D, *at = x + i * D, top = 0;
        for (size_t j = 0; j < D; j++)
            top = fabsf(g[j]) > top ? fabsf(g[j]) : top;
        float size = top > 0 ? CLIMB_SIZE * (greatest - least) / top : 0;
        for (size_t j = 0; j < D; j++) {
            float v = at[j] + size * g[j];
            at[j] = v < least ? least : v > greatest ? greatest : v;
        }
    }
}

void ff_dream_make(const struct ff_model *m, struct ff_rng *g,
                   enum ff_dream_kind kind, float *x, size_t n)
{
    int class_;
    for (size_t i = 0; i < n; i++) {
        if (kind == FF_DREAM_HYBRID)
            hybrid(m, g, x + i * m->D);
        else
            ff_model_read(m, x + i * m->D,
                          ff_memory_draw(&m->memory, g, &class_));
    }
    for (int i = 0; i < CLIMB_STEPS && kind == FF_DREAM_CLIMB; i++)
        climb(m, x, n);
}

int ff_dream(struct ff_model *m, uint64_t seed, size_t n, void *frames,
             enum ff_dream_kind *kinds, float *goodness)
{
    struct ff_work *w = &m->work;
    struct ff_rng g;
    if (ff_memory_count(&m->memory) == 0)
        return FF_EMPTY;
    ff_rng_init(&g, seed);
    const struct ff_layer *first = &m->layer[0];
    size_t hybrids = (n + 1) / 2, H = first->H;
    ff_dream_make(m, &g, FF_DREAM_HYBRID, w->x, hybrids);
    ff_dream_make(m, &g, FF_DREAM_CLIMB, w->x + hybrids * m->D, n - hybrids);
    first->kind->forward(first, m->params, w->x, n, w->climb, w->h[0], w->q[0]);
    for (size_t i = 0; i < n; i++) {
        kinds[i] = i < hybrids ? FF_DREAM_HYBRID : FF_DREAM_CLIMB;
        goodness[i] = 0;
        for (size_t j = 0; j < H; j++)
            goodness[i] += w->q[0][i * H + j] / (float)H;
        uint8_t *out = (uint8_t *)frames + i * m->frame_bytes;
        if (m->spec.dtype == FF_U8)
            ff_vec_to_u8(out, w->x + i * m->D, m->D);
        else
            memcpy(out, w->x + i * m->D, m->frame_bytes);
    }
    return 0;
}
