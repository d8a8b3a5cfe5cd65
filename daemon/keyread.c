#include "daemon/keyread.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

#define SHOWN 32 /* characters of a wrong value that are shown */

static const char *shown(const yaml_node_t *value)
{
    const char *text = ffd_yaml_text(value);

    if (text)
        return text;
    return value && value->type == YAML_SEQUENCE_NODE ? "a list" : "a map";
}

static void put_u64(const struct ffd_key *key, void *into, uint64_t v)
{
    char *at = (char *)into + key->offset;
    size_t size = (size_t)v;
    int whole = (int)v;

    if (key->kind == FFD_KEY_SIZE)
        memcpy(at, &size, sizeof(size));
    else if (key->kind == FFD_KEY_INT)
        memcpy(at, &whole, sizeof(whole));
    else
        memcpy(at, &v, sizeof(v));
}

int ffd_read_whole(struct ffd_yaml *y, yaml_node_t *value, const char *path,
                   double min, double max, uint64_t *out)
{
    const char *text = ffd_yaml_plain(value);
    char *end = NULL;

    errno = 0;
    if (text && *text >= '0' && *text <= '9')
        *out = strtoull(text, &end, 10);
    if (!end || *end || errno || (double)*out < min || (double)*out > max)
        return ffd_yaml_fail(y, value, path,
                             "must be a whole number from %.0f to %.0f, is "
                             "%.*s",
                             min, max, SHOWN, shown(value));
    return 0;
}

static int read_bytes(struct ffd_yaml *y, yaml_node_t *value, const char *path,
                      const struct ffd_key *key, void *into)
{
    static const struct {
        const char *unit;
        unsigned shift;
    } units[] = {{"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
    const char *text = ffd_yaml_text(value);
    char *end = NULL;
    uint64_t v = 0;

    errno = 0;
    if (text && *text >= '0' && *text <= '9')
        v = strtoull(text, &end, 10);
    if (end && !errno) {
        end += strspn(end, " ");
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
            if (strcmp(end, units[i].unit) != 0)
                continue;
            if (v > (uint64_t)key->max >> units[i].shift ||
                (double)(v << units[i].shift) < key->min)
                break;
            put_u64(key, into, v << units[i].shift);
            return 0;
        }
    }
    return ffd_yaml_fail(y, value, path,
                         "must be a number of bytes (KiB, MiB and GiB are "
                         "understood) of at least %.0f, is %.*s",
                         key->min, SHOWN, shown(value));
}

/* The limits of a number, as far as there are any. */
static void float_limits(const struct ffd_key *key, char *text, size_t n)
{
    *text = '\0';
    if (key->max < FFD_FLOAT_MAX)
        snprintf(text, n, " from %g to %g", key->min, key->max);
    else if (key->min > -FFD_FLOAT_MAX)
        snprintf(text, n, " of at least %g", key->min);
}

static int read_float(struct ffd_yaml *y, yaml_node_t *value, const char *path,
                      const struct ffd_key *key, void *into)
{
    const char *text = ffd_yaml_plain(value);
    char *end = NULL, limits[64];
    double v = 0;
    float f;

    /* Decimal only: strtod would take "inf", "nan" and "0x1p3" as well. */
    if (text && *text && strspn(text, "0123456789+-.eE") == strlen(text))
        v = strtod(text, &end);
    float_limits(key, limits, sizeof(limits));
    if (!end || end == text || *end || !isfinite(v) || v < key->min ||
        v > key->max)
        return ffd_yaml_fail(y, value, path, "must be a number%s%s%s, is %.*s",
                             limits, key->word ? ", or " : "",
                             key->word ? key->word : "", SHOWN, shown(value));
    f = (float)v;
    memcpy((char *)into + key->offset, &f, sizeof(f));
    return 0;
}

static int read_choice(struct ffd_yaml *y, yaml_node_t *value, const char *path,
                       const struct ffd_key *key, void *into)
{
    const char *text = ffd_yaml_text(value);
    char list[128];
    size_t used = 0;

    list[0] = '\0';
    for (int i = 0; key->choices[i]; i++) {
        if (text && strcmp(text, key->choices[i]) == 0) {
            memcpy((char *)into + key->offset, &i, sizeof(i));
            return 0;
        }
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                 i == 0                ? ""
                                 : key->choices[i + 1] ? ", "
                                                       : " or ",
                                 key->choices[i]);
    }
    return ffd_yaml_fail(y, value, path, "must be %s, is %.*s", list, SHOWN,
                         shown(value));
}

bool ffd_is_none(const yaml_node_t *value)
{
    const char *plain = ffd_yaml_plain(value);

    return plain && (!*plain || !strcmp(plain, "~") || !strcmp(plain, "null"));
}

static int read_path(struct ffd_yaml *y, yaml_node_t *value, const char *path,
                     const struct ffd_key *key, void *into)
{
    const char *text = ffd_yaml_text(value);
    char *at = (char *)into + key->offset;

    if (ffd_is_none(value)) {
        *at = '\0';
        return 0;
    }
    if (!text || !*text || strlen(text) >= FFD_PATH_MAX)
        return ffd_yaml_fail(y, value, path,
                             "must be the path of a file, or ~ for none");
    memcpy(at, text, strlen(text) + 1);
    return 0;
}

static int read_model_name(struct ffd_yaml *y, yaml_node_t *value,
                           const char *path, const struct ffd_key *key,
                           void *into)
{
    const char *text = ffd_yaml_text(value);
    char *at = (char *)into + key->offset;

    if (ffd_is_none(value)) {
        *at = '\0';
        return 0;
    }
    if (!text || !ffp_model_name_valid(text, strlen(text)))
        return ffd_yaml_fail(y, value, path,
                             "must be a model's name, 1 to 64 of a-z, 0-9, _ "
                             "and -, or ~ for none, is %.*s",
                             SHOWN, shown(value));
    memcpy(at, text, strlen(text) + 1);
    return 0;
}

int ffd_key_read(struct ffd_yaml *y, yaml_node_t *value, const char *path,
                 const struct ffd_key *key, void *into)
{
    const char *text = ffd_yaml_text(value);
    uint64_t v = 0;

    if (key->word && text && strcmp(text, key->word) == 0) {
        float f = (float)key->word_value;

        if (key->kind == FFD_KEY_FLOAT)
            memcpy((char *)into + key->offset, &f, sizeof(f));
        else
            put_u64(key, into, (uint64_t)key->word_value);
        return 0;
    }
    switch (key->kind) {
    case FFD_KEY_U64:
    case FFD_KEY_SIZE:
    case FFD_KEY_INT:
        if (ffd_read_whole(y, value, path, key->min, key->max, &v) < 0)
            return -1;
        put_u64(key, into, v);
        return 0;
    case FFD_KEY_FLOAT:
        return read_float(y, value, path, key, into);
    case FFD_KEY_BYTES:
        return read_bytes(y, value, path, key, into);
    case FFD_KEY_CHOICE:
        return read_choice(y, value, path, key, into);
    case FFD_KEY_MODEL:
        return read_model_name(y, value, path, key, into);
    case FFD_KEY_PATH:
        return read_path(y, value, path, key, into);
    case FFD_KEY_OTHER:
        break;
    }
    return 0;
}

void ffd_path_join(char out[FFD_YAML_PATH_MAX], const char *path,
                   const char *key)
{
    snprintf(out, FFD_YAML_PATH_MAX, "%.80s%s%.64s", path, *path ? "." : "",
             key);
}

int ffd_keys_known(struct ffd_yaml *y, yaml_node_t *map, const char *path,
                   enum ffd_section section)
{
    if (ffd_yaml_keys_once(y, map, path) < 0)
        return -1;
    for (size_t i = 0; i < ffd_yaml_size(map); i++) {
        char full[FFD_YAML_PATH_MAX];
        yaml_node_t *key, *value;

        ffd_yaml_pair(y, map, i, &key, &value);
        if (ffd_key_find(section, ffd_yaml_text(key)))
            continue;
        ffd_path_join(full, path, ffd_yaml_text(key));
        return ffd_yaml_fail(y, key, full, "unknown key");
    }
    return 0;
}

int ffd_keys_read(struct ffd_yaml *y, yaml_node_t *map, const char *path,
                  enum ffd_section section, void *into)
{
    for (const struct ffd_key *k = ffd_keys(section); k->name; k++) {
        yaml_node_t *value = ffd_yaml_get(y, map, k->name);
        char full[FFD_YAML_PATH_MAX];

        if (!value || k->kind == FFD_KEY_OTHER)
            continue;
        ffd_path_join(full, path, k->name);
        if (ffd_key_read(y, value, full, k, into) < 0)
            return -1;
    }
    return 0;
}

int ffd_section_read(struct ffd_yaml *y, yaml_node_t *map, const char *name,
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
