#include "lib/tensors.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name;
    size_t bytes;
} types[] = {
    [FF_TENSOR_F32] = {"F32", 4}, [FF_TENSOR_F64] = {"F64", 8},
    [FF_TENSOR_U64] = {"U64", 8}, [FF_TENSOR_U32] = {"U32", 4},
    [FF_TENSOR_U8] = {"U8", 1},
};

const char *ff_tensor_type_name(enum ff_tensor_type type)
{
    return types[type].name;
}

size_t ff_tensor_bytes(const struct ff_tensor *t)
{
    size_t n = types[t->type].bytes;
    for (size_t i = 0; i < t->dims; i++)
        n *= t->shape[i];
    return n;
}

struct visitor {
    int (*visit)(void *ctx, const struct ff_tensor *t);
    void *ctx;
    int status;
    char prefix[16];
};

/* One tensor of (rows) or, with columns, (rows, columns). */
static void tell(struct visitor *v, const char *name, enum ff_tensor_type type,
                 void *data, size_t rows, size_t columns)
{
    struct ff_tensor t = {.type = type,
                          .dims = columns ? 2 : 1,
                          .shape = {rows, columns},
                          .data = data};
    if (v->status || !data)
        return;
    snprintf(t.name, sizeof t.name, "%s%s", v->prefix, name);
    v->status = v->visit(v->ctx, &t);
}

static void tell_rule(struct visitor *v, const char *of,
                      const struct ff_rule *rule)
{
    static const char *const names[] = {"squares", "seen", "m", "v", "t"};
    float *const data[] = {rule->r, rule->seen, rule->m, rule->v, rule->t};
    size_t n = rule->R * rule->C;
    const size_t sizes[] = {rule->R, 1, n, n, 1};
    for (int i = 0; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s.%s", of, names[i]);
        tell(v, name, FF_TENSOR_F32, data[i], sizes[i], 0);
    }
}

static void tell_layer(struct visitor *v, const struct ff_model *m,
                       const struct ff_layer *l)
{
    struct {
        const char *name;
        float *params;
    } sets[] = {{"", m->params}, {"average.", m->average}};
    for (int i = 0; i < 2; i++) {
        const struct {
            const char *name;
            size_t at, rows, columns;
        } parts[] = {{"W", l->W, l->R, l->C},
                     {"b", l->b, l->R, 0},
                     {"V", l->V, l->N, l->Q},
                     {"c", l->c, l->N, 0},
                     {"mean", l->mean, l->M, 0},
                     {"variance", l->variance, l->kind->scales ? l->M : 0, 0}};
        for (int j = 0; j < 6 && parts[j].rows > 0; j++) {
            char name[32];
            snprintf(name, sizeof name, "%s%s", sets[i].name, parts[j].name);
            tell(v, name, FF_TENSOR_F32, sets[i].params + parts[j].at,
                 parts[j].rows, parts[j].columns);
        }
    }
    tell_rule(v, "W", &l->W_rule);
    tell_rule(v, "b", &l->b_rule);
    tell_rule(v, "V", &l->V_rule);
    tell_rule(v, "c", &l->c_rule);
    tell(v, "activity", FF_TENSOR_F32, l->activity, l->R, 0);
}

static void tell_memory(struct visitor *v, const char *of,
                        const struct ff_memory *mem)
{
    snprintf(v->prefix, sizeof v->prefix, "%s.", of);
    if (mem->capacity > 0) {
        tell(v, "frames", FF_TENSOR_U8, mem->rows, mem->capacity,
             mem->row_bytes);
        tell(v, "order", FF_TENSOR_U32, mem->order, mem->capacity, 0);
    }
    tell(v, "start", FF_TENSOR_U32, mem->start, mem->K + 1, 0);
    tell(v, "seen", FF_TENSOR_U64, mem->seen, mem->K, 0);
    v->prefix[0] = 0;
}

static void tell_gauss(struct visitor *v, const char *of,
                       const struct ff_gauss_fit *g)
{
    snprintf(v->prefix, sizeof v->prefix, "fit.%s.", of);
    if (g->F > 0) {
        tell(v, "live", FF_TENSOR_U8, g->live, g->K, 0);
        tell(v, "W", FF_TENSOR_F32, g->W, g->K, g->F);
        tell(v, "b", FF_TENSOR_F32, g->b, g->K, 0);
        tell(v, "c", FF_TENSOR_F32, g->c, g->K, 0);
        tell(v, "Q", FF_TENSOR_F32, g->Q, g->K, g->K);
    }
    if (g->L) {
        tell(v, "L", FF_TENSOR_F32, g->L, g->F, g->F);
        tell(v, "centre", FF_TENSOR_F32, g->centre, g->K, g->F);
    }
    v->prefix[0] = 0;
}

static void tell_readout(struct visitor *v, const struct ff_model *m)
{
    const struct ff_readout *r = &m->readout;
    size_t n = m->params_n - r->W; /* W, b and the mean, as they lie */
    if (r->K == 0)
        return;
    tell(v, "readout", FF_TENSOR_F32, m->params + r->W, n, 0);
    tell(v, "average.readout", FF_TENSOR_F32, m->average + r->W, n, 0);
    tell(v, "readout.seen", FF_TENSOR_U64, m->readout_seen, 1, 0);
}

/* What was fitted; the one on its way is not remembered. */
static void tell_fit(struct visitor *v, const struct ff_model *m)
{
    struct ff_typical *t = (struct ff_typical *)&m->fit.typical;
    if (!m->fits)
        return;
    tell_memory(v, "spared", &m->spared);
    tell(v, "fit.done", FF_TENSOR_U64, m->fit.done, 1, 0);
    tell(v, "fit.temperature", FF_TENSOR_F32, m->fit.temperature, 1, 0);
    tell_gauss(v, "answer", &m->fit.answer);
    tell_gauss(v, "far", &m->fit.far);
    tell_gauss(v, "top", &m->fit.top);
    tell(v, "fit.mean", FF_TENSOR_F32, t->mean, FF_WITNESSES_MAX, 0);
    tell(v, "fit.scale", FF_TENSOR_F32, t->scale, FF_WITNESSES_MAX, 0);
    tell(v, "fit.scored", FF_TENSOR_U64, &t->p.n, 1, 0);
    if (m->spec.calibration > 0)
        tell(v, "fit.scores", FF_TENSOR_F32, t->p.scores, t->p.capacity, 0);
}

static void tell_anomaly(struct visitor *v, const struct ff_anomaly *a)
{
    if (a->R == 0)
        return;
    snprintf(v->prefix, sizeof v->prefix, "anomaly.");
    tell(v, "windows", FF_TENSOR_F32, a->rows, a->R, a->D);
    tell(v, "key", FF_TENSOR_U64, a->key, a->R, 0);
    tell(v, "made", FF_TENSOR_U64, a->made, a->R, 0);
    tell(v, "seen", FF_TENSOR_U64, a->seen, 1, 0);
    tell(v, "scores", FF_TENSOR_F32, a->scores, FF_ANOMALY_SCORES, 0);
    tell(v, "scored", FF_TENSOR_U64, a->scored, 1, 0);
    tell(v, "alarms", FF_TENSOR_U64, a->alarms, 1, 0);
}

/* What windows are made of; symbols keep no samples. */
static void tell_samples(struct visitor *v, const struct ff_front *f)
{
    size_t S = f->slots.S, C = f->C;
    if (f->L == 0)
        return;
    tell(v, "ring", FF_TENSOR_F32, f->ring, S, f->L * C);
    tell(v, "classes", FF_TENSOR_U32, f->classes, S, f->L);
    tell(v, "tail", FF_TENSOR_F32, f->tail, S, f->sound.span);
    tell(v, "fresh", FF_TENSOR_U64, f->fresh, S, 0);
    tell(v, "due", FF_TENSOR_U64, f->due, S, 0);
    tell(v, "sum", FF_TENSOR_F32, f->sum, S, C);
    tell(v, "summed", FF_TENSOR_U64, f->summed, S, 0);
    tell(v, "last", FF_TENSOR_F32, f->last, S, C);
    tell(v, "mean", FF_TENSOR_F32, f->mean, S + 1, C);
    tell(v, "variance", FF_TENSOR_F32, f->variance, S + 1, C);
    tell(v, "known", FF_TENSOR_U64, f->known, S + 1, C);
    tell(v, "quiet", FF_TENSOR_U64, f->quiet, S, 0);
}

static void tell_front(struct visitor *v, const struct ff_front *f)
{
    size_t S = f->slots.S;
    if (S == 0)
        return;
    snprintf(v->prefix, sizeof v->prefix, "stream.");
    tell(v, "key", FF_TENSOR_U64, f->slots.key, S, 0);
    tell(v, "used", FF_TENSOR_U64, f->slots.used, S, 0);
    tell(v, "guest", FF_TENSOR_U8, f->slots.guest, S, 0);
    tell(v, "clock", FF_TENSOR_U64, f->slots.clock, 1, 0);
    tell(v, "gone", FF_TENSOR_U64, f->slots.gone, 1, 0);
    tell_samples(v, f);
    tell(v, "count", FF_TENSOR_U64, f->count, S, 0);
    tell(v, "features.mean", FF_TENSOR_F32, f->feature_mean, f->D, 0);
    tell(v, "features.variance", FF_TENSOR_F32, f->feature_variance, f->D, 0);
    tell(v, "features.known", FF_TENSOR_U64, f->feature_known, f->D, 0);
    tell(v, "newest", FF_TENSOR_U8, f->newest, S, f->frame_bytes);
    tell(v, "made", FF_TENSOR_U64, f->made, S, 0);
    tell(v, "p", FF_TENSOR_F32, f->p, S, 0);
    tell(v, "windows", FF_TENSOR_U64, f->windows, 1, 0);
    tell_anomaly(v, &f->anomaly);
    v->prefix[0] = 0;
}

static void tell_sequence(struct visitor *v, struct ff_sequence *q)
{
    struct ff_symbols *s = &q->symbols;
    size_t ages = ff_symbols_ages();
    if (!ff_sequence_is(q))
        return;
    snprintf(v->prefix, sizeof v->prefix, "symbols.");
    tell(v, "head", FF_TENSOR_U8, s->head, s->rows, sizeof *s->head);
    tell(v, "cells", FF_TENSOR_U8, s->cells, s->rows,
         2 * (size_t)FF_SYMBOLS_SLOTS);
    tell(v, "wide.head", FF_TENSOR_U8, s->wide_head, s->K + 1,
         sizeof *s->wide_head);
    tell(v, "wide.cells", FF_TENSOR_U8, s->wide_cells, s->K + 1, s->K * 2);
    tell(v, "learned", FF_TENSOR_U64, s->learned, 1, 0);
    tell(v, "layers", FF_TENSOR_F32, s->a, s->L, s->K);
    tell(v, "last", FF_TENSOR_F32, s->r, s->L, ages);
    tell(v, "letter", FF_TENSOR_U8, s->letter, s->K, 0);
    tell(v, "bits.ring", FF_TENSOR_F32, q->bits.ring, FF_BITS_WINDOW, 0);
    tell(v, "bits.count", FF_TENSOR_U64, q->bits.count, 1, 0);
    tell(v, "bits.sums", FF_TENSOR_F64, q->bits.sums, 3, 0);
    v->prefix[0] = 0;
}

int ff_tensors_visit(const struct ff_model *m,
                     int (*visit)(void *ctx, const struct ff_tensor *t),
                     void *ctx)
{
    struct visitor v = {.visit = visit, .ctx = ctx};
    for (size_t l = 0; l < m->L; l++) {
        snprintf(v.prefix, sizeof v.prefix, "layers.%u.", (unsigned)l);
        tell_layer(&v, m, &m->layer[l]);
    }
    v.prefix[0] = 0;
    tell_front(&v, &m->front);
    tell_sequence(&v, (struct ff_sequence *)&m->sequence);
    tell_memory(&v, "memory", &m->memory);
    const struct ff_pending *pending = &m->pending;
    if (pending->capacity > 0) {
        tell(&v, "pending.frames", FF_TENSOR_U8, pending->rows,
             pending->capacity, pending->row_bytes);
        tell(&v, "pending.id", FF_TENSOR_U64, pending->id, pending->capacity,
             0);
        tell(&v, "pending.seq", FF_TENSOR_U64, pending->seq, pending->capacity,
             0);
    }
    tell(&v, "pending.next", FF_TENSOR_U64, pending->next, 1, 0);
    tell(&v, "prequential.ring", FF_TENSOR_U8, m->prequential.ring,
         FF_PREQUENTIAL_WINDOW, 0);
    tell(&v, "prequential.count", FF_TENSOR_U64, m->prequential.count, 2, 0);
    tell(&v, "prequential.fading", FF_TENSOR_F64, m->prequential.fading, 2, 0);
    tell(&v, "rng", FF_TENSOR_U64, m->rng->s, 4, 0);
    tell(&v, "counters", FF_TENSOR_U64, m->count,
         sizeof *m->count / sizeof(uint64_t), 0);
    tell(&v, "tally", FF_TENSOR_U64, m->tally,
         sizeof *m->tally / sizeof(uint64_t), 0);
    tell(&v, "drift.watch", FF_TENSOR_F64, m->drift.watch, FF_DRIFT_STREAMS,
         sizeof *m->drift.watch / sizeof(double));
    tell(&v, "drift.tally", FF_TENSOR_U64, m->drift.tally, FF_DRIFT_STREAMS,
         sizeof *m->drift.tally / sizeof(uint64_t));
    tell_readout(&v, m);
    tell_fit(&v, m);
    tell(&v, "credit", FF_TENSOR_F64, m->credit,
         sizeof *m->credit / sizeof(double), 0);
    tell(&v, "gauges", FF_TENSOR_F32, m->gauges, m->L,
         sizeof *m->gauges / sizeof(float));
    tell(&v, "last_seen", FF_TENSOR_U64, m->last_seen, m->K, 0);
    tell(&v, "range", FF_TENSOR_F32, m->range, 2, 0);
    tell(&v, "dreams", FF_TENSOR_F32, m->bank, m->bank_size, m->layer[0].D);
    return v.status;
}
