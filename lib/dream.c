#include "lib/dream.h"

#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/image.h"
#include "lib/mat.h"
#include "lib/vec.h"

#define CLIMB_STEPS 5
#define CLIMB_SIZE  0.5f /* of the input's range, a step */

/* Where labels are not needed, classes are not evened out either. */
static const void *recall(const struct ff_model *m, struct ff_rng *g)
{
    int class_;
    return m->objective->needs_labels
               ? ff_memory_draw(&m->memory, g, &class_)
               : ff_memory_draw_any(&m->memory, g, &class_);
}

static void hybrid(const struct ff_model *m, struct ff_rng *g, float *x)
{
    const struct ff_spec *spec = &m->spec;
    float *other = m->work.spare;
    uint8_t *mask = m->work.mask;
    ff_model_read(m, x, recall(m, g));
    const void *frame = recall(m, g);
    if (spec->image)
        ff_image_mask(mask, other, spec->shape, m->objective->blurs, g);
    else
        ff_vector_mask(mask, m->D, g);
    ff_model_read(m, other, frame);
    size_t C = spec->image ? spec->shape[2] : 1;
    for (size_t i = 0; i < m->D; i++)
        if (mask[i / C])
            x[i] = other[i];
}

/* What the first layer does of n frames x (n, D), which it sees as it always
   does: with the neutral label, or centred. Its h are the mean square's. */
static struct ff_trace excite(const struct ff_model *m, const float *x,
                              size_t n)
{
    const struct ff_layer *first = &m->layer[0];
    struct ff_trace t = m->work.pass.layer[0];
    float *u = t.u = m->work.climb;
    t.a = t.h;
    for (size_t i = 0; i < n; i++) {
        float *row = u + i * first->D;
        memcpy(row + m->slots, x + i * m->D, m->D * sizeof *x);
        if (m->objective->write_label)
            m->objective->write_label(m, row, -1);
    }
    ff_pass_look(m, u, n);
    first->kind->forward(first, m->params, u, n, &t);
    ff_goodness_relu(t.h, t.a, n * first->H);
    return t;
}

/* One step of n frames up the first layer's mean squared activity. */
static void climb(const struct ff_model *m, float *x, size_t n)
{
    const struct ff_layer *first = &m->layer[0];
    size_t D = m->D;
    float *u = m->work.climb;
    float least = m->range[0], greatest = m->range[1];
    const struct ff_trace t = excite(m, x, n);
    first->kind->climb(first, m->params, &t, u, n);
    for (size_t i = 0; i < n; i++) {
        float *g = u + i * first->D + m->slots, *at = x + i * D, top = 0;
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
    for (size_t i = 0; i < n; i++) {
        if (kind == FF_DREAM_HYBRID)
            hybrid(m, g, x + i * m->D);
        else
            ff_model_read(m, x + i * m->D, recall(m, g));
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
    if (ff_sequence_is(&m->sequence)) {
        ff_sequence_dream(m, &g, n, frames, kinds, goodness);
        return 0;
    }
    size_t hybrids = (n + 1) / 2, H = m->layer[0].H;
    float *x = w->pass.x;
    ff_dream_make(m, &g, FF_DREAM_HYBRID, x, hybrids);
    ff_dream_make(m, &g, FF_DREAM_CLIMB, x + hybrids * m->D, n - hybrids);
    const float *h = excite(m, x, n).h;
    for (size_t i = 0; i < n; i++) {
        kinds[i] = i < hybrids ? FF_DREAM_HYBRID : FF_DREAM_CLIMB;
        goodness[i] = 0;
        for (size_t j = 0; j < H; j++)
            goodness[i] += h[i * H + j] * h[i * H + j] / (float)H;
        uint8_t *out = (uint8_t *)frames + i * m->frame_bytes;
        if (m->spec.dtype == FF_U8)
            ff_vec_to_u8(out, x + i * m->D, m->D);
        else
            memcpy(out, x + i * m->D, m->frame_bytes);
    }
    return 0;
}
