/*
 * spec.c -- defaults, validation and comparison of a model's description; what
 * is asked of its layers is in spec_layers.c.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/ff.h"
#include "lib/objective.h"
#include "lib/pattern.h"
#include "lib/spec_check.h"

#define PENDING_MAX 65536
#define OWED_MAX    ((uint64_t)1 << 53) /* frames; exact in a double */
#define MEMORY_MAX  ((size_t)1 << 31)   /* slots are 32-bit numbers */

void ff_spec_init(struct ff_spec *spec)
{
    *spec = (struct ff_spec){
        .stream = {.dtype = FF_F32,
                   .decimate = 1,
                   .standardise = FF_STANDARDISE_KEY,
                   .horizon = 1000000,
                   .length = 1,
                   .stride = 1,
                   .rate = 8000,
                   .bands = 32,
                   .coefficients = 13,
                   .neighbours = 5,
                   .windows = 1000,
                   .orders = 6,
                   .words = true,
                   .rows = (size_t)1 << 18},
        .dtype = FF_U8,
        .classes = 32,
        .layers = 3,
        .units = {500, 500, 500},
        .normalise = FF_NORMALISE_CENTRED,
        .update = FF_UPDATE_ROW,
        .batch = 32,
        .memory = 10000,
        .seed = 1,
        .margin = -1,
        .peer = -1,
        .anneal = -1,
        .weight_decay = -1,
        .average = 0.998f,
        .recent = 512,
        .goodness = FF_GOODNESS_AUTO,
        .awake = FF_AWAKE_AUTO,
        .pending = 2048,
        .calibration = 1000,
        .fit_every = 8192,
        .pattern_weight = 0.35f,
        .drift_boost = 3,
        .drift_frames = 2000,
        .sleep = {.every = 512,
                  .exhausted = 2048,
                  .replay = -1,
                  .dreams = 0.25f,
                  .jitter = 1,
                  .warp = 0.1f},
    };
}

size_t ff_spec_inputs(const struct ff_spec *s)
{
    return s->shape[0] * s->shape[1] * s->shape[2];
}

static size_t dtype_bytes(enum ff_dtype dtype)
{
    static const size_t bytes[] = {
        [FF_U8] = 1, [FF_F32] = sizeof(float), [FF_I16] = sizeof(int16_t)};
    return bytes[dtype];
}

size_t ff_spec_frame_bytes(const struct ff_spec *s)
{
    return ff_spec_inputs(s) * dtype_bytes(s->dtype);
}

size_t ff_spec_sample_values(const struct ff_spec *s)
{
    const size_t *shape = s->stream.keys > 0 ? s->stream.shape : s->shape;
    return shape[0] * shape[1] * shape[2];
}

size_t ff_spec_sample_bytes(const struct ff_spec *s)
{
    return ff_spec_sample_values(s) *
           dtype_bytes(s->stream.keys > 0 ? s->stream.dtype : s->dtype);
}

int ff_spec_refuse(char *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, FF_WHY_MAX, format, args);
    va_end(args);
    return FF_ESPEC;
}

/* A number of [least, most]; NaN is in no range. */
static int in_range(char *why, const char *name, double value, double least,
                    double most)
{
    if (value >= least && value <= most)
        return 0;
    return ff_spec_refuse(why, "%s: must be %g to %g, is %g", name, least, most,
                          value);
}

/* What an objective takes where nothing is said; README.md has the reasons. */
struct choice {
    enum ff_goodness_kind goodness;
    enum ff_loss_kind loss;
    enum ff_awake_kind awake;
    enum ff_answer_kind answer;
    enum ff_negatives_kind negatives;
    float lr, margin, theta, temperature, peer, anneal, weight_decay;
};

/* The gradient of a channel, or of a recurrent unit, is a sum over places,
   whose signs agree: its steps are smaller. A channel that is silent everywhere
   was not seen. */
#define PLACES_LR 0.001f

static struct choice choice_of(const struct ff_spec *s)
{
    static const struct choice weighted = {.goodness = FF_GOODNESS_WEIGHTED,
                                           .loss = FF_LOSS_SOFTMAX,
                                           .awake = FF_AWAKE_COMPETITIVE,
                                           .answer = FF_ANSWER_GOODNESS,
                                           .negatives = FF_NEGATIVES_FRESH,
                                           .lr = 0.002f,
                                           .margin = 0.05f,
                                           .theta = 2,
                                           .temperature = 1,
                                           .peer = 0.01f};
    static const struct choice groups = {.goodness = FF_GOODNESS_GROUPS,
                                         .loss = FF_LOSS_SOFTPLUS,
                                         .awake = FF_AWAKE_COMPETITIVE,
                                         .answer = FF_ANSWER_GOODNESS,
                                         .negatives = FF_NEGATIVES_FRESH,
                                         .lr = 0.004f,
                                         .margin = 0.4f,
                                         .theta = 2,
                                         .temperature = 4,
                                         .peer = 0.01f};
    static const struct choice overlay = {.goodness = FF_GOODNESS_LAYER,
                                          .loss = FF_LOSS_SYMMETRIC,
                                          .awake = FF_AWAKE_PAIRED,
                                          .answer = FF_ANSWER_SOFTMAX,
                                          .negatives = FF_NEGATIVES_FRESH,
                                          .lr = 0.006f,
                                          .margin = 0.4f,
                                          .theta = 2,
                                          .temperature = 10,
                                          .peer = 0.3f};
    static const struct choice top_down = {.goodness = FF_GOODNESS_LAYER,
                                           .loss = FF_LOSS_SYMMETRIC,
                                           .awake = FF_AWAKE_PAIRED,
                                           .answer = FF_ANSWER_SOFTMAX,
                                           .negatives = FF_NEGATIVES_FRESH,
                                           .lr = 0.005f,
                                           .margin = 0.4f,
                                           .theta = 2,
                                           .temperature = 10,
                                           .peer = 0.3f};
    static const struct choice hybrid = {.goodness = FF_GOODNESS_LAYER,
                                         .loss = FF_LOSS_SYMMETRIC,
                                         .awake = FF_AWAKE_PAIRED,
                                         .answer = FF_ANSWER_CLOSED_FORM,
                                         .negatives = FF_NEGATIVES_BANKED,
                                         .lr = 0.005f,
                                         .theta = 2,
                                         .temperature = 1,
                                         .peer = 0.3f,
                                         .anneal = 10000,
                                         .weight_decay = 0.1f};
    static const struct choice contrastive = {.goodness = FF_GOODNESS_LAYER,
                                              .loss = FF_LOSS_SOFTPLUS,
                                              .awake = FF_AWAKE_PAIRED,
                                              .answer = FF_ANSWER_CLOSED_FORM,
                                              .negatives = FF_NEGATIVES_FRESH,
                                              .lr = 0.005f,
                                              .theta = 8,
                                              .temperature = 1,
                                              .peer = 0.3f,
                                              .anneal = 10000,
                                              .weight_decay = 0.1f};
    switch (s->objective) {
    case FF_LABEL_OVERLAY:
    case FF_LABEL_PATTERN:
        return overlay;
    case FF_TOP_DOWN:
        return top_down;
    case FF_HYBRID:
        return hybrid;
    case FF_SELF_CONTRASTIVE:
        return contrastive;
    case FF_COMPETITIVE:
    case FF_SEQUENCE:
    case FF_OBJECTIVES:
        break;
    }
    return s->goodness == FF_GOODNESS_GROUPS ? groups : weighted;
}

/* Whether the first layer answers at many places. */
static bool sees_places(const struct ff_spec *s)
{
    return s->layers > 0 && (s->conv[0].kernel > 0 || s->recurrent[0]);
}

static void choose(struct ff_spec *s)
{
    struct choice c = choice_of(s);
    float replay = s->objective == FF_SEQUENCE ? 0 : 1; /* counts keep */
    float share = 0.25f;                                /* of lr, vlr */
    if (sees_places(s) && s->objective != FF_SELF_CONTRASTIVE) {
        c.lr = PLACES_LR;
        c.peer = 0;
        share = 0.5f;
    }
    if (s->goodness == FF_GOODNESS_AUTO)
        s->goodness = c.goodness;
    if (s->loss == FF_LOSS_AUTO)
        s->loss = c.loss;
    if (s->awake == FF_AWAKE_AUTO)
        s->awake = c.awake;
    if (s->answer == FF_ANSWER_AUTO)
        s->answer = c.answer;
    if (s->negatives == FF_NEGATIVES_AUTO)
        s->negatives = c.negatives;
    if (s->heads == FF_HEADS_AUTO)
        s->heads = sees_places(s) ? FF_HEADS_UPPER : FF_HEADS_ALL;
    if (s->lr == 0)
        s->lr = s->update == FF_UPDATE_ADAM ? 0.001f : c.lr;
    if (s->vlr == 0)
        s->vlr = s->lr * share;
    if (s->theta == 0)
        s->theta = c.theta;
    if (s->theta_false == 0)
        s->theta_false = s->theta;
    if (s->temperature == 0)
        s->temperature = c.temperature;
    float *const below_zero[] = {&s->margin, &s->peer, &s->anneal,
                                 &s->weight_decay, &s->sleep.replay};
    const float chosen[] = {c.margin, c.peer, c.anneal, c.weight_decay, replay};
    for (int i = 0; i < 5; i++)
        if (*below_zero[i] < 0)
            *below_zero[i] = chosen[i];
}

/* Kinds may come from a file, where any number can stand. */
static int check_kinds(const struct ff_spec *s, char *why)
{
    const struct {
        const char *name;
        int value, last;
    } kinds[] = {{"input.dtype", (int)s->dtype, FF_F32},
                 {"objective", (int)s->objective, FF_OBJECTIVES - 1},
                 {"goodness", (int)s->goodness, FF_GOODNESS_AUTO},
                 {"loss", (int)s->loss, FF_LOSS_EXP},
                 {"normalise", (int)s->normalise, FF_NORMALISE_CENTRED},
                 {"update", (int)s->update, FF_UPDATE_ADAM},
                 {"awake", (int)s->awake, FF_AWAKE_AUTO},
                 {"asleep", (int)s->asleep, FF_ASLEEP_NEGATIVE_ONLY},
                 {"negatives", (int)s->negatives, FF_NEGATIVES_BANKED},
                 {"pattern", (int)s->pattern, FF_PATTERN_STRIPS},
                 {"heads", (int)s->heads, FF_HEADS_LAST},
                 {"drift.reaction", (int)s->drift, FF_DRIFT_BOOST},
                 {"answer", (int)s->answer, FF_ANSWER_SOFTMAX}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].value < 0 || kinds[i].value > kinds[i].last)
            return ff_spec_refuse(why, "%s: is not one of the known kinds",
                                  kinds[i].name);
    return 0;
}

/* Mean and scale of the input, where they are given. */
static int check_scale(const struct ff_spec *s, char *why)
{
    if (s->scale[0] == 0)
        return 0;
    if (s->shape[2] > FF_CHANNELS_MAX)
        return ff_spec_refuse(
            why,
            "input.scale: can be given for at most %d channels, are "
            "%zu",
            FF_CHANNELS_MAX, s->shape[2]);
    const struct ff_objective *o = ff_objective_of(s->objective);
    if (o->label_slots || o->settles)
        return ff_spec_refuse(why,
                              "input.scale: cannot be given with objective: "
                              "%s, whose first layer sees more than values",
                              o->name);
    for (size_t c = 0; c < s->shape[2]; c++) {
        int status = in_range(why, "input.mean", (double)s->mean[c], -1e9, 1e9);
        if (!status)
            status =
                in_range(why, "input.scale", (double)s->scale[c], 1e-9, 1e9);
        if (status)
            return status;
    }
    return 0;
}

static int check_structure(struct ff_spec *s, char *why)
{
    int status;
    size_t inputs = 1;
    for (int i = 0; i < 3; i++) {
        if (s->shape[i] < 1 || s->shape[i] > FF_INPUTS_MAX)
            return ff_spec_refuse(
                why, "input.shape: each side must be 1 to %zu", FF_INPUTS_MAX);
        inputs *= s->shape[i];
        if (inputs > FF_INPUTS_MAX)
            return ff_spec_refuse(
                why, "input.shape: holds more than %zu values", FF_INPUTS_MAX);
    }
    if ((status = check_scale(s, why)))
        return status;
    if (s->classes < 1 || s->classes > FF_CLASSES_MAX)
        return ff_spec_refuse(why, "classes: must be 1 to %d, is %zu",
                              FF_CLASSES_MAX, s->classes);
    if ((status = ff_spec_check_layers(s, why)))
        return status;
    if (s->answer == FF_ANSWER_CLOSED_FORM && s->memory == 0)
        return ff_spec_refuse(
            why, "memory: must be at least 1 with answer: "
                 "closed_form, which is fitted to what is remembered");
    if (s->pending > PENDING_MAX)
        return ff_spec_refuse(
            why, "late_labels.frames: must be at most %d frames, is %zu",
            PENDING_MAX, s->pending);
    if (s->calibration > PENDING_MAX)
        return ff_spec_refuse(why,
                              "calibration: must be at most %d frames, is %zu",
                              PENDING_MAX, s->calibration);
    if (s->batch < 1 || s->batch > FF_BATCH_MAX)
        return ff_spec_refuse(why, "batch: must be 1 to %d, is %zu",
                              FF_BATCH_MAX, s->batch);
    if ((status = ff_spec_check_room(s, why)))
        return status;
    if (s->memory > MEMORY_MAX)
        return ff_spec_refuse(why, "memory: must be at most %zu frames, is %zu",
                              MEMORY_MAX, s->memory);
    return 0;
}

static int check_sleep(const struct ff_sleep_spec *s, char *why)
{
    int status;
    if (s->exhausted < s->every)
        return ff_spec_refuse(
            why,
            "sleep.exhausted: must be at least sleep.every (%llu), "
            "is %llu",
            (unsigned long long)s->every, (unsigned long long)s->exhausted);
    if (s->exhausted > OWED_MAX)
        return ff_spec_refuse(why, "sleep.exhausted: must be at most %llu",
                              (unsigned long long)OWED_MAX);
    if ((status = in_range(why, "sleep.replay", (double)s->replay, 0, 100)) ||
        (status =
             in_range(why, "sleep.confusions", (double)s->confusions, 0, 10)) ||
        (status = in_range(why, "sleep.dreams", (double)s->dreams, 0, 10)) ||
        (status = in_range(why, "sleep.jitter", s->jitter, 0, 16)) ||
        (status = in_range(why, "sleep.warp", (double)s->warp, 0, 0.5)) ||
        (status = in_range(why, "sleep.cutout", (double)s->cutout, 0, 1)) ||
        (status = in_range(why, "sleep.flip", s->flip, 0, 1)))
        return status;
    return 0;
}

static int check_phases(const struct ff_spec *s, char *why)
{
    bool competes = s->objective == FF_COMPETITIVE;
    bool compares = s->loss == FF_LOSS_SOFTMAX || s->loss == FF_LOSS_SYMMETRIC;
    bool alone = s->goodness == FF_GOODNESS_GROUPS && !compares;
    if (competes == (s->goodness == FF_GOODNESS_LAYER))
        return ff_spec_refuse(
            why, competes ? "goodness: must be weighted or groups "
                            "with objective: competitive"
                          : "goodness: must be layer with this "
                            "objective; classes have no say in it");
    if (!competes && s->awake == FF_AWAKE_COMPETITIVE)
        return ff_spec_refuse(
            why, "awake: must be paired or positive_only with this "
                 "objective, in which no classes compete");
    if (!competes && s->loss == FF_LOSS_SOFTMAX)
        return ff_spec_refuse(why,
                              "loss: must be softplus, symmetric or exp with "
                              "goodness: layer, which is one number");
    if (competes && !alone && s->awake == FF_AWAKE_POSITIVE_ONLY)
        return ff_spec_refuse(
            why, "awake: positive_only needs goodness: groups and "
                 "loss: softplus or exp, which judge a class alone");
    if (competes && !alone && s->asleep == FF_ASLEEP_NEGATIVE_ONLY)
        return ff_spec_refuse(
            why, "asleep: negative_only needs goodness: groups and "
                 "loss: softplus or exp, which judge a class alone");
    if (s->goodness == FF_GOODNESS_WEIGHTED && !compares)
        return ff_spec_refuse(
            why, "loss: must be softmax or symmetric with goodness: "
                 "weighted, whose goodness has no zero");
    if (s->answer == FF_ANSWER_GOODNESS &&
        !ff_objective_of(s->objective)->answers)
        return ff_spec_refuse(
            why, "answer: must be closed_form or softmax with this "
                 "objective, which knows no labels");
    return 0;
}

static int check_pattern(const struct ff_spec *s, char *why)
{
    if (s->objective != FF_LABEL_PATTERN)
        return 0;
    if (!s->image)
        return ff_spec_refuse(
            why, "input.shape: must be [height, width] or [height, "
                 "width, channels] with objective: label_pattern");
    size_t waves = ff_pattern_waves(s);
    if (waves == 0)
        return ff_spec_refuse(
            why, "input.shape: must have a side of at least 5 with "
                 "objective: label_pattern, for waves of two "
                 "periods");
    if (s->pattern == FF_PATTERN_STRIPS && s->classes > waves)
        return ff_spec_refuse(
            why,
            "pattern: strips are for at most %zu classes at this "
            "input.shape, are %zu; take waves",
            waves, s->classes);
    return 0;
}

int ff_spec_check(struct ff_spec *s, char why[FF_WHY_MAX])
{
    int status;
    if ((status = check_kinds(s, why)) ||
        (status = ff_spec_check_stream(s, why)))
        return status;
    choose(s);
    if ((status = check_structure(s, why)) || (status = check_phases(s, why)) ||
        (status = check_pattern(s, why)))
        return status;
    if ((status = in_range(why, "lr", (double)s->lr, 1e-8, 1)) ||
        (status = in_range(why, "vlr", (double)s->vlr, 1e-8, 1)) ||
        (status = in_range(why, "pattern_weight", (double)s->pattern_weight,
                           1e-3, 10)) ||
        (status = in_range(why, "margin", (double)s->margin, 0, 10)) ||
        (status = in_range(why, "theta", (double)s->theta, 1e-6, 1e6)) ||
        (status =
             in_range(why, "theta_false", (double)s->theta_false, 1e-6, 1e6)) ||
        (status =
             in_range(why, "drift.boost", (double)s->drift_boost, 1, 100)) ||
        (status = in_range(why, "anneal", (double)s->anneal, 0, 1e15)) ||
        (status =
             in_range(why, "weight_decay", (double)s->weight_decay, 0, 10)) ||
        (status =
             in_range(why, "pseudo_label", (double)s->pseudo_label, 0, 1)) ||
        (status =
             in_range(why, "temperature", (double)s->temperature, 1e-3, 1e3)) ||
        (status = in_range(why, "peer", (double)s->peer, 0, 10)) ||
        (status = in_range(why, "average", (double)s->average, 0, 0.99999)) ||
        (status = in_range(why, "fit_every", (double)s->fit_every, 1, 1e16)) ||
        (status = in_range(why, "recent", (double)s->recent, 1, 1e15)))
        return status;
    return check_sleep(&s->sleep, why);
}

static bool same_layers(const struct ff_spec *a, const struct ff_spec *b)
{
    size_t n = a->layers;
    for (size_t l = 0; l < n && l < b->layers; l++)
        if (a->conv[l].kernel != b->conv[l].kernel ||
            a->recurrent[l] != b->recurrent[l] ||
            ((a->conv[l].kernel > 0 || a->recurrent[l]) &&
             memcmp(&a->conv[l], &b->conv[l], sizeof a->conv[l]) != 0))
            return false;
    return n == b->layers &&
           memcmp(a->units, b->units, n * sizeof a->units[0]) == 0 &&
           memcmp(a->freeze, b->freeze, n * sizeof a->freeze[0]) == 0;
}

static bool same_reals(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

bool ff_spec_same_structure(const struct ff_spec *a, const struct ff_spec *b,
                            char why[FF_WHY_MAX])
{
    const char *name = NULL;
    if (!ff_spec_same_stream(&a->stream, &b->stream))
        name = "stream";
    else if (memcmp(a->shape, b->shape, sizeof a->shape) != 0 ||
             a->image != b->image)
        name = "input.shape";
    else if (a->dtype != b->dtype)
        name = "input.dtype";
    else if (!same_reals(a->mean, b->mean, FF_CHANNELS_MAX))
        name = "input.mean";
    else if (!same_reals(a->scale, b->scale, FF_CHANNELS_MAX))
        name = "input.scale";
    else if (a->classes != b->classes)
        name = "classes";
    else if (a->objective != b->objective)
        name = "objective";
    else if (a->pattern != b->pattern)
        name = "pattern";
    else if (a->pattern_weight != b->pattern_weight)
        name = "pattern_weight";
    else if (a->answer != b->answer)
        name = "answer";
    else if (a->pending != b->pending)
        name = "late_labels.frames";
    else if (a->calibration != b->calibration)
        name = "calibration";
    else if (a->goodness != b->goodness)
        name = "goodness";
    else if (!same_layers(a, b))
        name = "layers";
    else if (a->heads != b->heads)
        name = "heads";
    else if (a->normalise != b->normalise)
        name = "normalise";
    else if (a->update != b->update)
        name = "update";
    else if (a->batch != b->batch)
        name = "batch";
    else if (a->memory != b->memory)
        name = "memory";
    else if (a->seed != b->seed)
        name = "seed";
    if (name)
        ff_spec_refuse(why, "%s: differs, which needs a new model", name);
    return !name;
}
