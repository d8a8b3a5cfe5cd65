/*
 * spec.c -- defaults, validation and comparison of a model's description.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/ff.h"

#define INPUTS_MAX ((size_t)1 << 22)
#define MEMORY_MAX ((size_t)1 << 31) /* slots are 32-bit numbers */

void ff_spec_init(struct ff_spec *spec)
{
    *spec = (struct ff_spec){
        .dtype = FF_U8,
        .classes = 32,
        .goodness = FF_GOODNESS_WEIGHTED,
        .layers = 3,
        .units = {500, 500, 500},
        .update = FF_UPDATE_ROW,
        .batch = 32,
        .memory = 10000,
        .seed = 1,
        .margin = -1,
        .theta = 2,
        .peer = 0.01f,
        .average = 0.998f,
        .recent = 512,
        .sleep = {.every = 512,
                  .exhausted = 2048,
                  .replay = 1,
                  .dreams = 0.25f,
                  .jitter = 1,
                  .warp = 0.1f},
    };
}

size_t ff_spec_inputs(const struct ff_spec *s)
{
    return s->shape[0] * s->shape[1] * s->shape[2];
}

size_t ff_spec_frame_bytes(const struct ff_spec *s)
{
    return ff_spec_inputs(s) * (s->dtype == FF_U8 ? 1 : sizeof(float));
}

__attribute__((format(printf, 2, 3))) static int refuse(char *why,
                                                        const char *format, ...)
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
    return refuse(why, "%s: must be %g to %g, is %g", name, least, most, value);
}

static void choose(struct ff_spec *s)
{
    bool weighted = s->goodness == FF_GOODNESS_WEIGHTED;
    if (s->loss == FF_LOSS_AUTO)
        s->loss = weighted ? FF_LOSS_SOFTMAX : FF_LOSS_SOFTPLUS;
    if (s->lr == 0)
        s->lr = s->update == FF_UPDATE_ADAM ? 0.001f
                : weighted                  ? 0.002f
                                            : 0.004f;
    if (s->vlr == 0)
        s->vlr = s->lr / 4;
    if (s->margin < 0)
        s->margin = weighted ? 0.05f : 0.4f;
    if (s->temperature == 0)
        s->temperature = weighted ? 1 : 4;
}

/* Kinds may come from a file, where any number can stand. */
static int check_kinds(const struct ff_spec *s, char *why)
{
    const struct {
        const char *name;
        int value, last;
    } kinds[] = {{"input.dtype", (int)s->dtype, FF_F32},
                 {"goodness", (int)s->goodness, FF_GOODNESS_GROUPS},
                 {"loss", (int)s->loss, FF_LOSS_EXP},
                 {"normalise", (int)s->normalise, FF_NORMALISE_CENTRED},
                 {"update", (int)s->update, FF_UPDATE_ADAM},
                 {"awake", (int)s->awake, FF_AWAKE_POSITIVE_ONLY},
                 {"asleep", (int)s->asleep, FF_ASLEEP_NEGATIVE_ONLY}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].value < 0 || kinds[i].value > kinds[i].last)
            return refuse(why, "%s: is not one of the known kinds",
                          kinds[i].name);
    return 0;
}

static int check_structure(const struct ff_spec *s, char *why)
{
    size_t inputs = 1;
    for (int i = 0; i < 3; i++) {
        if (s->shape[i] < 1 || s->shape[i] > INPUTS_MAX)
            return refuse(why, "input.shape: each side must be 1 to %zu",
                          INPUTS_MAX);
        inputs *= s->shape[i];
        if (inputs > INPUTS_MAX)
            return refuse(why, "input.shape: holds more than %zu values",
                          INPUTS_MAX);
    }
    if (s->classes < 1 || s->classes > FF_CLASSES_MAX)
        return refuse(why, "classes: must be 1 to %d, is %zu", FF_CLASSES_MAX,
                      s->classes);
    if (s->layers < 1 || s->layers > FF_LAYERS_MAX)
        return refuse(why, "layers: must be 1 to %d of them, are %zu",
                      FF_LAYERS_MAX, s->layers);
    for (size_t l = 0; l < s->layers; l++) {
        if (s->units[l] < 1 || s->units[l] > FF_UNITS_MAX)
            return refuse(why, "layers[%zu].units: must be 1 to %d, is %zu", l,
                          FF_UNITS_MAX, s->units[l]);
        if (s->goodness == FF_GOODNESS_GROUPS && s->units[l] % s->classes)
            return refuse(why,
                          "layers[%zu].units: must be a multiple of classes "
                          "(%zu) with goodness: groups, is %zu",
                          l, s->classes, s->units[l]);
    }
    if (s->batch < 1 || s->batch > FF_BATCH_MAX)
        return refuse(why, "batch: must be 1 to %d, is %zu", FF_BATCH_MAX,
                      s->batch);
    if (s->memory > MEMORY_MAX)
        return refuse(why, "memory: must be at most %zu frames, is %zu",
                      MEMORY_MAX, s->memory);
    return 0;
}

static int check_sleep(const struct ff_sleep_spec *s, char *why)
{
    int status;
    if (s->exhausted < s->every)
        return refuse(why,
                      "sleep.exhausted: must be at least sleep.every (%llu), "
                      "is %llu",
                      (unsigned long long)s->every,
                      (unsigned long long)s->exhausted);
    if ((status = in_range(why, "sleep.replay", (double)s->replay, 0, 100)) ||
        (status =
             in_range(why, "sleep.confusions", (double)s->confusions, 0, 10)) ||
        (status = in_range(why, "sleep.dreams", (double)s->dreams, 0, 10)) ||
        (status = in_range(why, "sleep.jitter", s->jitter, 0, 16)) ||
        (status = in_range(why, "sleep.warp", (double)s->warp, 0, 0.5)))
        return status;
    return 0;
}

int ff_spec_check(struct ff_spec *s, char why[FF_WHY_MAX])
{
    int status;
    if ((status = check_kinds(s, why)) || (status = check_structure(s, why)))
        return status;
    choose(s);
    bool compares = s->loss == FF_LOSS_SOFTMAX || s->loss == FF_LOSS_SYMMETRIC;
    bool alone = s->goodness == FF_GOODNESS_GROUPS && !compares;
    if (s->awake == FF_AWAKE_POSITIVE_ONLY && !alone)
        return refuse(why, "awake: positive_only needs goodness: groups and "
                           "loss: softplus or exp, which judge a class alone");
    if (s->asleep == FF_ASLEEP_NEGATIVE_ONLY && !alone)
        return refuse(why, "asleep: negative_only needs goodness: groups and "
                           "loss: softplus or exp, which judge a class alone");
    if (s->goodness == FF_GOODNESS_WEIGHTED && s->loss != FF_LOSS_SOFTMAX &&
        s->loss != FF_LOSS_SYMMETRIC)
        return refuse(why, "loss: must be softmax or symmetric with goodness: "
                           "weighted, whose goodness has no zero");
    if ((status = in_range(why, "lr", (double)s->lr, 1e-8, 1)) ||
        (status = in_range(why, "vlr", (double)s->vlr, 1e-8, 1)) ||
        (status = in_range(why, "margin", (double)s->margin, 0, 10)) ||
        (status = in_range(why, "theta", (double)s->theta, 1e-6, 1e6)) ||
        (status =
             in_range(why, "temperature", (double)s->temperature, 1e-3, 1e3)) ||
        (status = in_range(why, "peer", (double)s->peer, 0, 10)) ||
        (status = in_range(why, "average", (double)s->average, 0, 0.99999)) ||
        (status = in_range(why, "recent", (double)s->recent, 1, 1e15)))
        return status;
    return check_sleep(&s->sleep, why);
}

bool ff_spec_same_structure(const struct ff_spec *a, const struct ff_spec *b,
                            char why[FF_WHY_MAX])
{
    const char *name = NULL;
    if (memcmp(a->shape, b->shape, sizeof a->shape) != 0 ||
        a->image != b->image)
        name = "input.shape";
    else if (a->dtype != b->dtype)
        name = "input.dtype";
    else if (a->classes != b->classes)
        name = "classes";
    else if (a->goodness != b->goodness)
        name = "goodness";
    else if (a->layers != b->layers ||
             memcmp(a->units, b->units, a->layers * sizeof a->units[0]) != 0)
        name = "layers";
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
        refuse(why, "%s: differs, which needs a new model", name);
    return !name;
}
