#include "lib/front.h"

#include <math.h>
#include <string.h>

#include "lib/vec.h"

static bool is_symbols(const struct ff_stream_spec *s)
{
    return s->features == FF_FEATURES_SYMBOLS;
}

static size_t values_of(const struct ff_stream_spec *s)
{
    return s->shape[0] * s->shape[1] * s->shape[2];
}

/* Values of a sample once it is out of the first stages. */
static size_t channels(const struct ff_stream_spec *s)
{
    if (s->sound != FF_SOUND_NONE)
        return ff_sound_out(s);
    return is_symbols(s) ? 0 : values_of(s);
}

/* Samples that are kept for a window; of symbols, the newest frame says all. */
static size_t kept(const struct ff_stream_spec *s)
{
    return is_symbols(s) ? 0 : s->length;
}

void ff_front_shape(const struct ff_stream_spec *s, size_t shape[3])
{
    bool sound = s->sound != FF_SOUND_NONE; /* pitch is a direction too */
    bool spectrum = s->features == FF_FEATURES_SPECTRUM;
    shape[0] = spectrum ? ff_octaves_out(s->length) : s->length;
    shape[1] = sound ? channels(s) : 1;
    shape[2] = sound || is_symbols(s) ? 1 : channels(s);
}

double ff_front_values(const struct ff_spec *spec)
{
    const struct ff_stream_spec *s = &spec->stream;
    double C = (double)channels(s), frame = (double)ff_spec_inputs(spec);
    double newest = (double)ff_spec_frame_bytes(spec) / 4, once = 0;
    double key = (double)kept(s) * (C + 1) + 6 * C + newest + 16;
    if (s->sound != FF_SOUND_NONE) {
        key += (double)ff_sound_span(s);
        once += (double)s->bands * (double)ff_spectrum_bins(ff_sound_span(s));
    }
    if (s->anomaly > 0)
        once += (double)s->windows * (frame + 4);
    return (double)ff_slots_of(s->keys) * key + once;
}

void ff_front_carve(struct ff_front *f, struct ff_arena *a,
                    const struct ff_spec *spec)
{
    const struct ff_stream_spec *s = &spec->stream;
    size_t S = ff_slots_of(s->keys), C = channels(s), L = kept(s);
    *f = (struct ff_front){.spec = *s,
                           .C = C,
                           .L = L,
                           .D = ff_spec_inputs(spec),
                           .K = spec->classes,
                           .frame_bytes = ff_spec_frame_bytes(spec)};
    if (s->sound != FF_SOUND_NONE) {
        ff_sound_carve(&f->sound, a, s);
        f->tail = ff_arena_take(a, S * f->sound.span, sizeof *f->tail);
        f->piece = ff_arena_take(a, values_of(s), sizeof *f->piece);
    }
    if (s->features == FF_FEATURES_SPECTRUM) {
        ff_octaves_carve(&f->octaves, a, L);
        f->feature_mean = ff_arena_take(a, f->D, sizeof *f->feature_mean);
        f->feature_variance = ff_arena_take(a, f->D, sizeof *f->feature_mean);
        f->feature_known = ff_arena_take(a, f->D, sizeof *f->feature_known);
        f->features = ff_arena_take(a, f->D, sizeof *f->features);
    }
    ff_slots_carve(&f->slots, a, s->keys);
    f->ring = ff_arena_take(a, S * L * C, sizeof *f->ring);
    f->classes = ff_arena_take(a, S * L, sizeof *f->classes);
    f->count = ff_arena_take(a, S, sizeof *f->count);
    f->fresh = ff_arena_take(a, S, sizeof *f->fresh);
    f->due = ff_arena_take(a, S, sizeof *f->due);
    f->sum = ff_arena_take(a, S * C, sizeof *f->sum);
    f->summed = ff_arena_take(a, S, sizeof *f->summed);
    f->last = ff_arena_take(a, S * C, sizeof *f->last);
    f->mean = ff_arena_take(a, (S + 1) * C, sizeof *f->mean);
    f->variance = ff_arena_take(a, (S + 1) * C, sizeof *f->variance);
    f->known = ff_arena_take(a, (S + 1) * C, sizeof *f->known);
    f->newest = ff_arena_take(a, S, f->frame_bytes);
    f->made = ff_arena_take(a, S, sizeof *f->made);
    f->p = ff_arena_take(a, S, sizeof *f->p);
    f->windows = ff_arena_take(a, 1, sizeof *f->windows);
    f->quiet = ff_arena_take(a, S, sizeof *f->quiet);
    if (s->anomaly > 0)
        ff_anomaly_carve(&f->anomaly, a, s->windows, f->D, s->neighbours);
    f->votes = ff_arena_take(a, spec->classes + 1, sizeof *f->votes);
    f->row = ff_arena_take(a, C, sizeof *f->row);
    f->window = ff_arena_take(a, L * C, sizeof *f->window);
}

/* ---- one sample -----------------------------------------------------------
 */

static void read_values(float *x, const void *sample, enum ff_dtype dtype,
                        size_t n)
{
    if (dtype == FF_U8)
        ff_vec_from_u8(x, sample, n);
    else if (dtype == FF_I16)
        ff_vec_from_i16(x, sample, n);
    else
        memcpy(x, sample, n * sizeof *x);
}

/* A value whose square, and a sum of such, is finite too. */
static bool is_value(float x)
{
    return fabsf(x) <= FF_SAMPLE_MAX;
}

/* What is no number is no sound. */
static void silence(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = is_value(x[i]) ? x[i] : 0;
}

/* The values of one sample, sound as its spectrum. */
static void enter(struct ff_front *f, size_t slot, const void *sample)
{
    enum ff_dtype dtype = f->spec.dtype;
    if (f->spec.sound == FF_SOUND_NONE) {
        read_values(f->row, sample, dtype, f->C);
        return;
    }
    read_values(f->piece, sample, dtype, f->sound.hop);
    silence(f->piece, f->sound.hop);
    ff_sound_hear(&f->sound, f->tail + slot * f->sound.span, f->piece, f->row);
}

bool ff_front_accepts(const struct ff_front *f, const void *sample)
{
    if (is_symbols(&f->spec) || f->spec.dtype != FF_F32 ||
        f->spec.missing != FF_MISSING_REJECT)
        return true;
    const float *x = sample;
    size_t n = values_of(&f->spec);
    for (size_t c = 0; c < n; c++)
        if (!is_value(x[c]))
            return false;
    return true;
}

/* Whose moments a key goes by. */
static struct ff_moments moments_of(const struct ff_front *f, size_t slot)
{
    size_t at =
        (f->spec.standardise == FF_STANDARDISE_ALL ? f->slots.S : slot) * f->C;
    return (struct ff_moments){.C = f->C,
                               .mean = f->mean + at,
                               .variance = f->variance + at,
                               .n = f->known + at};
}

/* Fill in what is missing of x; what is there is what a channel is known by. */
static void know(struct ff_front *f, size_t slot, bool learned, float *x)
{
    struct ff_moments m = moments_of(f, slot);
    bool adds = learned || f->spec.standardise != FF_STANDARDISE_ALL;
    float *last = f->last + slot * f->C;
    for (size_t c = 0; c < f->C; c++) {
        if (is_value(x[c])) {
            last[c] = x[c];
            if (adds)
                ff_moments_add(&m, c, x[c], f->spec.horizon);
        } else {
            x[c] = f->spec.missing == FF_MISSING_HOLD ? last[c] : m.mean[c];
        }
    }
}

/* True: x is the mean of as many as count as one. */
static bool decimate(struct ff_front *f, size_t slot, float *x)
{
    float *sum = f->sum + slot * f->C;
    if (f->spec.decimate == 1)
        return true;
    for (size_t c = 0; c < f->C; c++)
        sum[c] += x[c];
    if (++f->summed[slot] < f->spec.decimate)
        return false;
    for (size_t c = 0; c < f->C; c++)
        x[c] = sum[c] / (float)f->spec.decimate;
    memset(sum, 0, f->C * sizeof *sum);
    f->summed[slot] = 0;
    return true;
}

static void push(struct ff_front *f, size_t slot, const float *x, int class_)
{
    size_t at = slot * f->L + f->count[slot] % f->L;
    f->classes[at] = (uint32_t)(class_ + 1);
    memcpy(f->ring + at * f->C, x, f->C * sizeof *x);
    f->count[slot]++;
    f->fresh[slot]++;
    f->due[slot] -= f->due[slot] > 0;
    f->quiet[slot] -= f->quiet[slot] > 0;
}

/* The next sample begins anew; what is known of the channels stays. */
static void begin(struct ff_front *f, size_t slot)
{
    memset(f->sum + slot * f->C, 0, f->C * sizeof *f->sum);
    memset(f->classes + slot * f->L, 0, f->L * sizeof *f->classes);
    memset(f->ring + slot * f->L * f->C, 0, f->L * f->C * sizeof *f->ring);
    if (f->tail)
        memset(f->tail + slot * f->sound.span, 0,
               f->sound.span * sizeof *f->tail);
    f->summed[slot] = 0;
    f->count[slot] = 0;
    f->fresh[slot] = 0;
    f->due[slot] = f->L;
}

static size_t slot_of(struct ff_front *f, uint64_t key, bool learned)
{
    bool fresh;
    size_t slot = ff_slots_use(&f->slots, key, learned, &fresh), C = f->C;
    if (!fresh)
        return slot;
    begin(f, slot);
    memset(f->last + slot * C, 0, C * sizeof *f->last);
    memset(f->mean + slot * C, 0, C * sizeof *f->mean);
    memset(f->variance + slot * C, 0, C * sizeof *f->variance);
    memset(f->known + slot * C, 0, C * sizeof *f->known);
    memset(f->newest + slot * f->frame_bytes, 0, f->frame_bytes);
    f->made[slot] = 0;
    f->p[slot] = 0;
    f->quiet[slot] = 0;
    return slot;
}

/* ---- a window -------------------------------------------------------------
 */

/* The samples in the order they came, standardised; a recording that was too
   short goes on with what is usual. */
static void lay_out(struct ff_front *f, size_t slot, float *out)
{
    struct ff_moments m = moments_of(f, slot);
    uint64_t count = f->count[slot];
    size_t n = count < f->L ? (size_t)count : f->L;
    for (size_t t = 0; t < f->L; t++) {
        size_t at = (size_t)((count - n + t) % f->L);
        const float *x = f->ring + (slot * f->L + at) * f->C;
        for (size_t c = 0; c < f->C; c++) {
            float v = t < n ? x[c] : m.mean[c];
            out[t * f->C + c] = f->spec.standardise == FF_STANDARDISE_OFF
                                    ? v
                                    : ff_moments_standard(&m, c, v);
        }
    }
}

/* The class that most samples with one have; the newest such if there are
   several. */
static int class_of(struct ff_front *f, size_t slot)
{
    const uint32_t *classes = f->classes + slot * f->L;
    uint64_t count = f->count[slot];
    size_t n = count < f->L ? (size_t)count : f->L;
    uint32_t best = 0;
    memset(f->votes, 0, (f->K + 1) * sizeof *f->votes);
    for (size_t i = 0; i < n; i++)
        f->votes[classes[i]]++;
    f->votes[0] = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t class_ = classes[(count - 1 - i) % f->L];
        if (f->votes[class_] > f->votes[best])
            best = class_;
    }
    return (int)best - 1;
}

/* Each feature by its own mean and variance in all windows of all keys. */
static void standardise(struct ff_front *f, bool learned, float *x)
{
    struct ff_moments m = {.C = f->D,
                           .mean = f->feature_mean,
                           .variance = f->feature_variance,
                           .n = f->feature_known};
    for (size_t i = 0; i < f->D; i++) {
        if (learned)
            ff_moments_add(&m, i, x[i], f->spec.horizon);
        x[i] = ff_moments_standard(&m, i, x[i]);
    }
}

static const float *find_features(struct ff_front *f, bool learned)
{
    if (f->spec.features != FF_FEATURES_SPECTRUM)
        return f->window;
    for (size_t c = 0; c < f->C; c++)
        ff_octaves_find(&f->octaves, f->window + c, f->C, f->features + c);
    if (f->spec.standardise != FF_STANDARDISE_OFF)
        standardise(f, learned, f->features);
    return f->features;
}

static void make(struct ff_front *f, size_t slot, bool learned, void *frame)
{
    uint8_t *newest = f->newest + slot * f->frame_bytes;
    lay_out(f, slot, f->window);
    memcpy(frame, find_features(f, learned), f->frame_bytes);
    memcpy(newest, frame, f->frame_bytes);
    f->due[slot] = f->spec.stride;
    f->fresh[slot] = 0;
    f->made[slot]++;
}

/* ---- symbols ---------------------------------------------------------------
 */

/* The frame is what came before, the newest last; then this is the newest. */
static bool take_symbol(struct ff_front *f, size_t slot, int class_,
                        void *frame)
{
    uint8_t *newest = f->newest + slot * f->frame_bytes;
    if (class_ < 0)
        return false;
    if (f->count[slot] == 0) /* it begins */
        memset(newest, FF_SYMBOLS_NONE, f->frame_bytes);
    memcpy(frame, newest, f->frame_bytes);
    memmove(newest, newest + 1, f->frame_bytes - 1);
    newest[f->frame_bytes - 1] = (uint8_t)class_;
    f->count[slot]++;
    f->made[slot]++;
    return true;
}

/* ---- */

static bool take_sample(struct ff_front *f, size_t slot, const void *sample,
                        uint8_t flags, int *class_, void *frame)
{
    bool end = flags & FF_SAMPLE_END, learned = !(flags & FF_SAMPLE_OBSERVE);
    enter(f, slot, sample);
    know(f, slot, learned, f->row);
    /* Of a recording it is the beginning that counts. */
    bool full = f->spec.stride == 0 && f->count[slot] >= f->L;
    if (decimate(f, slot, f->row) && !full)
        push(f, slot, f->row, *class_);
    bool whole = f->due[slot] == 0 && f->spec.stride > 0;
    if (!whole && !(end && f->fresh[slot] > 0))
        return false;
    make(f, slot, learned, frame);
    *class_ = class_of(f, slot);
    return true;
}

bool ff_front_take(struct ff_front *f, const struct ff_origin *from,
                   const void *sample, int *class_, void *frame)
{
    size_t slot = slot_of(f, from->stream, !(from->flags & FF_SAMPLE_OBSERVE));
    bool made = is_symbols(&f->spec)
                    ? take_symbol(f, slot, *class_, frame)
                    : take_sample(f, slot, sample, from->flags, class_, frame);
    if (from->flags & FF_SAMPLE_END)
        begin(f, slot);
    return made;
}

float ff_front_judge(struct ff_front *f, const struct ff_origin *from,
                     const float *frame, struct ff_rng *g, bool *alarm)
{
    size_t slot = ff_slots_find(&f->slots, from->stream);
    uint64_t stride = f->spec.stride > 0 ? f->spec.stride : f->L;
    bool end = from->flags & FF_SAMPLE_END; /* may be cut short */
    bool learned = !(from->flags & FF_SAMPLE_OBSERVE);
    uint64_t shares = (f->L - 1) / stride + end, made = f->made[slot];
    float s = ff_anomaly_score(&f->anomaly, frame, from->stream, made, shares);
    float p = ff_anomaly_p(&f->anomaly, s);
    f->p[slot] = isfinite(p) ? p : 0;
    *alarm = learned && p <= f->spec.anomaly && f->quiet[slot] == 0;
    if (!learned)
        return p;
    if (*alarm && !end) /* the next recording is another episode */
        f->quiet[slot] = f->L;
    *f->anomaly.alarms += *alarm;
    ff_anomaly_keep(&f->anomaly, frame, s, from->stream, made, g);
    return p;
}

const void *ff_front_newest(const struct ff_front *f, uint64_t key)
{
    size_t slot = ff_slots_find(&f->slots, key);
    if (slot == f->slots.S || f->made[slot] == 0)
        return NULL;
    return f->newest + slot * f->frame_bytes;
}

float ff_front_p(const struct ff_front *f, uint64_t key)
{
    size_t slot = ff_slots_find(&f->slots, key);
    return slot < f->slots.S && f->p[slot] > 0 ? f->p[slot] : NAN;
}

void ff_front_merge(struct ff_front *f, int from, int to)
{
    for (size_t i = 0; i < f->slots.S * f->L; i++)
        if (f->classes[i] == (uint32_t)(from + 1))
            f->classes[i] = (uint32_t)(to + 1);
}

void ff_front_forget(struct ff_front *f, int class_)
{
    size_t S = f->slots.S;
    for (size_t slot = 0; slot < S; slot++) {
        bool holds = false;
        for (size_t i = 0; i < f->L; i++)
            holds |= f->classes[slot * f->L + i] == (uint32_t)(class_ + 1);
        if (holds)
            begin(f, slot);
    }
    if (S == 0)
        return;
    /* Whose these were is not known. */
    memset(f->last, 0, S * f->C * sizeof *f->last);
    memset(f->newest, 0, S * f->frame_bytes);
    memset(f->made, 0, S * sizeof *f->made);
    memset(f->p, 0, S * sizeof *f->p);
    if (f->anomaly.R > 0)
        ff_anomaly_forget(&f->anomaly);
}

static bool slot_holds(const struct ff_front *f, size_t slot)
{
    return f->due[slot] <= f->L + f->spec.stride && f->quiet[slot] <= f->L &&
           f->fresh[slot] <= f->count[slot] && f->count[slot] <= FF_COUNT_MAX &&
           f->made[slot] <= FF_COUNT_MAX && f->p[slot] >= 0 &&
           f->p[slot] <= 1 && f->summed[slot] < f->spec.decimate;
}

bool ff_front_holds(struct ff_front *f)
{
    size_t S = f->slots.S;
    if (*f->slots.clock > FF_COUNT_MAX || *f->windows > FF_COUNT_MAX ||
        !ff_slots_chain(&f->slots) ||
        (f->anomaly.R > 0 && !ff_anomaly_holds(&f->anomaly)))
        return false;
    for (size_t i = 0; i < S; i++)
        if (!slot_holds(f, i))
            return false;
    for (size_t i = 0; i < S * f->L; i++)
        if (f->classes[i] > f->K)
            return false;
    for (size_t i = 0; i < f->D && f->features; i++)
        if (!(f->feature_variance[i] >= 0) ||
            f->feature_known[i] > f->spec.horizon)
            return false;
    for (size_t i = 0; i < (S + 1) * f->C; i++)
        if (!(f->variance[i] >= 0) || f->known[i] > f->spec.horizon)
            return false;
    return true;
}
