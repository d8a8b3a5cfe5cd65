/*
 * model.h -- what a model is made of; seen by lib only.
 *
 * One arena block holds everything. The parameters of all layers are one flat
 * array `params`; `average` is its running mean, of the same shape; a view is
 * a copy of the average.
 *
 *   model.c   birth and death
 *   pass.c    forward through every layer
 *   answer.c  what a pass says of labels
 *   step.c    one update of every layer, wholly or not at all
 *   learn.c   awake: predict, learn, remember
 *   sleep.c   asleep: what the objective makes of memories (night.c)
 *   average.c the running mean of the parameters
 *   view.c    what answers come from
 *   classes.c labels by hand: what becomes of a class
 */
#ifndef FF_MODEL_H
#define FF_MODEL_H

#include <stdatomic.h>

#include "lib/answer.h"
#include "lib/arena.h"
#include "lib/bank.h"
#include "lib/competitive.h"
#include "lib/drift.h"
#include "lib/ff.h"
#include "lib/fit.h"
#include "lib/front.h"
#include "lib/labels.h"
#include "lib/layer.h"
#include "lib/memory.h"
#include "lib/objective.h"
#include "lib/pass.h"
#include "lib/pending.h"
#include "lib/prequential.h"
#include "lib/readout.h"
#include "lib/recent.h"
#include "lib/rng.h"
#include "lib/sequence.h"

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

/* More counters, of a tensor of their own: older snapshots have none. */
struct ff_tally {
    uint64_t labelled; /* frames that had a label */
    uint64_t late;     /* of these, when it came later */
    uint64_t missed;   /* late labels whose frame was gone */
    uint64_t pseudo;   /* frames learned as the model's own answer */
    uint64_t banked;   /* negatives put into the bank, and */
    uint64_t unbanked; /* taken out; see bank.h */
    uint64_t fits;     /* of read-out and calibration, and */
    uint64_t fitted;   /* the seq of the last */
    uint64_t boosted;  /* frames for which the step is still larger */
};

/* Room for one micro-batch: n frames, and up to B rows of the pass, which
   also hold negatives. */
struct ff_work {
    struct ff_pass pass;
    struct ff_opinion opinion;
    float *dG[FF_LAYERS_MAX]; /* (B, S, N) */
    /* of rows */
    enum ff_role *role; /* (B) */
    int *class_;        /* (B) */
    size_t pairs;       /* see paired.h */
    uint8_t *live;      /* (max(N, K)) verdicts that take part */
    /* of frames */
    uint8_t *made;                  /* (n, frame bytes) out of samples */
    const void **given;             /* (n) by place in the call: a frame */
    int *whose;                     /* (n) and its class */
    float *typicality;              /* (n) of it; NULL: not judged */
    uint8_t *alarm;                 /* (n) */
    const void **frame;             /* (n) bytes, borrowed */
    size_t *at;                     /* (n) its place in the call */
    int *label;                     /* (n) class, or -1 */
    int *predicted;                 /* (n) class before it was learned, or -1 */
    float *confidence;              /* (n) of that */
    uint8_t *late, *pseudo, *teach; /* (n) */
    uint8_t *fate, *judged, *right; /* (n) by place in the call */
    uint8_t *known;                 /* (K) classes that may be answered */
    float *images; /* (n, D) frames of one sleeping micro-batch */
    float *spare;  /* (D) one frame */
    float *climb;  /* (n, D0) see dream.c */
    uint8_t *mask; /* (D) */
};

struct ff_view {
    float *params;
    uint8_t *live;             /* (N) rows that have ever been taught */
    struct ff_contest contest; /* as of then */
    float temperature;         /* likewise */
    uint64_t step, seq;
    struct ff_fit fit;            /* as of then, of this */
    uint64_t fits;                /* version */
    const struct ff_model *model; /* its shape: spec, layers, objective */
    atomic_int *refs; /* readers; changes though the view is const */
};

struct ff_model {
    struct ff_spec spec;
    struct ff_arena arena;
    size_t bytes; /* of the arena */
    enum ff_dtype dtype;
    size_t D, K, N, L, frame_bytes;
    size_t slots; /* inputs of the first layer before the frame's */
    size_t F;     /* features: units of all layers */
    bool fits;    /* there is something to fit; see fit.h */
    const struct ff_objective *objective;
    struct ff_contest contest;
    struct ff_layer layer[FF_LAYERS_MAX];
    size_t params_n;
    float *params, *average;
    struct ff_work work;
    struct ff_front front; /* slots.S 0: frames come as layers see them */
    struct ff_sequence sequence;
    struct ff_memory memory;
    struct ff_labels labels;
    uint64_t record; /* see ff_model_record */
    struct ff_prequential prequential;
    struct ff_rng *rng;
    struct ff_counters *count;
    struct ff_tally *tally;
    struct ff_pending pending;
    struct ff_drift drift;
    struct ff_memory spared; /* frames kept apart for calibration */
    struct ff_fit fit;
    struct ff_fitting fitting;
    struct ff_readout readout; /* learned frame by frame; K 0: none */
    uint64_t *readout_seen;
    struct ff_credit *credit;
    struct ff_gauges *gauges; /* (L) */
    uint64_t *last_seen;      /* (K) labelled frames up to a class's last; 0:
                                 never */
    size_t bank_size;         /* competitive: batch, made even; see bank.h */
    float *bank;              /* (bank_size, D0) negatives made in advance */
    struct ff_recents recent;
    float *patterns; /* (K, height, width) of label_pattern; else NULL */
    float *range;    /* (2) least and greatest input value seen */
    struct ff_view view[FF_VIEWS];
    atomic_int refs[FF_VIEWS];
    atomic_int current; /* index of the newest view */
};

/* Frames that it was given, or made out of samples. */
static inline uint64_t ff_model_frames(const struct ff_model *m)
{
    return m->front.slots.S > 0 ? *m->front.windows : m->count->seq;
}

/* Whether dreams are taught, so that the delusion row takes part. */
static inline bool ff_model_dreams(const struct ff_model *m)
{
    return m->contest.delusion &&
           (m->spec.sleep.dreams > 0 || m->count->dreamt > 0);
}

/* The first layer whose goodness answers. */
static inline size_t ff_model_first_head(const struct ff_model *m)
{
    if (m->spec.heads == FF_HEADS_LAST)
        return m->L - 1;
    return m->spec.heads == FF_HEADS_UPPER && m->L > 1;
}

static inline bool ff_role_negative(enum ff_role role)
{
    return role == FF_ROLE_DREAM || role == FF_ROLE_CONFUSION;
}

/* Where the frame's values (D) begin in row i of the work space. */
static inline float *ff_model_row(struct ff_model *m, size_t i)
{
    return m->work.pass.x + i * m->layer[0].D + m->slots;
}

/* Values of a frame as it came in; x (D). */
void ff_model_read(const struct ff_model *m, float *x, const void *frame);

/* The same with the label slots before it, where there are any: a row of the
   first layer's input, x (slots + D), with the neutral label. */
void ff_model_enter(const struct ff_model *m, float *x, const void *frame);

/*
 * step.c: teach the n rows whose pass was made, by their roles: every layer
 * its own update. FF_EFINITE moves nothing.
 */
int ff_model_teach(struct ff_model *m, size_t n);

/* view.c: whether a view could be published now. Readers take none but the
   newest, so a yes holds until the next is published. */
bool ff_view_free(const struct ff_model *m);

/* average.c */
void ff_average_taught(struct ff_model *m, size_t n);
void ff_average_restart(struct ff_model *m);
/* The average as of now into out (params_n); the running one stays. */
void ff_average_read(const struct ff_model *m, float *out);

#endif
