/*
 * model_config.c -- a model's own part of the configuration, or of a
 * create_model.
 */
#include "daemon/model_config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "daemon/keyread.h"
#include "daemon/stream.h"
#include "proto/text.h"

#define BATCH_BYTES_MAX ((size_t)512 << 20) /* one record of the journal */
#define STREAM_KEYS     64

void ffd_model_config_init(struct ffd_model_config *m)
{
    memset(m, 0, sizeof(*m));
    ff_spec_init(&m->spec);
    m->overload = FFD_OVERLOAD_BLOCK;
    m->sample_keep = 4;
    m->inbox = 0;
    m->quiet_ms = 200;
    m->novelty = 0.01f;
}

static int read_shape(struct ffd_yaml *y, yaml_node_t *shape,
                      struct ff_spec *spec)
{
    size_t n = ffd_yaml_size(shape);

    if (shape->type != YAML_SEQUENCE_NODE || n < 1 || n > 3)
        return ffd_yaml_fail(y, shape, "input.shape",
                             "must be [length], [height, width] or [height, "
                             "width, channels]");
    spec->shape[0] = spec->shape[1] = spec->shape[2] = 1;
    spec->image = n > 1;
    for (size_t i = 0; i < n; i++) {
        char path[FFD_YAML_PATH_MAX];
        uint64_t v = 0;

        snprintf(path, sizeof(path), "input.shape[%zu]", i);
        if (ffd_read_whole(y, ffd_yaml_item(y, shape, i), path, 1,
                           FFP_MAX_MESSAGE_BYTES, &v) < 0)
            return -1;
        spec->shape[i] = (size_t)v;
    }
    return 0;
}

/* A number for all channels, or one for each; [] leaves what there is. */
static int read_channels(struct ffd_yaml *y, yaml_node_t *node,
                         const char *path, double least,
                         const struct ff_spec *spec, float *out, bool *given)
{
    const struct ffd_key number = {
        .kind = FFD_KEY_FLOAT, .min = least, .max = 1e9};
    size_t channels = spec->shape[2], n;

    if (!node || (node->type == YAML_SEQUENCE_NODE && ffd_yaml_size(node) == 0))
        return 0;
    n = node->type == YAML_SEQUENCE_NODE ? ffd_yaml_size(node) : 1;
    if (channels > FF_CHANNELS_MAX ||
        (node->type == YAML_SEQUENCE_NODE && n != channels))
        return ffd_yaml_fail(y, node, path,
                             "must be a number, or a list of one for each of "
                             "the %zu channels, at most %d",
                             channels, FF_CHANNELS_MAX);
    for (size_t c = 0; c < channels; c++) {
        yaml_node_t *value =
            node->type == YAML_SEQUENCE_NODE ? ffd_yaml_item(y, node, c) : node;

        if (ffd_key_read(y, value, path, &number, &out[c]) < 0)
            return -1;
    }
    *given = true;
    return 0;
}

static int read_scale(struct ffd_yaml *y, yaml_node_t *input,
                      struct ff_spec *spec)
{
    bool given = false;
    float mean[FF_CHANNELS_MAX] = {0}, scale[FF_CHANNELS_MAX];

    for (size_t c = 0; c < FF_CHANNELS_MAX; c++)
        scale[c] = 1;
    if (read_channels(y, ffd_yaml_get(y, input, "mean"), "input.mean", -1e9,
                      spec, mean, &given) < 0 ||
        read_channels(y, ffd_yaml_get(y, input, "scale"), "input.scale", 1e-9,
                      spec, scale, &given) < 0)
        return -1;
    for (size_t c = 0; given && c < spec->shape[2]; c++) {
        spec->mean[c] = mean[c];
        spec->scale[c] = scale[c];
    }
    return 0;
}

/* What was read is a sample; each of its values is a channel of windows. */
static void make_sample(struct ff_spec *spec)
{
    memcpy(spec->stream.shape, spec->shape, sizeof(spec->shape));
    spec->shape[2] = ff_spec_inputs(spec);
    spec->shape[0] = spec->shape[1] = 1;
}

/* Mean and scale are of frames, by channel. */
static int check_scaled(struct ffd_yaml *y, yaml_node_t *input,
                        const struct ff_spec *spec)
{
    const struct ff_stream_spec *s = &spec->stream;

    if (s->keys == 0 || spec->scale[0] == 0 ||
        (s->features == FF_FEATURES_RAW && s->sound == FF_SOUND_NONE))
        return 0;
    return ffd_yaml_fail(
        y, input, "input.scale",
        "and mean are of windows as they are (stream.features: "
        "raw, without sound); there is stream.standardise");
}

static int read_input(struct ffd_yaml *y, yaml_node_t *map,
                      struct ffd_model_config *m)
{
    yaml_node_t *input = ffd_yaml_get(y, map, "input"), *shape;
    bool stream = m->spec.stream.keys > 0;

    if (!input)
        return ffd_yaml_fail(y, map, "input",
                             "is missing; a model needs one, as in input: "
                             "{shape: [28, 28], dtype: u8}");
    if (input->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, input, "input",
                             "must be a map, as in {shape: [28, 28], dtype: "
                             "u8}");
    if (ffd_keys_known(y, input, "input", FFD_SECTION_INPUT) < 0)
        return -1;
    shape = ffd_yaml_get(y, input, "shape");
    if (!shape)
        return ffd_yaml_fail(y, input, "input.shape", "is missing");
    if (read_shape(y, shape, &m->spec) < 0)
        return -1;
    if (stream)
        make_sample(&m->spec);
    if (read_scale(y, input, &m->spec) < 0 ||
        check_scaled(y, input, &m->spec) < 0 ||
        ffd_keys_read(y, input, "input", FFD_SECTION_INPUT, m) < 0)
        return -1;
    if (!stream && m->spec.dtype == FF_I16)
        return ffd_yaml_fail(y, ffd_yaml_get(y, input, "dtype"), "input.dtype",
                             "i16 is of samples alone; it needs stream");
    if (stream) { /* frames of it have a dtype of their own */
        m->spec.stream.dtype = m->spec.dtype;
        m->spec.dtype = FF_F32;
    }
    return 0;
}

static int read_words(struct ffd_yaml *y, yaml_node_t *stream, bool *words)
{
    static const char *const switches[] = {"off", "on", NULL};
    const struct ffd_key key = {.kind = FFD_KEY_CHOICE, .choices = switches};
    yaml_node_t *value = ffd_yaml_get(y, stream, "words");
    int on = *words;

    if (value && ffd_key_read(y, value, "stream.words", &key, &on) < 0)
        return -1;
    *words = on;
    return 0;
}

/* What a model of symbols is made of is for stream.orders and .words to say.
   What came it need not be told again asleep: each context was counted. */
static int read_symbols(struct ffd_yaml *y, yaml_node_t *map,
                        struct ffd_model_config *m)
{
    yaml_node_t *layers = ffd_yaml_get(y, map, "layers");
    yaml_node_t *objective = ffd_yaml_get(y, map, "objective");
    yaml_node_t *stream = ffd_yaml_get(y, map, "stream");

    if (layers)
        return ffd_yaml_fail(y, layers, "layers",
                             "a model of symbols (stream.features) has those "
                             "that stream.orders and stream.words say; leave "
                             "layers out");
    if (objective && m->spec.objective != FF_SEQUENCE)
        return ffd_yaml_fail(y, objective, "objective",
                             "must be sequence with stream.features: symbols, "
                             "or be left out");
    if (m->spec.stream.anomaly > 0)
        return ffd_yaml_fail(y, ffd_yaml_get(y, stream, "anomaly"),
                             "stream.anomaly",
                             "is of windows; of symbols the bits that each "
                             "took tell, so leave it out");
    return 0;
}

/* What windows of a stream are is not known, so nothing is moved about in them
   in sleep unless somebody says so. */
static int read_stream(struct ffd_yaml *y, yaml_node_t *map,
                       struct ffd_model_config *m)
{
    yaml_node_t *stream = ffd_yaml_get(y, map, "stream");

    if (!stream || ffd_is_none(stream))
        return 0;
    m->spec.stream.keys = STREAM_KEYS;
    m->spec.sleep.jitter = 0;
    m->spec.sleep.warp = 0;
    if (stream->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, stream, "stream",
                             "must be a map, as in {length: 128, stride: 64}, "
                             "or ~ for none");
    if (ffd_section_read(y, map, "stream", FFD_SECTION_STREAM, m) < 0)
        return -1;
    if (read_words(y, stream, &m->spec.stream.words) < 0)
        return -1;
    return ffd_stream_of_symbols(&m->spec) ? read_symbols(y, map, m) : 0;
}

/* What a layer may hold beside its kind. */
static const struct {
    const char *name;
    size_t at; /* in struct ff_conv_spec */
    double least, most;
} windows[] = {
#define WINDOW(field, least, most)                                             \
    {                                                                          \
#field, offsetof(struct ff_conv_spec, field), least, most              \
    }
    WINDOW(kernel, 1, FF_KERNEL_MAX), WINDOW(stride, 1, FF_KERNEL_MAX),
    WINDOW(pad, 0, FF_KERNEL_MAX),    WINDOW(pool, 1, FF_KERNEL_MAX),
    WINDOW(groups, 1, FF_UNITS_MAX),  WINDOW(grid, 1, FF_GRID_MAX),
#undef WINDOW
};

enum kind { DENSE, CONV, RECURRENT, KINDS };
static const char *const kinds[] = {"dense", "conv", "recurrent"};

static bool has_window(enum kind kind, const char *key)
{
    return kind == CONV || (kind == RECURRENT && (strcmp(key, "pool") == 0 ||
                                                  strcmp(key, "grid") == 0));
}

/* A key of a layer that is not its kind. */
static int read_layer_key(struct ffd_yaml *y, yaml_node_t *key,
                          yaml_node_t *value, struct ff_spec *spec, size_t i,
                          enum kind kind)
{
    char path[FFD_YAML_PATH_MAX];
    const char *name = ffd_yaml_text(key);
    uint64_t v = 0;

    snprintf(path, sizeof(path), "layers[%zu].%.32s", i, name ? name : "");
    if (name && strcmp(name, "freeze") == 0)
        return ffd_read_whole(y, value, path, 1, UINT64_C(1) << 53,
                              &spec->freeze[i]);
    for (size_t w = 0; name && w < sizeof(windows) / sizeof(*windows); w++) {
        if (strcmp(name, windows[w].name) != 0)
            continue;
        if (!has_window(kind, name))
            return ffd_yaml_fail(y, key, path,
                                 has_window(RECURRENT, name)
                                     ? "is of conv and recurrent layers alone"
                                     : "is of conv layers alone");
        if (ffd_read_whole(y, value, path, windows[w].least, windows[w].most,
                           &v) < 0)
            return -1;
        *(size_t *)((char *)&spec->conv[i] + windows[w].at) = (size_t)v;
        return 0;
    }
    return ffd_yaml_fail(y, key, path,
                         "is not known; a layer has dense, conv or recurrent, "
                         "and may have freeze, a conv layer kernel, stride, "
                         "pad, pool, groups, grid, a recurrent one pool, grid");
}

/* The value of the one key that says what kind it is; NULL: none, or two. */
static yaml_node_t *find_kind(struct ffd_yaml *y, yaml_node_t *layer,
                              enum kind *kind)
{
    yaml_node_t *units = NULL;
    size_t found = 0;

    for (int k = 0; k < KINDS; k++) {
        yaml_node_t *value = ffd_yaml_get(y, layer, kinds[k]);

        if (!value)
            continue;
        *kind = (enum kind)k;
        units = value;
        found++;
    }
    return found == 1 ? units : NULL;
}

static int read_layer(struct ffd_yaml *y, yaml_node_t *layer,
                      struct ff_spec *spec, size_t i)
{
    yaml_node_t *key, *value, *size;
    struct ff_conv_spec *c = &spec->conv[i];
    char path[FFD_YAML_PATH_MAX];
    uint64_t units = 0;
    enum kind kind = DENSE;

    snprintf(path, sizeof(path), "layers[%zu]", i);
    if (layer->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, layer, path,
                             "must be a layer, as in {dense: 500} or {conv: "
                             "32, kernel: 5, pool: 2}");
    size = find_kind(y, layer, &kind);
    if (!size)
        return ffd_yaml_fail(y, layer, path,
                             "must be of one kind, dense, conv or recurrent, "
                             "as in {dense: 500} or {conv: 32, kernel: 5, "
                             "pool: 2}");
    snprintf(path, sizeof(path), "layers[%zu].%s", i, kinds[kind]);
    if (ffd_read_whole(y, size, path, 1, FF_UNITS_MAX, &units) < 0)
        return -1;
    spec->units[i] = (size_t)units;
    spec->recurrent[i] = kind == RECURRENT;
    if (kind == CONV)
        *c = (struct ff_conv_spec){.kernel = 3, .pad = SIZE_MAX};
    for (size_t k = 0; k < ffd_yaml_size(layer); k++) {
        ffd_yaml_pair(y, layer, k, &key, &value);
        if (value != size && read_layer_key(y, key, value, spec, i, kind) < 0)
            return -1;
    }
    if (kind == CONV && c->pad == SIZE_MAX)
        c->pad = c->kernel / 2;
    return 0;
}

static int read_layers(struct ffd_yaml *y, yaml_node_t *layers,
                       struct ff_spec *spec)
{
    size_t n = ffd_yaml_size(layers);

    if (layers->type != YAML_SEQUENCE_NODE || n < 1 || n > FF_LAYERS_MAX)
        return ffd_yaml_fail(y, layers, "layers",
                             "must be a list of 1 to %d layers, as in [{dense: "
                             "500}, {dense: 500}]",
                             FF_LAYERS_MAX);
    memset(spec->units, 0, sizeof(spec->units));
    memset(spec->conv, 0, sizeof(spec->conv));
    memset(spec->recurrent, 0, sizeof(spec->recurrent));
    memset(spec->freeze, 0, sizeof(spec->freeze));
    spec->layers = n;
    for (size_t i = 0; i < n; i++)
        if (read_layer(y, ffd_yaml_item(y, layers, i), spec, i) < 0)
            return -1;
    return 0;
}

static int read_sleep(struct ffd_yaml *y, yaml_node_t *sleep,
                      struct ffd_model_config *m)
{
    const char *word = ffd_yaml_text(sleep);

    if (word && strcmp(word, "off") == 0) {
        m->spec.sleep.every = 0;
        return 0;
    }
    if (sleep->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, sleep, "sleep",
                             "must be a map, as in {every: 512}, or off");
    if (ffd_keys_known(y, sleep, "sleep", FFD_SECTION_SLEEP) < 0 ||
        ffd_keys_read(y, sleep, "sleep", FFD_SECTION_SLEEP, m) < 0)
        return -1;
    /* Who only says `every` keeps the default's proportion. */
    if (ffd_yaml_get(y, sleep, "every") && !ffd_yaml_get(y, sleep, "exhausted"))
        m->spec.sleep.exhausted = 4 * m->spec.sleep.every;
    return 0;
}

/* The checker's sentence begins with the option's name: find its line. */
static int check_spec(struct ffd_yaml *y, yaml_node_t *map,
                      struct ff_spec *spec)
{
    char why[FF_WHY_MAX];

    if (ff_spec_check(spec, why) == FF_OK)
        return 0;
    return ffd_yaml_fail(y, ffd_yaml_follow(y, map, why), NULL, "%s", why);
}

/* Frames go over the wire as well, to be asked about and as dreams. */
static int check_bytes(struct ffd_yaml *y, yaml_node_t *map,
                       const struct ff_spec *spec)
{
    size_t sample = ff_spec_sample_bytes(spec);

    if (sample > FFP_MAX_MESSAGE_BYTES / 2)
        return ffd_yaml_fail(y, ffd_yaml_get(y, map, "input"), "input.shape",
                             "a frame may have at most %d bytes",
                             FFP_MAX_MESSAGE_BYTES / 2);
    if (ff_spec_frame_bytes(spec) > FFP_MAX_MESSAGE_BYTES / 2)
        return ffd_yaml_fail(y, ffd_yaml_get(y, map, "stream"), "stream.length",
                             "a window may have at most %d bytes",
                             FFP_MAX_MESSAGE_BYTES / 2);
    if (spec->batch * sample > BATCH_BYTES_MAX)
        return ffd_yaml_fail(y, ffd_yaml_get(y, map, "batch"), "batch",
                             "a micro-batch may have at most %zu bytes, these "
                             "frames have %zu each",
                             BATCH_BYTES_MAX, sample);
    return 0;
}

int ffd_model_config_read(struct ffd_yaml *y, yaml_node_t *map,
                          struct ffd_model_config *m)
{
    yaml_node_t *layers, *sleep;

    ffd_model_config_init(m);
    if (!map || map->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, map, NULL,
                             "a model must be a map with at least input");
    if (ffd_keys_known(y, map, "", FFD_SECTION_MODEL) < 0 ||
        ffd_keys_read(y, map, "", FFD_SECTION_MODEL, m) < 0 ||
        read_stream(y, map, m) < 0 || read_input(y, map, m) < 0)
        return -1;
    layers = ffd_yaml_get(y, map, "layers");
    if (layers && read_layers(y, layers, &m->spec) < 0)
        return -1;
    sleep = ffd_yaml_get(y, map, "sleep");
    if (sleep && read_sleep(y, sleep, m) < 0)
        return -1;
    if (ffd_section_read(y, map, "late_labels", FFD_SECTION_LATE, m) < 0 ||
        ffd_section_read(y, map, "drift", FFD_SECTION_DRIFT, m) < 0 ||
        check_spec(y, map, &m->spec) < 0)
        return -1;
    return check_bytes(y, map, &m->spec);
}

int ffd_model_config_parse(struct ffd_model_config *m, const char *name,
                           const char *text, size_t n,
                           char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_yaml y;
    int rc;

    if (ffd_yaml_init(&y, name, text, n, why, FFD_CONFIG_WHY_MAX) < 0)
        return -1;
    rc = ffd_model_config_read(&y, ffd_yaml_root(&y), m);
    ffd_yaml_release(&y);
    if (rc < 0)
        ffp_text_mend(why);
    return rc;
}
