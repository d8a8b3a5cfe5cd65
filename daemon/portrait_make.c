/*
 * What a portrait shows. Packed as a message is and then turned into JSON, so
 * that bytes become base64 and labels, which are any text, are escaped.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "daemon/portrait.h"
#include "daemon/shape.h"
#include "daemon/symbols.h"
#include "proto/json.h"
#include "proto/limits.h"
#include "proto/pack.h"

#define BINS       40
#define CONFUSIONS 12
#define TAIL       0.005 /* of goodness that falls into the outermost bins */
#define DREAMS     FF_RECENT_PICTURES

/* ---- goodness -------------------------------------------------------------
 */

static int by_value(const void *a, const void *b)
{
    float x, y;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return (x > y) - (x < y);
}

/* From where to where most of a layer's goodness lies. */
static void find_range(const struct ff_recent *r, size_t layer, float range[2])
{
    float all[FF_RECENT_KINDS * FF_RECENT_GOODNESS];
    size_t n = 0, tail;

    for (int k = 0; k < FF_RECENT_KINDS; k++) {
        size_t some = r->goodness[layer][k].n;

        memcpy(all + n, r->goodness[layer][k].at, some * sizeof(*all));
        n += some;
    }
    range[0] = 0;
    range[1] = 1;
    if (n == 0)
        return;
    qsort(all, n, sizeof(*all), by_value);
    tail = (size_t)(TAIL * (double)n);
    range[0] = all[tail];
    range[1] = all[n - 1 - tail];
    if (range[1] <= range[0])
        range[1] = range[0] + 1;
}

static void pack_bins(struct ffp_buf *b, const float *at, size_t n,
                      const float range[2])
{
    size_t count[BINS] = {0};

    for (size_t i = 0; i < n; i++) {
        float place = (float)BINS * (at[i] - range[0]) / (range[1] - range[0]);
        int bin = place > 0 ? (int)fminf(place, (float)(BINS - 1)) : 0;

        count[bin]++;
    }
    ffp_pack_array(b, BINS);
    for (size_t i = 0; i < BINS; i++)
        ffp_pack_uint(b, count[i]);
}

static void pack_layer(struct ffp_buf *b, const struct ff_recent *r,
                       const struct ff_spec *spec, size_t layer)
{
    static const char *const kinds[] = {"real", "negative", "dream"};
    float range[2];

    find_range(r, layer, range);
    ffp_pack_map(b, 7);
    ffp_kv_str(b, "kind",
               spec->recurrent[layer]         ? "recurrent"
               : spec->conv[layer].kernel > 0 ? "conv"
                                              : "dense");
    ffp_kv_uint(b, "units", spec->units[layer]);
    ffp_kv_number(b, "lo", (double)range[0]);
    ffp_kv_number(b, "hi", (double)range[1]);
    for (int k = 0; k < FF_RECENT_KINDS; k++) {
        ffp_pack_str(b, kinds[k]);
        if (k == FF_RECENT_DREAM && !r->by_class)
            ffp_pack_nil(b);
        else
            pack_bins(b, r->goodness[layer][k].at, r->goodness[layer][k].n,
                      range);
    }
}

static void pack_meaning(struct ffp_buf *b, const struct ff_recent *r)
{
    ffp_pack_str(b, "meaning");
    ffp_pack_map(b, 3);
    if (r->by_class) {
        ffp_kv_str(b, "real", "a frame, for its own class");
        ffp_kv_str(b, "negative", "the same frame, for the best other class");
        ffp_kv_str(b, "dream", "a dream, for the best class");
        return;
    }
    ffp_kv_str(b, "real", "what came, as positive data");
    ffp_kv_str(b, "negative",
               "what the model made to compare, as negative data");
    ffp_kv_nil(b, "dream");
}

/* ---- answers ----------------------------------------------------------------
 */

static void kv_label(struct ffp_buf *b, const char *key,
                     const struct ff_model *ff, int class_)
{
    ffp_kv_str(b, key, class_ < 0 ? NULL : ff_label_name(ff, class_));
}

static void pack_classes(struct ffp_buf *b, const struct ff_model *ff,
                         const struct ff_recent *r)
{
    struct ffd_classes known;
    uint16_t frames[FF_CLASSES_MAX] = {0}, right[FF_CLASSES_MAX] = {0};

    for (size_t i = 0; i < r->answers; i++) {
        frames[r->answer[i].label]++;
        right[r->answer[i].label] += r->answer[i].label == r->answer[i].answer;
    }
    ffd_classes_find(&known, ff);
    ffp_pack_str(b, "classes");
    ffp_pack_array(b, known.n);
    for (size_t i = 0; i < known.n; i++) {
        ffp_pack_map(b, 3);
        kv_label(b, "label", ff, known.at[i]);
        ffp_kv_uint(b, "frames", frames[known.at[i]]);
        ffp_kv_uint(b, "right", right[known.at[i]]);
    }
}

struct confusion {
    int label, answer;
    size_t n;
};

static int by_pair(const void *a, const void *b)
{
    const struct confusion *x = a, *y = b;

    return x->label != y->label ? x->label - y->label : x->answer - y->answer;
}

static int by_number(const void *a, const void *b)
{
    const struct confusion *x = a, *y = b;

    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : by_pair(a, b);
}

/* The pairs of classes, the most frequent first; how many there are. */
static size_t count_confusions(const struct ff_recent *r,
                               struct confusion out[FF_RECENT_ANSWERS])
{
    size_t n = 0, pairs = 0;

    for (size_t i = 0; i < r->answers; i++) {
        if (r->answer[i].answer >= 0 &&
            r->answer[i].answer != r->answer[i].label)
            out[n++] =
                (struct confusion){r->answer[i].label, r->answer[i].answer, 1};
    }
    qsort(out, n, sizeof(*out), by_pair);
    for (size_t i = 0; i < n; i++) {
        if (pairs > 0 && by_pair(&out[pairs - 1], &out[i]) == 0)
            out[pairs - 1].n++;
        else
            out[pairs++] = out[i];
    }
    qsort(out, pairs, sizeof(*out), by_number);
    return pairs;
}

static void pack_confusions(struct ffp_buf *b, const struct ff_model *ff,
                            const struct ff_recent *r)
{
    struct confusion all[FF_RECENT_ANSWERS];
    size_t n = count_confusions(r, all);

    n = n < CONFUSIONS ? n : CONFUSIONS;
    ffp_pack_str(b, "confusions");
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++) {
        ffp_pack_map(b, 3);
        kv_label(b, "truth", ff, all[i].label);
        kv_label(b, "answer", ff, all[i].answer);
        ffp_kv_uint(b, "frames", all[i].n);
    }
}

/* ---- pictures ---------------------------------------------------------------
 */

struct scale {
    const struct ff_spec *spec;
    size_t values;
    float lo, hi; /* what is drawn as 0 and as 255 */
    uint8_t *row; /* (values) owned */
};

static void kv_picture(struct ffp_buf *b, const struct scale *s,
                       const void *frame)
{
    const unsigned char *at = frame;

    for (size_t i = 0; i < s->values; i++) {
        float v = at[i];

        if (s->spec->dtype == FF_F32)
            memcpy(&v, at + i * sizeof(v), sizeof(v));
        v = 255 * (v - s->lo) / (s->hi - s->lo);
        s->row[i] = (uint8_t)fminf(fmaxf(v, 0), 255);
    }
    ffp_kv_bin(b, "data", s->row, s->values);
}

/* What a frame of symbols says, its bytes as characters where they are such. A
   label that is no byte stands in brackets. */
static void kv_symbols(struct ffp_buf *b, const struct ff_model *ff,
                       const uint8_t *frame)
{
    struct ffp_buf text;

    ffp_buf_init(&text, FFP_MAX_MESSAGE_BYTES);
    for (size_t i = 0; i < FFD_SYMBOLS_SEEN; i++) {
        const char *name = ff_label_name(ff, frame[i]);
        bool byte = name && ffd_symbol_byte(name) >= 0;

        if (!name)
            continue;
        ffp_buf_add(&text, "[", !byte);
        ffp_buf_add(&text, name, strlen(name));
        ffp_buf_add(&text, "]", !byte);
    }
    b->failed = b->failed || text.failed;
    ffp_kv_strn(b, "text", (const char *)text.data, text.n);
    ffp_buf_release(&text);
}

/* What a person sees of a frame: text, or a picture. */
static void kv_content(struct ffp_buf *b, const struct scale *s,
                       const struct ff_model *ff, const void *frame)
{
    if (s->spec->objective == FF_SEQUENCE)
        kv_symbols(b, ff, frame);
    else
        kv_picture(b, s, frame);
}

static void pack_frames(struct ffp_buf *b, const char *key,
                        const struct ff_model *ff, const struct scale *s,
                        const struct ff_recent_frame *f, size_t n)
{
    ffp_pack_str(b, key);
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++) {
        ffp_pack_map(b, 5);
        kv_content(b, s, ff, f[i].bytes);
        kv_label(b, "label", ff, f[i].label);
        kv_label(b, "answer", ff, f[i].answer);
        ffp_kv_number(b, "confidence",
                      f[i].answer < 0 ? NAN : (double)f[i].confidence);
        if (f[i].label < 0)
            ffp_kv_nil(b, "right");
        else
            ffp_kv_bool(b, "right", f[i].label == f[i].answer);
    }
}

static void pack_dreams(struct ffp_buf *b, struct ff_model *ff,
                        const struct scale *s, uint64_t seed)
{
    size_t bytes = ff_spec_frame_bytes(s->spec);
    size_t n = s->spec->batch < DREAMS ? s->spec->batch : DREAMS;
    static const char *const words[] = {[FF_DREAM_HYBRID] = "hybrid",
                                        [FF_DREAM_CLIMB] = "climb",
                                        [FF_DREAM_WRITTEN] = "written"};
    enum ff_dream_kind kinds[DREAMS];
    float goodness[DREAMS];
    uint8_t *frames = malloc(n * bytes);

    if (!frames || ff_dream(ff, seed, n, frames, kinds, goodness) != FF_OK)
        n = 0; /* nothing is remembered yet */
    ffp_pack_str(b, "dreams");
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++) {
        ffp_pack_map(b, 3);
        kv_content(b, s, ff, frames + i * bytes);
        ffp_kv_str(b, "kind", words[kinds[i]]);
        ffp_kv_number(b, "goodness", (double)goodness[i]);
    }
    free(frames);
}

static void pack_pictures(struct ffp_buf *b, struct ff_model *ff,
                          const struct ff_recent *r, uint64_t seed)
{
    struct scale s = {.spec = ff_model_spec(ff)};
    float unit = s.spec->dtype == FF_U8 ? 255 : 1; /* it reads u8 as 0 to 1 */

    s.values = ff_spec_inputs(s.spec);
    s.row = malloc(s.values);
    if (!s.row) {
        b->failed = true;
        return;
    }
    s.lo = unit * r->range[0];
    s.hi = r->range[1] > r->range[0] ? unit * r->range[1] : s.lo + 1;
    pack_frames(b, "frames", ff, &s, r->frame, r->frames);
    pack_frames(b, "mistakes", ff, &s, r->mistake, r->mistakes);
    pack_dreams(b, ff, &s, seed);
    ffp_kv_number(b, "lo", (double)s.lo);
    ffp_kv_number(b, "hi", (double)s.hi);
    free(s.row);
}

/* ---- all of it
 * --------------------------------------------------------------- */

static void pack(struct ffp_buf *b, struct ff_model *ff, const char *name,
                 bool pictures, uint64_t seed)
{
    const struct ff_spec *spec = ff_model_spec(ff);
    struct ffd_shape shape = ffd_shape_seen(spec);
    struct ff_stats stats;
    struct ff_recent recent;
    uv_timeval64_t now = {0};

    ff_model_stats(ff, &stats);
    ff_model_recent(ff, &recent);
    uv_gettimeofday(&now);
    ffp_pack_map(b, pictures ? 17 : 12);
    ffp_kv_str(b, "model", name);
    ffp_kv_bool(b, "ready", true);
    ffp_kv_double(b, "time",
                  (double)now.tv_sec + (double)now.tv_usec / 1000000);
    ffp_kv_uint(b, "seq", stats.seq);
    ffp_kv_uint(b, "step", stats.step);
    ffp_pack_str(b, "input");
    ffp_pack_map(b, 3);
    ffd_kv_shape(b, &shape);
    ffp_kv_bool(b, "image", spec->image);
    pack_meaning(b, &recent);
    ffp_pack_str(b, "layers");
    ffp_pack_array(b, stats.layers);
    for (size_t l = 0; l < stats.layers; l++)
        pack_layer(b, &recent, spec, l);
    ffp_kv_uint(b, "window", FF_RECENT_ANSWERS);
    pack_classes(b, ff, &recent);
    pack_confusions(b, ff, &recent);
    ffp_kv_bool(b, "pictures", pictures);
    if (pictures)
        pack_pictures(b, ff, &recent, seed);
}

void ffd_portrait_make(struct ffp_buf *out, struct ff_model *ff,
                       const char *name, bool pictures, uint64_t seed)
{
    struct ffp_buf b;
    char *text = NULL;

    ffp_buf_init(&b, FFP_MAX_MESSAGE_BYTES);
    pack(&b, ff, name, pictures, seed);
    if (!b.failed)
        text = ffp_json_packed(b.data, b.n);
    if (text)
        ffp_buf_add(out, text, strlen(text));
    else
        out->failed = true;
    free(text);
    ffp_buf_release(&b);
}
