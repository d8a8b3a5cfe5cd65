#include "daemon/keys.h"

#include <string.h>

static const char *const durabilities[] = {"off", "normal", "full", NULL};
static const char *const log_levels[] = {"error", "warning", "notice",
                                         "info",  "debug",   NULL};
static const char *const objectives[] = {
    "competitive",   "label_overlay", "hybrid",   "self_contrastive",
    "label_pattern", "top_down",      "sequence", NULL};
static const char *const patterns[] = {"waves", "strips", NULL};
static const char *const goodnesses[] = {"weighted", "groups", "layer", "auto",
                                         NULL};
static const char *const losses[] = {"auto",      "softmax", "softplus",
                                     "symmetric", "exp",     NULL};
static const char *const heads[] = {"auto", "all", "upper", "last", NULL};
static const char *const normalises[] = {"length", "centred", NULL};
static const char *const updates[] = {"row", "adam", NULL};
static const char *const awakes[] = {"competitive", "positive_only", "paired",
                                     "auto", NULL};
static const char *const asleeps[] = {"paired", "negative_only", NULL};
static const char *const negatives[] = {"auto", "fresh", "banked", NULL};
static const char *const answers[] = {"auto", "goodness", "closed_form",
                                      "softmax", NULL};
static const char *const reactions[] = {"none", "sleep", "boost", NULL};
static const char *const overloads[] = {"block", "reject", "drop_oldest",
                                        "sample", NULL};
static const char *const switches[] = {"off", "on", NULL};
static const char *const dtypes[] = {"u8", "f32", "i16", NULL};
static const char *const missings[] = {"reject", "hold", "mean", NULL};
static const char *const standards[] = {"off", "key", "all", NULL};
static const char *const sounds[] = {"none", "log_mel", "mfcc", NULL};
static const char *const features[] = {"raw", "spectrum", "symbols", NULL};

#define COUNT_MAX 9007199254740992.0 /* 2^53: exact in a double */

#define BANDS_MAX 16384 /* of the longest span; lib knows others' */

#define TOP(field)   offsetof(struct ffd_config, field)
#define MODEL(field) offsetof(struct ffd_model_config, field)

/* clang-format off */
static const struct ffd_key top_keys[] = {
    {"listen", FFD_KEY_OTHER, FFD_CHANGE_RESTART, TOP(listen),
     0, 0, NULL, NULL, 0},
    {"http", FFD_KEY_OTHER, FFD_CHANGE_RESTART, TOP(http),
     0, 0, NULL, NULL, 0},
    {"http_pictures", FFD_KEY_CHOICE, FFD_CHANGE_RUNTIME, TOP(http_pictures),
     0, 0, switches, NULL, 0},
    {"state", FFD_KEY_OTHER, FFD_CHANGE_RESTART, TOP(state),
     0, 0, NULL, NULL, 0},
    {"durability", FFD_KEY_CHOICE, FFD_CHANGE_RESTART, TOP(durability),
     0, 0, durabilities, NULL, 0},
    {"journal", FFD_KEY_OTHER, FFD_CHANGE_RUNTIME, 0, 0, 0, NULL, NULL, 0},
    {"digests", FFD_KEY_PATH, FFD_CHANGE_RESTART, TOP(digests),
     0, 0, NULL, NULL, 0},
    {"log", FFD_KEY_CHOICE, FFD_CHANGE_RUNTIME, TOP(log),
     0, 0, log_levels, NULL, 0},
    {"tokens", FFD_KEY_PATH, FFD_CHANGE_RUNTIME, TOP(tokens),
     0, 0, NULL, NULL, 0},
    {"admins", FFD_KEY_OTHER, FFD_CHANGE_RUNTIME, TOP(admins),
     0, 0, NULL, NULL, 0},
    {"tls", FFD_KEY_OTHER, FFD_CHANGE_RUNTIME, TOP(tls),
     0, 0, NULL, NULL, 0},
    {"learners", FFD_KEY_U64, FFD_CHANGE_RESTART, TOP(learners),
     1, 256, NULL, "auto", 0},
    {"memory_limit", FFD_KEY_BYTES, FFD_CHANGE_RUNTIME, TOP(memory_limit),
     64.0 * 1024 * 1024, COUNT_MAX, NULL, NULL, 0},
    {"snapshots", FFD_KEY_OTHER, FFD_CHANGE_RUNTIME, 0, 0, 0, NULL, NULL, 0},
    {"models", FFD_KEY_OTHER, FFD_CHANGE_RESTART, TOP(models),
     0, 0, NULL, NULL, 0},
    {0},
};

static const struct ffd_key tls_keys[] = {
    {"certificate", FFD_KEY_PATH, FFD_CHANGE_RUNTIME, TOP(tls.certificate),
     0, 0, NULL, NULL, 0},
    {"key", FFD_KEY_PATH, FFD_CHANGE_RUNTIME, TOP(tls.key),
     0, 0, NULL, NULL, 0},
    {"client_ca", FFD_KEY_PATH, FFD_CHANGE_RUNTIME, TOP(tls.client_ca),
     0, 0, NULL, NULL, 0},
    {0},
};

static const struct ffd_key journal_keys[] = {
    {"limit", FFD_KEY_BYTES, FFD_CHANGE_RESTART, TOP(journal_limit),
     1024.0 * 1024, COUNT_MAX, NULL, NULL, 0},
    {"archive", FFD_KEY_PATH, FFD_CHANGE_RESTART, TOP(journal_archive),
     0, 0, NULL, NULL, 0},
    {0},
};

static const struct ffd_key snapshots_keys[] = {
    {"every", FFD_KEY_U64, FFD_CHANGE_RUNTIME, TOP(snapshots.every_s),
     0, 1e9, NULL, NULL, 0},
    {"keep", FFD_KEY_U64, FFD_CHANGE_RUNTIME, TOP(snapshots.policy.keep),
     1, 1e6, NULL, NULL, 0},
    {"hourly", FFD_KEY_U64, FFD_CHANGE_RUNTIME, TOP(snapshots.policy.hourly),
     0, 1e6, NULL, NULL, 0},
    {"daily", FFD_KEY_U64, FFD_CHANGE_RUNTIME, TOP(snapshots.policy.daily),
     0, 1e6, NULL, NULL, 0},
    {"limit", FFD_KEY_BYTES, FFD_CHANGE_RUNTIME, TOP(snapshots.policy.limit),
     0, COUNT_MAX, NULL, NULL, 0},
    {0},
};

static const struct ffd_key model_keys[] = {
    {"input", FFD_KEY_OTHER, FFD_CHANGE_MODEL, 0, 0, 0, NULL, NULL, 0},
    {"stream", FFD_KEY_OTHER, FFD_CHANGE_MODEL, 0, 0, 0, NULL, NULL, 0},
    {"classes", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.classes),
     1, FF_CLASSES_MAX, NULL, NULL, 0},
    {"objective", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.objective),
     0, 0, objectives, NULL, 0},
    {"pattern", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.pattern),
     0, 0, patterns, NULL, 0},
    {"pattern_weight", FFD_KEY_FLOAT, FFD_CHANGE_MODEL,
     MODEL(spec.pattern_weight), 0, FFD_FLOAT_MAX, NULL, NULL, 0},
    {"answer", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.answer),
     0, 0, answers, NULL, 0},
    {"calibration", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.calibration),
     0, COUNT_MAX, NULL, NULL, 0},
    {"fit_every", FFD_KEY_U64, FFD_CHANGE_RUNTIME, MODEL(spec.fit_every),
     1, COUNT_MAX, NULL, NULL, 0},
    {"pseudo_label", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME,
     MODEL(spec.pseudo_label), 0, FFD_FLOAT_MAX, NULL, NULL, 0},
    {"late_labels", FFD_KEY_OTHER, FFD_CHANGE_MODEL, 0, 0, 0, NULL, NULL, 0},
    {"drift", FFD_KEY_OTHER, FFD_CHANGE_RUNTIME, 0, 0, 0, NULL, NULL, 0},
    {"novelty", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(novelty),
     0, 1, NULL, NULL, 0},
    {"goodness", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.goodness),
     0, 0, goodnesses, NULL, 0},
    {"layers", FFD_KEY_OTHER, FFD_CHANGE_MODEL, MODEL(spec.units),
     0, 0, NULL, NULL, 0},
    {"heads", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.heads),
     0, 0, heads, NULL, 0},
    {"normalise", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.normalise),
     0, 0, normalises, NULL, 0},
    {"update", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.update),
     0, 0, updates, NULL, 0},
    {"batch", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.batch),
     1, FF_BATCH_MAX, NULL, NULL, 0},
    {"memory", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.memory),
     0, COUNT_MAX, NULL, NULL, 0},
    {"seed", FFD_KEY_U64, FFD_CHANGE_MODEL, MODEL(spec.seed),
     0, COUNT_MAX, NULL, NULL, 0},
    {"loss", FFD_KEY_CHOICE, FFD_CHANGE_RUNTIME, MODEL(spec.loss),
     0, 0, losses, NULL, 0},
    {"awake", FFD_KEY_CHOICE, FFD_CHANGE_RUNTIME, MODEL(spec.awake),
     0, 0, awakes, NULL, 0},
    {"asleep", FFD_KEY_CHOICE, FFD_CHANGE_RUNTIME, MODEL(spec.asleep),
     0, 0, asleeps, NULL, 0},
    {"negatives", FFD_KEY_CHOICE, FFD_CHANGE_RUNTIME, MODEL(spec.negatives),
     0, 0, negatives, NULL, 0},
    {"lr", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.lr),
     0, FFD_FLOAT_MAX, NULL, "auto", 0},
    {"vlr", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.vlr),
     0, FFD_FLOAT_MAX, NULL, "auto", 0},
    {"margin", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.margin),
     0, FFD_FLOAT_MAX, NULL, "auto", -1},
    {"theta", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.theta),
     0, FFD_FLOAT_MAX, NULL, "auto", 0},
    {"theta_false", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.theta_false),
     0, FFD_FLOAT_MAX, NULL, "auto", 0},
    {"temperature", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.temperature),
     0, FFD_FLOAT_MAX, NULL, "auto", 0},
    {"peer", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.peer),
     0, FFD_FLOAT_MAX, NULL, "auto", -1},
    {"anneal", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.anneal),
     0, FFD_FLOAT_MAX, NULL, "auto", -1},
    {"weight_decay", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME,
     MODEL(spec.weight_decay), 0, FFD_FLOAT_MAX, NULL, "auto", -1},
    {"average", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.average),
     0, FFD_FLOAT_MAX, NULL, NULL, 0},
    {"recent", FFD_KEY_SIZE, FFD_CHANGE_RUNTIME, MODEL(spec.recent),
     0, COUNT_MAX, NULL, NULL, 0},
    {"sleep", FFD_KEY_OTHER, FFD_CHANGE_RUNTIME, 0, 0, 0, NULL, NULL, 0},
    {"overload", FFD_KEY_CHOICE, FFD_CHANGE_RUNTIME, MODEL(overload),
     0, 0, overloads, NULL, 0},
    {"sample_keep", FFD_KEY_U64, FFD_CHANGE_RUNTIME, MODEL(sample_keep),
     1, 1e6, NULL, NULL, 0},
    {"inbox", FFD_KEY_U64, FFD_CHANGE_RESTART, MODEL(inbox),
     1, 1 << 20, NULL, "auto", 0},
    {"follows", FFD_KEY_MODEL, FFD_CHANGE_RESTART, MODEL(follows),
     0, 0, NULL, NULL, 0},
    {0},
};

static const struct ffd_key input_keys[] = {
    {"shape", FFD_KEY_OTHER, FFD_CHANGE_MODEL, MODEL(spec.shape),
     0, 0, NULL, NULL, 0},
    {"dtype", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.dtype),
     0, 0, dtypes, NULL, 0},
    {"mean", FFD_KEY_OTHER, FFD_CHANGE_MODEL, MODEL(spec.mean),
     0, 0, NULL, NULL, 0},
    {"scale", FFD_KEY_OTHER, FFD_CHANGE_MODEL, MODEL(spec.scale),
     0, 0, NULL, NULL, 0},
    {0},
};

static const struct ffd_key stream_keys[] = {
    {"keys", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.stream.keys),
     1, FF_KEYS_MAX, NULL, NULL, 0},
    {"missing", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.stream.missing),
     0, 0, missings, NULL, 0},
    {"decimate", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.stream.decimate),
     1, FF_DECIMATE_MAX, NULL, NULL, 0},
    {"standardise", FFD_KEY_CHOICE, FFD_CHANGE_MODEL,
     MODEL(spec.stream.standardise), 0, 0, standards, NULL, 0},
    {"horizon", FFD_KEY_U64, FFD_CHANGE_MODEL, MODEL(spec.stream.horizon),
     2, COUNT_MAX, NULL, NULL, 0},
    {"length", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.stream.length),
     1, FF_LENGTH_MAX, NULL, NULL, 0},
    {"stride", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.stream.stride),
     0, COUNT_MAX, NULL, NULL, 0},
    {"features", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.stream.features),
     0, 0, features, NULL, 0},
    {"sound", FFD_KEY_CHOICE, FFD_CHANGE_MODEL, MODEL(spec.stream.sound),
     0, 0, sounds, NULL, 0},
    {"rate", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.stream.rate),
     100, 1e6, NULL, NULL, 0},
    {"span", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.stream.span),
     16, FF_LENGTH_MAX, NULL, "auto", 0},
    {"bands", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.stream.bands),
     1, BANDS_MAX, NULL, NULL, 0},
    {"coefficients", FFD_KEY_SIZE, FFD_CHANGE_MODEL,
     MODEL(spec.stream.coefficients), 1, BANDS_MAX, NULL, NULL, 0},
    /* 0, or from some number on: lib alone can say so */
    {"anomaly", FFD_KEY_FLOAT, FFD_CHANGE_MODEL, MODEL(spec.stream.anomaly),
     -FFD_FLOAT_MAX, FFD_FLOAT_MAX, NULL, NULL, 0},
    {"neighbours", FFD_KEY_SIZE, FFD_CHANGE_MODEL,
     MODEL(spec.stream.neighbours), 1, FF_NEAR_MAX, NULL, NULL, 0},
    {"windows", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.stream.windows),
     1, FF_WINDOWS_MAX, NULL, NULL, 0},
    {"orders", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.stream.orders),
     1, FF_ORDERS_MAX, NULL, NULL, 0},
    {"words", FFD_KEY_OTHER, FFD_CHANGE_MODEL, MODEL(spec.stream.words),
     0, 0, NULL, NULL, 0},
    {"rows", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.stream.rows),
     64, FF_ROWS_MAX, NULL, NULL, 0},
    {0},
};

static const struct ffd_key late_keys[] = {
    {"frames", FFD_KEY_SIZE, FFD_CHANGE_MODEL, MODEL(spec.pending),
     0, COUNT_MAX, NULL, NULL, 0},
    {"age", FFD_KEY_U64, FFD_CHANGE_RUNTIME, MODEL(spec.pending_age),
     0, COUNT_MAX, NULL, NULL, 0},
    {0},
};

static const struct ffd_key drift_keys[] = {
    {"reaction", FFD_KEY_CHOICE, FFD_CHANGE_RUNTIME, MODEL(spec.drift),
     0, 0, reactions, NULL, 0},
    {"boost", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.drift_boost),
     0, FFD_FLOAT_MAX, NULL, NULL, 0},
    {"frames", FFD_KEY_U64, FFD_CHANGE_RUNTIME, MODEL(spec.drift_frames),
     0, COUNT_MAX, NULL, NULL, 0},
    {0},
};

static const struct ffd_key sleep_keys[] = {
    {"every", FFD_KEY_U64, FFD_CHANGE_RUNTIME, MODEL(spec.sleep.every),
     1, COUNT_MAX, NULL, NULL, 0},
    {"exhausted", FFD_KEY_U64, FFD_CHANGE_RUNTIME, MODEL(spec.sleep.exhausted),
     1, COUNT_MAX, NULL, NULL, 0},
    {"replay", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.sleep.replay),
     0, FFD_FLOAT_MAX, NULL, "auto", -1},
    {"confusions", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME,
     MODEL(spec.sleep.confusions), 0, FFD_FLOAT_MAX, NULL, NULL, 0},
    {"dreams", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.sleep.dreams),
     0, FFD_FLOAT_MAX, NULL, NULL, 0},
    {"jitter", FFD_KEY_INT, FFD_CHANGE_RUNTIME, MODEL(spec.sleep.jitter),
     0, 64, NULL, NULL, 0},
    {"warp", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.sleep.warp),
     0, FFD_FLOAT_MAX, NULL, NULL, 0},
    {"flip", FFD_KEY_CHOICE, FFD_CHANGE_RUNTIME, MODEL(spec.sleep.flip),
     0, 0, switches, NULL, 0},
    {"cutout", FFD_KEY_FLOAT, FFD_CHANGE_RUNTIME, MODEL(spec.sleep.cutout),
     0, FFD_FLOAT_MAX, NULL, NULL, 0},
    {"quiet_ms", FFD_KEY_U64, FFD_CHANGE_RUNTIME, MODEL(quiet_ms),
     0, 1e12, NULL, NULL, 0},
    {0},
};
/* clang-format on */

const struct ffd_key *ffd_keys(enum ffd_section section)
{
    switch (section) {
    case FFD_SECTION_TOP:
        return top_keys;
    case FFD_SECTION_TLS:
        return tls_keys;
    case FFD_SECTION_JOURNAL:
        return journal_keys;
    case FFD_SECTION_SNAPSHOTS:
        return snapshots_keys;
    case FFD_SECTION_MODEL:
        return model_keys;
    case FFD_SECTION_INPUT:
        return input_keys;
    case FFD_SECTION_STREAM:
        return stream_keys;
    case FFD_SECTION_SLEEP:
        return sleep_keys;
    case FFD_SECTION_LATE:
        return late_keys;
    case FFD_SECTION_DRIFT:
        return drift_keys;
    case FFD_SECTIONS:
        break;
    }
    return NULL;
}

const struct ffd_key *ffd_key_find(enum ffd_section section, const char *name)
{
    for (const struct ffd_key *k = ffd_keys(section); k->name; k++) {
        if (strcmp(k->name, name) == 0)
            return k;
    }
    return NULL;
}

const char *ffd_key_word(enum ffd_section section, const char *name,
                         const void *base)
{
    const struct ffd_key *key = ffd_key_find(section, name);
    int value;

    memcpy(&value, (const char *)base + key->offset, sizeof(value));
    return key->choices[value];
}

bool ffd_key_same(const struct ffd_key *key, const void *a, const void *b)
{
    const char *x = (const char *)a + key->offset;
    const char *y = (const char *)b + key->offset;

    switch (key->kind) {
    case FFD_KEY_U64:
    case FFD_KEY_BYTES:
        return memcmp(x, y, sizeof(uint64_t)) == 0;
    case FFD_KEY_SIZE:
        return memcmp(x, y, sizeof(size_t)) == 0;
    case FFD_KEY_INT:
    case FFD_KEY_CHOICE:
        return memcmp(x, y, sizeof(int)) == 0;
    case FFD_KEY_FLOAT:
        return memcmp(x, y, sizeof(float)) == 0;
    case FFD_KEY_MODEL:
    case FFD_KEY_PATH:
        return strcmp(x, y) == 0;
    case FFD_KEY_OTHER:
        return true;
    }
    return true;
}
