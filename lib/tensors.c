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
        } parts[] = {{"W", l->W, l->H, l->D},
                     {"b", l->b, l->H, 0},
                     {"V", l->V, l->N, l->H},
                     {"c", l->c, l->N, 0},
                     {"mean", l->mean, l->centred ? l->D : 0, 0}};
        for (int j = 0; j < 5 && parts[j].rows > 0; j++) {
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
    tell(v, "activity", FF_TENSOR_F32, l->activity, l->H, 0);
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
    const struct ff_memory *mem = &m->memory;
    if (mem->capacity > 0) {
        tell(&v, "memory.frames", FF_TENSOR_U8, mem->rows, mem->capacity,
             mem->row_bytes);
        tell(&v, "memory.order", FF_TENSOR_U32, mem->order, mem->capacity, 0);
    }
    tell(&v, "memory.start", FF_TENSOR_U32, mem->start, m->K + 1, 0);
    tell(&v, "memory.seen", FF_TENSOR_U64, mem->seen, m->K, 0);
    tell(&v, "prequential.ring", FF_TENSOR_U8, m->prequential.ring,
         FF_PREQUENTIAL_WINDOW, 0);
    tell(&v, "prequential.count", FF_TENSOR_U64, m->prequential.count, 2, 0);
    tell(&v, "prequential.fading", FF_TENSOR_F64, m->prequential.fading, 2, 0);
    tell(&v, "rng", FF_TENSOR_U64, m->rng->s, 4, 0);
    tell(&v, "counters", FF_TENSOR_U64, m->count,
         sizeof *m->count / sizeof(uint64_t), 0);
    tell(&v, "credit", FF_TENSOR_F64, m->credit,
         sizeof *m->credit / sizeof(double), 0);
    tell(&v, "gauges", FF_TENSOR_F32, m->gauges, m->L,
         sizeof *m->gauges / sizeof(float));
    tell(&v, "last_seen", FF_TENSOR_U64, m->last_seen, m->K, 0);
    tell(&v, "range", FF_TENSOR_F32, m->range, 2, 0);
    tell(&v, "dreams", FF_TENSOR_F32, m->bank, m->bank_size, m->D);
    return v.status;
}
