/*
 * model.c -- a model's birth and death: one block, carved.
 */
#include "lib/model.h"

#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/mat.h"

/* Where each layer's parameters are in the flat array. */
static void lay_out(struct ff_model *m)
{
    size_t at = 0, D = m->D;
    for (size_t l = 0; l < m->L; l++) {
        struct ff_layer *layer = &m->layer[l];
        size_t H = m->spec.units[l], N = m->N;
        *layer = (struct ff_layer){.kind = &ff_dense, .D = D, .H = H, .N = N};
        layer->W = at;
        layer->b = layer->W + H * D;
        layer->V = layer->b + H;
        layer->c = layer->V + N * H;
        layer->mean = layer->c + N;
        layer->centred = m->spec.normalise == FF_NORMALISE_CENTRED;
        at = layer->mean + (layer->centred ? D : 0);
        D = H;
    }
    m->params_n = at;
}

static void carve_layer(struct ff_layer *l, struct ff_arena *a,
                        const struct ff_spec *spec)
{
    enum ff_update_kind kind = spec->update;
    ff_rule_carve(&l->W_rule, a, kind, l->H, l->D);
    if (kind == FF_UPDATE_ADAM)
        ff_rule_carve(&l->b_rule, a, kind, l->H, 1);
    if (spec->goodness == FF_GOODNESS_WEIGHTED) {
        ff_rule_carve_eager(&l->V_rule, a, kind, l->N, l->H);
        ff_rule_carve_eager(&l->c_rule, a, kind, l->N, 1);
    }
    l->activity = ff_arena_take(a, l->H, sizeof *l->activity);
}

static void carve_work(struct ff_model *m, struct ff_arena *a)
{
    struct ff_work *w = &m->work;
    size_t B = w->B = m->spec.batch;
    w->x = ff_arena_take(a, B * m->D, sizeof *w->x);
    for (size_t l = 0; l < m->L; l++) {
        const struct ff_layer *layer = &m->layer[l];
        w->u[l] =
            l == 0 ? w->x : ff_arena_take(a, B * layer->D, sizeof *w->u[l]);
        w->h[l] = ff_arena_take(a, B * layer->H, sizeof *w->h[l]);
        w->q[l] = ff_arena_take(a, B * layer->H, sizeof *w->q[l]);
    }
    w->G = ff_arena_take(a, m->L * B * m->N, sizeof *w->G);
    w->dG = ff_arena_take(a, m->L * B * m->N, sizeof *w->dG);
    w->role = ff_arena_take(a, B, sizeof *w->role);
    w->class_ = ff_arena_take(a, B, sizeof *w->class_);
    w->live = ff_arena_take(a, m->N, sizeof *w->live);
    w->known = ff_arena_take(a, m->N, sizeof *w->known);
    w->right = ff_arena_take(a, B, sizeof *w->right);
    w->spare = ff_arena_take(a, m->D, sizeof *w->spare);
    w->climb = ff_arena_take(a, B * m->D, sizeof *w->climb);
    w->mask = ff_arena_take(a, m->D, sizeof *w->mask);
}

static void carve(struct ff_model *m)
{
    struct ff_arena *a = &m->arena;
    m->params = ff_arena_take(a, m->params_n, sizeof *m->params);
    m->average = ff_arena_take(a, m->params_n, sizeof *m->average);
    for (size_t l = 0; l < m->L; l++)
        carve_layer(&m->layer[l], a, &m->spec);
    carve_work(m, a);
    ff_memory_carve(&m->memory, a, m->spec.memory, m->frame_bytes, m->K);
    ff_labels_carve(&m->labels, a, m->K);
    ff_prequential_carve(&m->prequential, a);
    m->rng = ff_arena_take(a, 1, sizeof *m->rng);
    m->count = ff_arena_take(a, 1, sizeof *m->count);
    m->credit = ff_arena_take(a, 1, sizeof *m->credit);
    m->gauges = ff_arena_take(a, m->L, sizeof *m->gauges);
    m->last_seen = ff_arena_take(a, m->K, sizeof *m->last_seen);
    m->bank_size = m->spec.batch + m->spec.batch % 2;
    m->bank = ff_arena_take(a, m->bank_size * m->D, sizeof *m->bank);
    m->range = ff_arena_take(a, 2, sizeof *m->range);
    for (int i = 0; i < FF_VIEWS; i++) {
        struct ff_view *v = &m->view[i];
        v->params = ff_arena_take(a, m->params_n, sizeof *v->params);
        v->live = ff_arena_take(a, m->N, sizeof *v->live);
        v->model = m;
        v->refs = &m->refs[i];
    }
}

static void start(struct ff_model *m)
{
    bool groups = m->spec.goodness == FF_GOODNESS_GROUPS;
    ff_rng_init(m->rng, m->spec.seed);
    for (size_t l = 0; l < m->L; l++) {
        struct ff_layer *layer = &m->layer[l];
        layer->kind->init(layer, m->params, m->rng);
        if (groups)
            ff_goodness_groups(m->params + layer->V, m->K, m->N, layer->H);
    }
    /* What sleep draws does not depend on how many weights there were. */
    ff_rng_init(m->rng, ~m->spec.seed);
    if (m->spec.dtype == FF_U8)
        m->range[1] = 1;
    memcpy(m->average, m->params, m->params_n * sizeof *m->params);
}

int ff_model_new(struct ff_model **out, const struct ff_spec *spec)
{
    struct ff_model *m = ff_alloc(sizeof *m);
    if (!m)
        return FF_ENOMEM;
    ff_mat_init();
    m->spec = *spec;
    m->dtype = spec->dtype;
    m->D = ff_spec_inputs(spec);
    m->K = spec->classes;
    m->N = m->K + 1;
    m->L = spec->layers;
    m->frame_bytes = ff_spec_frame_bytes(spec);
    ff_competitive_init(&m->objective, spec);
    lay_out(m);
    carve(m);
    m->bytes = m->arena.used;
    if (ff_arena_init(&m->arena)) {
        ff_release(m);
        return FF_ENOMEM;
    }
    carve(m);
    start(m);
    ff_publish(m);
    *out = m;
    return 0;
}

void ff_model_free(struct ff_model *m)
{
    if (!m)
        return;
    ff_arena_release(&m->arena);
    ff_release(m);
}

const struct ff_spec *ff_model_spec(const struct ff_model *m)
{
    return &m->spec;
}

int ff_model_tune(struct ff_model *m, const struct ff_spec *spec)
{
    char why[FF_WHY_MAX];
    if (!ff_spec_same_structure(&m->spec, spec, why))
        return FF_ESPEC;
    m->spec = *spec;
    ff_competitive_init(&m->objective, spec);
    *m->credit = (struct ff_credit){0}; /* it was due to the old proportions */
    return 0;
}

size_t ff_model_bytes(const struct ff_model *m)
{
    return m->bytes;
}

int ff_label_bind(struct ff_model *m, const char *name, size_t n, int *class_)
{
    return ff_labels_bind(&m->labels, name, n, class_);
}

int ff_label_find(const struct ff_model *m, const char *name, size_t n)
{
    return ff_labels_find(&m->labels, name, n);
}

const char *ff_label_name(const struct ff_model *m, int class_)
{
    return ff_labels_name(&m->labels, class_);
}

size_t ff_label_count(const struct ff_model *m)
{
    return ff_labels_count(&m->labels);
}

void ff_model_stats(const struct ff_model *m, struct ff_stats *out)
{
    const struct ff_counters *c = m->count;
    *out = (struct ff_stats){
        .seq = c->seq,
        .step = c->step,
        .debt = c->debt,
        .replayed = c->replayed,
        .confused = c->confused,
        .dreamt = c->dreamt,
        .accuracy_window = ff_prequential_window(&m->prequential),
        .accuracy_fading = ff_prequential_fading(&m->prequential),
        .remembered = ff_memory_count(&m->memory),
        .layers = m->L,
    };
    for (size_t l = 0; l < m->L; l++)
        out->layer[l] = (struct ff_layer_stats){
            .skipped = m->gauges[l].skipped,
            .goodness_real = m->gauges[l].real,
            .goodness_dream = c->dreamt ? m->gauges[l].dream : NAN,
            .silent_units = (size_t)m->gauges[l].silent,
        };
}
