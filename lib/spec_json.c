#include "lib/spec_json.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/head.h"
#include "lib/json_text.h"
#include "lib/status.h"

/* Every option but the seed and the arrays: key, field, kind of number. */
#define INTEGERS(X)                                                            \
    X("image", image)                                                          \
    X("dtype", dtype)                                                          \
    X("classes", classes)                                                      \
    X("objective", objective)                                                  \
    X("answer", answer)                                                        \
    X("pending", pending)                                                      \
    X("pending_age", pending_age)                                              \
    X("calibration", calibration)                                              \
    X("fit_every", fit_every)                                                  \
    X("drift", drift)                                                          \
    X("drift.frames", drift_frames)                                            \
    X("goodness", goodness)                                                    \
    X("layers", layers)                                                        \
    X("pattern", pattern)                                                      \
    X("heads", heads)                                                          \
    X("normalise", normalise)                                                  \
    X("update", update)                                                        \
    X("batch", batch)                                                          \
    X("memory", memory)                                                        \
    X("loss", loss)                                                            \
    X("awake", awake)                                                          \
    X("asleep", asleep)                                                        \
    X("negatives", negatives)                                                  \
    X("recent", recent)                                                        \
    X("sleep.every", sleep.every)                                              \
    X("sleep.exhausted", sleep.exhausted)                                      \
    X("sleep.jitter", sleep.jitter)                                            \
    X("sleep.flip", sleep.flip)

#define REALS(X)                                                               \
    X("lr", lr)                                                                \
    X("vlr", vlr)                                                              \
    X("margin", margin)                                                        \
    X("theta", theta)                                                          \
    X("theta_false", theta_false)                                              \
    X("anneal", anneal)                                                        \
    X("weight_decay", weight_decay)                                            \
    X("pseudo_label", pseudo_label)                                            \
    X("drift.boost", drift_boost)                                              \
    X("temperature", temperature)                                              \
    X("peer", peer)                                                            \
    X("average", average)                                                      \
    X("sleep.replay", sleep.replay)                                            \
    X("sleep.confusions", sleep.confusions)                                    \
    X("sleep.dreams", sleep.dreams)                                            \
    X("pattern_weight", pattern_weight)                                        \
    X("sleep.warp", sleep.warp)                                                \
    X("sleep.cutout", sleep.cutout)

json_t *ff_json_sizes(const size_t *values, size_t n)
{
    json_t *list = json_array();
    int failed = 0;
    for (size_t i = 0; i < n; i++)
        failed |=
            json_array_append_new(list, json_integer((json_int_t)values[i]));
    if (!failed)
        return list;
    json_decref(list);
    return NULL;
}

/* A dense layer is an empty list, a recurrent one has pool and grid alone. */
#define WINDOW 6
#define STEPS  2

static bool all_dense(const struct ff_spec *s)
{
    for (size_t l = 0; l < s->layers; l++)
        if (s->conv[l].kernel > 0 || s->recurrent[l])
            return false;
    return true;
}

static json_t *windows(const struct ff_spec *s)
{
    json_t *list = json_array();
    int failed = 0;
    for (size_t l = 0; l < s->layers; l++) {
        const struct ff_conv_spec *c = &s->conv[l];
        const size_t sizes[WINDOW] = {c->kernel, c->stride, c->pad,
                                      c->pool,   c->groups, c->grid};
        const size_t steps[STEPS] = {c->pool, c->grid};
        json_t *one = s->recurrent[l]
                          ? ff_json_sizes(steps, STEPS)
                          : ff_json_sizes(sizes, c->kernel > 0 ? WINDOW : 0);
        failed |= json_array_append_new(list, one);
    }
    if (!failed)
        return list;
    json_decref(list);
    return NULL;
}

static json_t *reals(const float *values, size_t n)
{
    json_t *list = json_array();
    int failed = 0;
    for (size_t i = 0; i < n; i++)
        failed |= json_array_append_new(list, json_real((double)values[i]));
    if (!failed)
        return list;
    json_decref(list);
    return NULL;
}

static bool freezes(const struct ff_spec *s)
{
    for (size_t l = 0; l < s->layers; l++)
        if (s->freeze[l] > 0)
            return true;
    return false;
}

static json_t *frozen(const struct ff_spec *s)
{
    size_t frames[FF_LAYERS_MAX];
    for (size_t l = 0; l < s->layers; l++)
        frames[l] = (size_t)s->freeze[l];
    return ff_json_sizes(frames, s->layers);
}

/* Options of a stream: key, field. */
#define STREAM(X)                                                              \
    X("keys", keys)                                                            \
    X("dtype", dtype)                                                          \
    X("missing", missing)                                                      \
    X("decimate", decimate)                                                    \
    X("standardise", standardise)                                              \
    X("horizon", horizon)                                                      \
    X("length", length)                                                        \
    X("stride", stride)                                                        \
    X("features", features)                                                    \
    X("sound", sound)                                                          \
    X("rate", rate)                                                            \
    X("span", span)                                                            \
    X("bands", bands)                                                          \
    X("coefficients", coefficients)                                            \
    X("neighbours", neighbours)                                                \
    X("windows", windows)                                                      \
    X("orders", orders)                                                        \
    X("words", words)                                                          \
    X("rows", rows)

static json_t *stream_of(const struct ff_stream_spec *s)
{
    json_t *json = json_object();
    int failed = json_object_set_new(json, "shape", ff_json_sizes(s->shape, 3));
#define INTEGER(key, field)                                                    \
    failed |=                                                                  \
        json_object_set_new(json, key, json_integer((json_int_t)s->field));
    STREAM(INTEGER)
#undef INTEGER
    failed |=
        json_object_set_new(json, "anomaly", json_real((double)s->anomaly));
    if (!failed)
        return json;
    json_decref(json);
    return NULL;
}

json_t *ff_spec_to_json(const struct ff_spec *s)
{
    json_t *json = json_object();
    int failed = 0;
#define PUT(key, value)     failed |= json_object_set_new(json, key, value);
#define INTEGER(key, field) PUT(key, json_integer((json_int_t)s->field))
#define REAL(key, field)    PUT(key, json_real((double)s->field))
    PUT("shape", ff_json_sizes(s->shape, 3))
    PUT("units", ff_json_sizes(s->units, s->layers))
    if (!all_dense(s))
        PUT("windows", windows(s))
    if (s->scale[0] > 0) {
        PUT("mean", reals(s->mean, s->shape[2]))
        PUT("scale", reals(s->scale, s->shape[2]))
    }
    if (freezes(s))
        PUT("freeze", frozen(s))
    if (s->stream.keys > 0)
        PUT("stream", stream_of(&s->stream))
    PUT("seed", json_sprintf("%llu", (unsigned long long)s->seed))
    INTEGERS(INTEGER)
    REALS(REAL)
#undef REAL
#undef INTEGER
#undef PUT
    if (!failed)
        return json;
    json_decref(json);
    return NULL;
}

static int read_list(size_t *values, size_t most, const json_t *list)
{
    if (json_array_size(list) > most)
        return FF_ECORRUPT;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        if (!json_is_integer(v) || json_integer_value(v) < 0)
            return FF_ECORRUPT;
        values[i] = (size_t)json_integer_value(v);
    }
    return 0;
}

static int read_windows(struct ff_spec *s, const json_t *list)
{
    if (json_array_size(list) > FF_LAYERS_MAX)
        return FF_ECORRUPT;
    for (size_t l = 0; l < json_array_size(list); l++) {
        const json_t *one = json_array_get(list, l);
        struct ff_conv_spec *c = &s->conv[l];
        size_t v[WINDOW] = {0};
        size_t n = json_array_size(one);
        if ((n != 0 && n != STEPS && n != WINDOW) || read_list(v, WINDOW, one))
            return FF_ECORRUPT;
        s->recurrent[l] = n == STEPS;
        *c = n == STEPS
                 ? (struct ff_conv_spec){.pool = v[0], .grid = v[1]}
                 : (struct ff_conv_spec){v[0], v[1], v[2], v[3], v[4], v[5]};
    }
    return 0;
}

static int read_reals(float *values, size_t most, const json_t *list)
{
    if (json_array_size(list) > most)
        return FF_ECORRUPT;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        if (!json_is_number(v))
            return FF_ECORRUPT;
        values[i] = (float)json_number_value(v);
    }
    return 0;
}

static int read_frozen(struct ff_spec *s, const json_t *list)
{
    size_t frames[FF_LAYERS_MAX] = {0};
    if (read_list(frames, FF_LAYERS_MAX, list))
        return FF_ECORRUPT;
    for (size_t l = 0; l < FF_LAYERS_MAX; l++)
        s->freeze[l] = frames[l];
    return 0;
}

/* Anything but a whole number of none below zero is refused. */
static int read_stream(struct ff_stream_spec *s, const json_t *json)
{
    if (!json)
        return 0;
    if (read_list(s->shape, 3, json_object_get(json, "shape")))
        return FF_ECORRUPT;
#define GET(key, field)                                                        \
    {                                                                          \
        const json_t *v = json_object_get(json, key);                          \
        if (v && (!json_is_integer(v) || json_integer_value(v) < 0))           \
            return FF_ECORRUPT;                                                \
        if (v)                                                                 \
            s->field = (__typeof__(s->field))json_integer_value(v);            \
    }
    STREAM(GET)
#undef GET
    const json_t *anomaly = json_object_get(json, "anomaly");
    if (anomaly && !json_is_number(anomaly))
        return FF_ECORRUPT;
    s->anomaly = (float)json_number_value(anomaly);
    return 0;
}

int ff_spec_from_json(struct ff_spec *s, const json_t *json)
{
    const json_t *v;
    ff_spec_init(s);
    s->normalise = FF_NORMALISE_LENGTH; /* of format 1, which does not say */
    if (read_list(s->shape, 3, json_object_get(json, "shape")) ||
        read_list(s->units, FF_LAYERS_MAX, json_object_get(json, "units")) ||
        read_windows(s, json_object_get(json, "windows")) ||
        read_reals(s->mean, FF_CHANNELS_MAX, json_object_get(json, "mean")) ||
        read_reals(s->scale, FF_CHANNELS_MAX, json_object_get(json, "scale")) ||
        read_frozen(s, json_object_get(json, "freeze")) ||
        read_stream(&s->stream, json_object_get(json, "stream")))
        return FF_ECORRUPT;
    v = json_object_get(json, "seed");
    if (json_is_string(v))
        s->seed = strtoull(json_string_value(v), NULL, 10);
#define GET(key, field)                                                        \
    v = json_object_get(json, key);                                            \
    if (v && !json_is_integer(v))                                              \
        return FF_ECORRUPT;                                                    \
    if (v)                                                                     \
        s->field = (__typeof__(s->field))json_integer_value(v);
    INTEGERS(GET)
#undef GET
#define GET(key, field)                                                        \
    v = json_object_get(json, key);                                            \
    if (v && !json_is_number(v))                                               \
        return FF_ECORRUPT;                                                    \
    if (v)                                                                     \
        s->field = (float)json_number_value(v);
    REALS(GET)
#undef GET
    return 0;
}

int ff_spec_to_text(const struct ff_spec *spec, char **text)
{
    json_t *json = ff_spec_to_json(spec);
    *text = ff_json_text(json, NULL);
    json_decref(json);
    return *text ? 0 : FF_ENOMEM;
}

int ff_spec_from_text(struct ff_spec *spec, const char *text, size_t n,
                      char why[FF_WHY_MAX])
{
    int status;
    json_t *json = ff_json_parse(text, n, &status);
    if (!status)
        status = ff_spec_from_json(spec, json);
    json_decref(json);
    if (status == FF_ECORRUPT)
        return ff_refuse(why, FF_ESPEC, "the text is no specification");
    return status ? ff_refuse(why, status, "no memory to read it")
                  : ff_spec_check(spec, why);
}
