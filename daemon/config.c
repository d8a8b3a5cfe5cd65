#include "daemon/config.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/follow.h"
#include "daemon/keyread.h"
#include "proto/text.h"

#define BATCH_BYTES_MAX ((size_t)512 << 20) /* one record of the journal */

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

void ffd_config_init(struct ffd_config *c)
{
    memset(c, 0, sizeof(*c));
    snprintf(c->listen[0], sizeof(c->listen[0]), "unix:/run/ffd/ffd.sock");
    c->listens = 1;
    snprintf(c->http, sizeof(c->http), "tcp:127.0.0.1:7311");
    c->http_pictures = FFD_ON;
    snprintf(c->state, sizeof(c->state), "/var/lib/ffd");
    c->durability = FFD_DURABILITY_NORMAL;
    c->journal_limit = (uint64_t)1 << 30;
    c->log = FFD_LOG_INFO;
    c->memory_limit = FFP_MAX_MEMORY_BYTES;
    c->snapshots.every_s = 60;
    c->snapshots.policy =
        (struct ffd_version_policy){.keep = 3, .hourly = 24, .daily = 7};
}

void ffd_config_release(struct ffd_config *c)
{
    free(c->models);
    c->models = NULL;
    c->n_models = 0;
}

/* ---- a model ----------------------------------------------------------- */

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

static int read_input(struct ffd_yaml *y, yaml_node_t *map,
                      struct ffd_model_config *m)
{
    yaml_node_t *input = ffd_yaml_get(y, map, "input"), *shape;

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
    if (read_scale(y, input, &m->spec) < 0)
        return -1;
    return ffd_keys_read(y, input, "input", FFD_SECTION_INPUT, m);
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

/* A key of a layer that is not its kind. */
static int read_layer_key(struct ffd_yaml *y, yaml_node_t *key,
                          yaml_node_t *value, struct ff_spec *spec, size_t i,
                          bool conv)
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
        if (!conv)
            return ffd_yaml_fail(y, key, path, "is of conv layers alone");
        if (ffd_read_whole(y, value, path, windows[w].least, windows[w].most,
                           &v) < 0)
            return -1;
        *(size_t *)((char *)&spec->conv[i] + windows[w].at) = (size_t)v;
        return 0;
    }
    return ffd_yaml_fail(y, key, path,
                         "is not known; a layer has dense or conv, and may "
                         "have freeze, a conv layer kernel, stride, pad, pool, "
                         "groups, grid");
}

static int read_layer(struct ffd_yaml *y, yaml_node_t *layer,
                      struct ff_spec *spec, size_t i)
{
    yaml_node_t *key, *value, *dense, *conv;
    struct ff_conv_spec *c = &spec->conv[i];
    char path[FFD_YAML_PATH_MAX];
    uint64_t units = 0;

    snprintf(path, sizeof(path), "layers[%zu]", i);
    if (layer->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, layer, path,
                             "must be a layer, as in {dense: 500} or {conv: "
                             "32, kernel: 5, pool: 2}");
    dense = ffd_yaml_get(y, layer, "dense");
    conv = ffd_yaml_get(y, layer, "conv");
    if (!dense == !conv)
        return ffd_yaml_fail(y, layer, path,
                             "must be of one kind, dense or conv, as in "
                             "{dense: 500} or {conv: 32, kernel: 5, pool: 2}");
    snprintf(path, sizeof(path), "layers[%zu].%s", i, conv ? "conv" : "dense");
    if (ffd_read_whole(y, conv ? conv : dense, path, 1, FF_UNITS_MAX, &units) <
        0)
        return -1;
    spec->units[i] = (size_t)units;
    if (conv)
        *c = (struct ff_conv_spec){.kernel = 3, .pad = SIZE_MAX};
    for (size_t k = 0; k < ffd_yaml_size(layer); k++) {
        ffd_yaml_pair(y, layer, k, &key, &value);
        if (value != dense && value != conv &&
            read_layer_key(y, key, value, spec, i, conv != NULL) < 0)
            return -1;
    }
    if (conv && c->pad == SIZE_MAX)
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

/* A map of keys that are all in the table. */
static int read_section(struct ffd_yaml *y, yaml_node_t *map, const char *name,
                        enum ffd_section section, void *base)
{
    yaml_node_t *node = ffd_yaml_get(y, map, name);

    if (!node)
        return 0;
    if (node->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, node, name, "must be a map");
    if (ffd_keys_known(y, node, name, section) < 0)
        return -1;
    return ffd_keys_read(y, node, name, section, base);
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

static int read_model(struct ffd_yaml *y, yaml_node_t *map,
                      struct ffd_model_config *m)
{
    yaml_node_t *layers, *sleep;

    ffd_model_config_init(m);
    if (!map || map->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, map, NULL,
                             "a model must be a map with at least input");
    if (ffd_keys_known(y, map, "", FFD_SECTION_MODEL) < 0 ||
        ffd_keys_read(y, map, "", FFD_SECTION_MODEL, m) < 0 ||
        read_input(y, map, m) < 0)
        return -1;
    layers = ffd_yaml_get(y, map, "layers");
    if (layers && read_layers(y, layers, &m->spec) < 0)
        return -1;
    sleep = ffd_yaml_get(y, map, "sleep");
    if (sleep && read_sleep(y, sleep, m) < 0)
        return -1;
    if (read_section(y, map, "late_labels", FFD_SECTION_LATE, m) < 0 ||
        read_section(y, map, "drift", FFD_SECTION_DRIFT, m) < 0 ||
        check_spec(y, map, &m->spec) < 0)
        return -1;
    if (ff_spec_frame_bytes(&m->spec) > FFP_MAX_MESSAGE_BYTES / 2)
        return ffd_yaml_fail(y, ffd_yaml_get(y, map, "input"), "input.shape",
                             "a frame may have at most %d bytes",
                             FFP_MAX_MESSAGE_BYTES / 2);
    if (m->spec.batch * ff_spec_frame_bytes(&m->spec) > BATCH_BYTES_MAX)
        return ffd_yaml_fail(y, ffd_yaml_get(y, map, "batch"), "batch",
                             "a micro-batch may have at most %zu bytes, these "
                             "frames have %zu each",
                             BATCH_BYTES_MAX, ff_spec_frame_bytes(&m->spec));
    return 0;
}

int ffd_model_config_parse(struct ffd_model_config *m, const char *name,
                           const char *text, size_t n,
                           char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_yaml y;
    int rc;

    if (ffd_yaml_init(&y, name, text, n, why, FFD_CONFIG_WHY_MAX) < 0)
        return -1;
    rc = read_model(&y, ffd_yaml_root(&y), m);
    ffd_yaml_release(&y);
    if (rc < 0)
        ffp_text_mend(why);
    return rc;
}

/* ---- the whole file ------------------------------------------------------ */

/* The checker's sentence begins with the key. */
static int check_followers(struct ffd_yaml *y, yaml_node_t *models,
                           const struct ffd_config *c)
{
    char why[FFD_CONFIG_WHY_MAX];

    for (size_t i = 0; i < c->n_models; i++) {
        const struct ffd_named_model *m = &c->models[i];

        for (size_t j = 0; m->config.follows[0] && j < c->n_models; j++) {
            const struct ffd_named_model *other = &c->models[j];
            yaml_node_t *map = ffd_yaml_get(y, models, m->name);

            if (ffd_follow_check(m->name, &m->config, other->name,
                                 &other->config, why) < 0)
                return ffd_yaml_fail(y, ffd_yaml_follow(y, map, why), NULL,
                                     "%s", why);
        }
    }
    return 0;
}

static int read_models(struct ffd_yaml *y, yaml_node_t *models,
                       struct ffd_config *c)
{
    size_t n = ffd_yaml_size(models);

    if (models->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, models, "models",
                             "must be a map of models by name");
    if (ffd_yaml_keys_once(y, models, "models") < 0)
        return -1;
    c->models = calloc(n ? n : 1, sizeof(*c->models));
    if (!c->models)
        return ffd_yaml_fail(y, models, "models", "out of memory");
    for (size_t i = 0; i < n; i++) {
        struct ffd_named_model *m = &c->models[i];
        yaml_node_t *key, *value;
        const char *name;

        ffd_yaml_pair(y, models, i, &key, &value);
        name = ffd_yaml_text(key);
        if (!ffp_model_name_valid(name, strlen(name)))
            return ffd_yaml_fail(y, key, "models",
                                 "a model's name is 1 to 64 of a-z, 0-9, _ "
                                 "and -, is %.64s",
                                 name);
        memcpy(m->name, name, strlen(name) + 1);
        if (read_model(y, value, &m->config) < 0)
            return -1;
        c->n_models++;
    }
    return check_followers(y, models, c);
}

static int read_address(struct ffd_yaml *y, yaml_node_t *node, const char *path,
                        struct ffd_config *c)
{
    const char *text = ffd_yaml_text(node);
    char why[FFD_CONFIG_WHY_MAX];

    if (!text || strlen(text) >= FFD_ADDRESS_MAX)
        return ffd_yaml_fail(y, node, path,
                             "must be unix:PATH, tcp:HOST:PORT or "
                             "tls:HOST:PORT");
    if (ffd_address_check(text, why) < 0)
        return ffd_yaml_fail(y, node, path, "%s", why);
    memcpy(c->listen[c->listens++], text, strlen(text) + 1);
    return 0;
}

static int read_listen(struct ffd_yaml *y, yaml_node_t *listen,
                       struct ffd_config *c)
{
    size_t n = ffd_yaml_size(listen);

    c->listens = 0;
    if (listen->type == YAML_SCALAR_NODE)
        return read_address(y, listen, "listen", c);
    if (listen->type != YAML_SEQUENCE_NODE || n < 1 || n > FFD_LISTEN_MAX)
        return ffd_yaml_fail(y, listen, "listen",
                             "must be a list of 1 to %d addresses",
                             FFD_LISTEN_MAX);
    for (size_t i = 0; i < n; i++) {
        char path[FFD_YAML_PATH_MAX];

        snprintf(path, sizeof(path), "listen[%zu]", i);
        if (read_address(y, ffd_yaml_item(y, listen, i), path, c) < 0)
            return -1;
    }
    return 0;
}

/* HOST:PORT of this machine, or off. */
static int read_http(struct ffd_yaml *y, yaml_node_t *node,
                     struct ffd_config *c)
{
    const char *text = ffd_yaml_text(node);
    char address[FFD_ADDRESS_MAX], why[FFD_CONFIG_WHY_MAX];

    c->http_given = true;
    c->http[0] = '\0';
    if (text && strcmp(text, "off") == 0)
        return 0;
    if (!text || strlen(text) + sizeof("tcp:") > FFD_ADDRESS_MAX)
        return ffd_yaml_fail(y, node, "http", "must be HOST:PORT, or off");
    snprintf(address, sizeof(address), "tcp:%s", text);
    if (ffd_address_check(address, why) < 0)
        return ffd_yaml_fail(y, node, "http",
                             "must be HOST:PORT of a loopback address, or off, "
                             "is %.64s (ssh -L brings it to another machine)",
                             text);
    memcpy(c->http, address, strlen(address) + 1);
    return 0;
}

/* A section of the file itself. */
static int read_tls(struct ffd_yaml *y, yaml_node_t *tls, struct ffd_config *c)
{
    if (ffd_is_none(tls))
        return 0;
    if (tls->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, tls, "tls",
                             "must be a map, as in {certificate: FILE, key: "
                             "FILE}");
    if (ffd_keys_known(y, tls, "tls", FFD_SECTION_TLS) < 0 ||
        ffd_keys_read(y, tls, "tls", FFD_SECTION_TLS, c) < 0)
        return -1;
    if (!c->tls.certificate[0] == !c->tls.key[0] &&
        (c->tls.certificate[0] || !c->tls.client_ca[0]))
        return 0;
    return ffd_yaml_fail(y, tls, "tls",
                         "certificate and key go together, and client_ca only "
                         "with them");
}

static int read_admin(struct ffd_yaml *y, yaml_node_t *node, const char *path,
                      struct ffd_admin *out)
{
    const char *name = ffd_yaml_text(node);
    const struct passwd *user = NULL;
    const struct group *group = NULL;

    if (name && *name == '@')
        group = getgrnam(name + 1);
    else if (name)
        user = getpwnam(name);
    if (!user && !group)
        return ffd_yaml_fail(y, node, path,
                             "must be a user or @group of this machine, is "
                             "%.64s",
                             name ? name : "a list or a map");
    out->is_group = group != NULL;
    out->id = group ? group->gr_gid : user->pw_uid;
    return 0;
}

static int read_admins(struct ffd_yaml *y, yaml_node_t *admins,
                       struct ffd_config *c)
{
    size_t n = ffd_yaml_size(admins);

    if (ffd_is_none(admins))
        return 0;
    if (admins->type != YAML_SEQUENCE_NODE || n > FFD_ADMINS_MAX)
        return ffd_yaml_fail(y, admins, "admins",
                             "must be a list of at most %d users and @groups, "
                             "or ~ for all who can open the socket",
                             FFD_ADMINS_MAX);
    c->admins_given = true;
    for (; c->n_admins < n; c->n_admins++) {
        char path[FFD_YAML_PATH_MAX];

        snprintf(path, sizeof(path), "admins[%zu]", c->n_admins);
        if (read_admin(y, ffd_yaml_item(y, admins, c->n_admins), path,
                       &c->admins[c->n_admins]) < 0)
            return -1;
    }
    return 0;
}

/* What addresses need may stand above them or below. */
static int check_guarded(struct ffd_yaml *y, yaml_node_t *root,
                         const struct ffd_config *c)
{
    char why[FFD_CONFIG_WHY_MAX], path[FFD_YAML_PATH_MAX];

    for (size_t i = 0; i < c->listens; i++) {
        snprintf(path, sizeof(path), "listen[%zu]", i);
        if (ffd_address_guarded(c->listen[i], c, why) < 0)
            return ffd_yaml_fail(y, ffd_yaml_follow(y, root, path), path, "%s",
                                 why);
    }
    return 0;
}

static int read_top(struct ffd_yaml *y, struct ffd_config *c)
{
    yaml_node_t *root = ffd_yaml_root(y), *node;
    const char *state;

    if (!root)
        return 0; /* an empty file: all defaults */
    if (root->type != YAML_MAPPING_NODE)
        return ffd_yaml_fail(y, root, NULL, "must be a map of options");
    if (ffd_keys_known(y, root, "", FFD_SECTION_TOP) < 0 ||
        ffd_keys_read(y, root, "", FFD_SECTION_TOP, c) < 0)
        return -1;
    if (read_section(y, root, "journal", FFD_SECTION_JOURNAL, c) < 0 ||
        read_section(y, root, "snapshots", FFD_SECTION_SNAPSHOTS, c) < 0)
        return -1;
    node = ffd_yaml_get(y, root, "listen");
    if (node && read_listen(y, node, c) < 0)
        return -1;
    node = ffd_yaml_get(y, root, "http");
    if (node && read_http(y, node, c) < 0)
        return -1;
    node = ffd_yaml_get(y, root, "admins");
    if (node && read_admins(y, node, c) < 0)
        return -1;
    node = ffd_yaml_get(y, root, "tls");
    if (node && read_tls(y, node, c) < 0)
        return -1;
    if (check_guarded(y, root, c) < 0)
        return -1;
    node = ffd_yaml_get(y, root, "state");
    if (node) {
        state = ffd_yaml_text(node);
        if (!state || !*state || strlen(state) >= FFD_STATE_MAX)
            return ffd_yaml_fail(y, node, "state",
                                 "must be the path of a directory");
        memcpy(c->state, state, strlen(state) + 1);
    }
    node = ffd_yaml_get(y, root, "models");
    return node ? read_models(y, node, c) : 0;
}

int ffd_config_parse(struct ffd_config *c, const char *name, const char *text,
                     size_t n, char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_yaml y;
    int rc;

    if (ffd_yaml_init(&y, name, text, n, why, FFD_CONFIG_WHY_MAX) < 0)
        return -1;
    rc = read_top(&y, c);
    ffd_yaml_release(&y);
    if (rc < 0)
        ffp_text_mend(why);
    return rc;
}

int ffd_config_load(struct ffd_config *c, const char *path,
                    char why[FFD_CONFIG_WHY_MAX])
{
    const char *slash = strrchr(path, '/');
    char *text = NULL;
    int rc = -1;
    size_t n;
    FILE *f;

    f = fopen(path, "re");
    if (!f) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "%.200s: %s", path, strerror(errno));
        return -1;
    }
    text = malloc(FFD_CONFIG_BYTES_MAX);
    n = text ? fread(text, 1, FFD_CONFIG_BYTES_MAX, f) : 0;
    if (!text || ferror(f))
        snprintf(why, FFD_CONFIG_WHY_MAX, "%.200s: cannot be read", path);
    else if (n == FFD_CONFIG_BYTES_MAX)
        snprintf(why, FFD_CONFIG_WHY_MAX, "%.200s: larger than 1 MiB", path);
    else
        rc = ffd_config_parse(c, slash ? slash + 1 : path, text, n, why);
    free(text);
    fclose(f);
    return rc;
}
