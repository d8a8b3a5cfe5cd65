#include "daemon/config.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/follow.h"
#include "daemon/keyread.h"
#include "daemon/model_config.h"
#include "proto/text.h"

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
        if (ffd_model_config_read(y, value, &m->config) < 0)
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
    if (ffd_section_read(y, root, "journal", FFD_SECTION_JOURNAL, c) < 0 ||
        ffd_section_read(y, root, "snapshots", FFD_SECTION_SNAPSHOTS, c) < 0)
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
