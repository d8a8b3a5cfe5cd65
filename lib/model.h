/*
 * model.h -- what a model is made of; seen by lib only.
 *
 * One arena block holds everything. The parameters of all layers are one flat
 * array `params`; `average` is its running mean, of the same shape; a view is
 * a copy of the average.
 *
 *   model.c   birth, death, the table of tensors
 *   step.c    one update of every layer, wholly or not at all
 *   learn.c   awake: predict, learn, remember
 *   sleep.c   asleep: replay, confusions, dreams
 *   average.c the running mean of the parameters
 *   view.c    what answers come from
 */
#ifndef FF_MODEL_H
#define FF_MODEL_H

#include <stdatomic.h>

#include "lib/arena.h"
#include "lib/competitive.h"
#include "lib/ff.h"
#include "lib/labels.h"
#include "lib/layer.h"
#include "lib/memory.h"
#include "lib/prequential.h"
#include "lib/rng.h"

#define FF_VIEWS 4

/* Counters that a snapshot holds as one tensor. */
struct ff_counters {
    uint64_t seq;      /* frames learned */
    uint64_t step;     /* updates of weights */
    uint64_t debt;     /* frames owed to sleep */
    uint64_t replayed; /* frames taught asleep, in all, by what they are */
    uint64_t confused;
    uint64_t dreamt;
    uint64_t taught;   /* frames in all updates since the average began */
    uint64_t averaged; /* of these, in the average */
    uint64_t bank;     /* dreams made and not yet taught */
};

/* Fractions of a frame carried from one sleeping micro-batch to the next. */
struct ff_credit {
    double paid; /* of a frame owed */
    double confusions, dreams;
};

/* Numbers for people; they move no weight. */
struct ff_gauges {
    float skipped, real, dream; /* see ff_layer_stats; fading */
    float silent;
};

/* Room for one micro-batch of B frames. Row i of each array is frame i. */
struct ff_work {
    size_t B;
    float *x;                /* (B, D) values; becomes layer 0's u */
    float *u[FF_LAYERS_MAX]; /* (B, D_l); u[0] is x */
    float *h[FF_LAYERS_MAX]; /* (B, H_l) */
    float *q[FF_LAYERS_MAX]; /* (B, H_l); becomes dz */
    float *G;                /* (L, B, N) */
    float *dG;               /* (L, B, N) */
    enum ff_role *role;      /* (B) */
    int *class_;             /* (B) */
    uint8_t *live;           /* (N) verdicts that take part */
    uint8_t *known;          /* (N) classes that may be answered */
    uint8_t *right;          /* (B) */
    float *spare;            /* (D) one frame */
    float *climb;            /* (B, D) see dream.c */
    uint8_t *mask;           /* (D) */
};

struct ff_view {
    float *params;
    uint8_t *live;                   /* (N) rows that have ever been taught */
    struct ff_competitive objective; /* as of then */
    uint64_t step, seq;
    const struct ff_model *model; /* its shape: spec, layers, objective */
    atomic_int *refs; /* readers; changes though the view is const */
};

struct ff_model {
    struct ff_spec spec;
    struct ff_arena arena;
    size_t bytes; /* of the arena */
    enum ff_dtype dtype;
    size_t D, K, N, L, frame_bytes;
    struct ff_competitive objective;
    struct ff_layer layer[FF_LAYERS_MAX];
    size_t params_n;
    float *params, *average;
    struct ff_work work;
    struct ff_memory memory;
    struct ff_labels labels;
    struct ff_prequential prequential;
    struct ff_rng *rng;
    struct ff_counters *count;
    struct ff_credit *credit;
    struct ff_gauges *gauges; /* (L) */
    uint64_t *last_seen;      /* (K) seq of a class's last frame; 0: never */
    size_t bank_size;         /* batch, made even */
    float *bank;              /* (bank_size, D) dreams made in advance */
    float *range;             /* (2) least and greatest input value seen */
    struct ff_view view[FF_VIEWS];
    atomic_int refs[FF_VIEWS];
    atomic_int current; /* index of the newest view */
};

/* Whether dreams are taught, so that the delusion row takes part. */
static inline bool ff_model_dreams(const struct ff_model *m)
{
    return m->objective.delusion &&
           (m->spec.sleep.dreams > 0 || m->count->dreamt > 0);
}

/* Values of a frame as it came in; x (D). */
void ff_model_read(const struct ff_model *m, float *x, const void *frame);

/*
 * step.c: teach the n frames in m->work (x, role, class_, live): every layer
 * forward, then every layer its own update. right (n) says which were
 * predicted right beforehand among the classes of `known` (N); NULL: not asked.
 * FF_EFINITE moves nothing.
 */
int ff_model_step(struct ff_model *m, size_t n, const uint8_t *known,
                  uint8_t *right);

/* average.c */
void ff_average_taught(struct ff_model *m, size_t n);
void ff_average_restart(struct ff_model *m);
/* The average as of now into out (params_n); the running one stays. */
void ff_average_read(const struct ff_model *m, float *out);

#endif
