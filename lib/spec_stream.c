/*
 * spec_stream.c -- whether a stream can be made frames of, and which.
 */
#include <string.h>

#include "lib/front.h"
#include "lib/spec_check.h"
#include "lib/symbols.h"

#define SAMPLES_MAX ((uint64_t)1 << 53) /* exact in any JSON */
#define STATE_MAX   1073741824.0        /* values; 4 GiB */

static int check_kinds(const struct ff_stream_spec *s, char *why)
{
    const struct {
        const char *name;
        int value, last;
    } kinds[] = {
        {"input.dtype", (int)s->dtype, FF_I16},
        {"stream.missing", (int)s->missing, FF_MISSING_MEAN},
        {"stream.standardise", (int)s->standardise, FF_STANDARDISE_ALL},
        {"stream.sound", (int)s->sound, FF_SOUND_MFCC},
        {"stream.features", (int)s->features, FF_FEATURES_SYMBOLS}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].value < 0 || kinds[i].value > kinds[i].last)
            return ff_spec_refuse(why, "%s: is not one of the known kinds",
                                  kinds[i].name);
    return 0;
}

static int check_numbers(const struct ff_stream_spec *s, char *why)
{
    const struct {
        const char *name;
        uint64_t value, least, most;
    } limits[] = {{"stream.keys", s->keys, 1, FF_KEYS_MAX},
                  {"stream.decimate", s->decimate, 1, FF_DECIMATE_MAX},
                  {"stream.horizon", s->horizon, 2, SAMPLES_MAX},
                  {"stream.length", s->length, 1, FF_LENGTH_MAX},
                  {"stream.stride", s->stride, 0, SAMPLES_MAX}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].value < limits[i].least ||
            limits[i].value > limits[i].most)
            return ff_spec_refuse(why, "%s: must be %llu to %llu, is %llu",
                                  limits[i].name,
                                  (unsigned long long)limits[i].least,
                                  (unsigned long long)limits[i].most,
                                  (unsigned long long)limits[i].value);
    return 0;
}

/* p is out of so many scores, so that less never comes. */
static int check_anomaly(const struct ff_stream_spec *s, char *why)
{
    const float least = 1.0f / FF_ANOMALY_SCORES;
    if (s->anomaly == 0)
        return 0;
    if (!(s->anomaly >= least && s->anomaly <= 1))
        return ff_spec_refuse(why,
                              "stream.anomaly: must be 0, or %g to 1, is %g",
                              (double)least, (double)s->anomaly);
    if (s->neighbours < 1 || s->neighbours > FF_NEAR_MAX)
        return ff_spec_refuse(why, "stream.neighbours: must be 1 to %d, is %zu",
                              FF_NEAR_MAX, s->neighbours);
    if (s->windows < s->neighbours || s->windows > FF_WINDOWS_MAX)
        return ff_spec_refuse(why,
                              "stream.windows: must be %zu (neighbours) to "
                              "%d, is %zu",
                              s->neighbours, FF_WINDOWS_MAX, s->windows);
    return 0;
}

static int check_sample(const struct ff_stream_spec *s, char *why)
{
    size_t values = 1;
    for (int i = 0; i < 3; i++) {
        if (s->shape[i] < 1 || s->shape[i] > FF_INPUTS_MAX)
            return ff_spec_refuse(
                why, "input.shape: each side must be 1 to %zu", FF_INPUTS_MAX);
        values *= s->shape[i];
        if (values > FF_INPUTS_MAX)
            return ff_spec_refuse(
                why, "input.shape: holds more than %zu values", FF_INPUTS_MAX);
    }
    return 0;
}

/* A model of symbols has no layers to speak of, nothing that is fitted, and
   frames as long as its contexts. */
static void choose_symbols(struct ff_spec *spec)
{
    spec->objective = FF_SEQUENCE;
    spec->stream.length = FF_SYMBOLS_SEEN;
    spec->stream.stride = 1;
    spec->layers = 1;
    spec->units[0] = 1;
    spec->conv[0] = (struct ff_conv_spec){0};
    spec->goodness = FF_GOODNESS_LAYER;
    spec->awake = FF_AWAKE_PAIRED;
    spec->loss = FF_LOSS_SOFTPLUS;
    spec->answer = FF_ANSWER_GOODNESS;
    spec->calibration = 0;
    spec->pending = 0;
}

/* One byte of a frame is one symbol. */
static int check_symbols(const struct ff_spec *spec, char *why)
{
    const struct ff_stream_spec *s = &spec->stream;
    if (s->orders < 1 || s->orders > FF_ORDERS_MAX)
        return ff_spec_refuse(why, "stream.orders: must be 1 to %d, is %zu",
                              FF_ORDERS_MAX, s->orders);
    if (s->rows < 64 || s->rows > FF_ROWS_MAX || (s->rows & (s->rows - 1)))
        return ff_spec_refuse(
            why, "stream.rows: must be a power of two, 64 to %d, is %zu",
            FF_ROWS_MAX, s->rows);
    if (s->sound != FF_SOUND_NONE)
        return ff_spec_refuse(why, "stream.sound: must be none with "
                                   "stream.features: symbols");
    if (s->shape[0] * s->shape[1] * s->shape[2] != 1 || s->dtype != FF_U8)
        return ff_spec_refuse(why, "input.shape: must be [1], of dtype u8, "
                                   "with stream.features: symbols");
    if (spec->classes > FF_SYMBOLS_MAX)
        return ff_spec_refuse(why,
                              "classes: must be at most %d with "
                              "stream.features: symbols, is %zu",
                              FF_SYMBOLS_MAX, spec->classes);
    if (s->decimate != 1)
        return ff_spec_refuse(why, "stream.decimate: must be 1 with "
                                   "stream.features: symbols");
    return 0;
}

static int check_spectrum(const struct ff_stream_spec *s, char *why)
{
    if (s->length >= 4 && s->length <= FF_SPECTRUM_MAX)
        return 0;
    return ff_spec_refuse(why,
                          "stream.length: must be 4 to %zu with "
                          "stream.features: spectrum, is %zu",
                          FF_SPECTRUM_MAX, s->length);
}

/* Sound is heard by its spectrum. */
static int check_sound(const struct ff_stream_spec *s, char *why)
{
    size_t span = ff_sound_span(s);
    if (s->shape[1] != 1 || s->shape[2] != 1)
        return ff_spec_refuse(why, "input.shape: must be [values of a piece] "
                                   "with stream.sound");
    if (s->rate < 100 || s->rate > 1000000)
        return ff_spec_refuse(
            why, "stream.rate: must be 100 to 1000000 values a second, is %zu",
            s->rate);
    if (span < 16 || span > FF_SPECTRUM_MAX)
        return ff_spec_refuse(
            why, "stream.span: must be 16 to %zu values of sound, is %zu",
            FF_SPECTRUM_MAX, span);
    if (s->bands < 1 || s->bands > ff_spectrum_bins(span) / 2)
        return ff_spec_refuse(why,
                              "stream.bands: must be 1 to %zu with a span of "
                              "%zu values, is %zu",
                              ff_spectrum_bins(span) / 2, span, s->bands);
    if (s->sound == FF_SOUND_MFCC &&
        (s->coefficients < 1 || s->coefficients > s->bands))
        return ff_spec_refuse(
            why, "stream.coefficients: must be 1 to %zu (bands), is %zu",
            s->bands, s->coefficients);
    if (s->features != FF_FEATURES_RAW)
        return ff_spec_refuse(why,
                              "stream.features: must be raw with stream.sound");
    return 0;
}

int ff_spec_check_stream(struct ff_spec *spec, char *why)
{
    struct ff_stream_spec *s = &spec->stream;
    bool symbols = s->features == FF_FEATURES_SYMBOLS;
    int status;
    if (spec->objective == FF_SEQUENCE && (s->keys == 0 || !symbols))
        return ff_spec_refuse(why, "objective: sequence is of "
                                   "stream.features: symbols alone");
    if (s->keys == 0)
        return 0;
    if (symbols)
        choose_symbols(spec);
    if ((status = check_kinds(s, why)) || (status = check_numbers(s, why)) ||
        (status = check_sample(s, why)) || (status = check_anomaly(s, why)) ||
        (s->sound != FF_SOUND_NONE && (status = check_sound(s, why))) ||
        (s->features == FF_FEATURES_SPECTRUM &&
         (status = check_spectrum(s, why))) ||
        (symbols && (status = check_symbols(spec, why))))
        return status;
    ff_front_shape(s, spec->shape);
    spec->image = s->features == FF_FEATURES_RAW;
    spec->dtype = symbols ? FF_U8 : FF_F32;
    size_t values = spec->shape[0] * spec->shape[1] * spec->shape[2];
    if (!spec->image) { /* a vector */
        spec->shape[0] = values;
        spec->shape[1] = spec->shape[2] = 1;
    }
    if (values > FF_INPUTS_MAX)
        return ff_spec_refuse(
            why, "stream.length: a window holds more than %zu values",
            FF_INPUTS_MAX);
    if (symbols)
        s->anomaly = 0; /* bits tell */
    if (ff_front_values(spec) > STATE_MAX)
        return ff_spec_refuse(why,
                              "stream.keys: %zu keys, with what is only looked "
                              "at and what is remembered, take more than "
                              "%.0f values; take fewer, or a shorter length",
                              s->keys, STATE_MAX);
    return 0;
}

bool ff_spec_same_stream(const struct ff_stream_spec *a,
                         const struct ff_stream_spec *b)
{
    return a->keys == b->keys &&
           memcmp(a->shape, b->shape, sizeof a->shape) == 0 &&
           a->dtype == b->dtype && a->missing == b->missing &&
           a->decimate == b->decimate && a->standardise == b->standardise &&
           a->horizon == b->horizon && a->length == b->length &&
           a->stride == b->stride && a->features == b->features &&
           a->sound == b->sound && a->rate == b->rate && a->span == b->span &&
           a->bands == b->bands && a->anomaly == b->anomaly &&
           a->neighbours == b->neighbours && a->windows == b->windows &&
           a->coefficients == b->coefficients && a->orders == b->orders &&
           a->words == b->words && a->rows == b->rows;
}
