#include "daemon/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail_parse(struct ffd_yaml *y, const yaml_parser_t *p)
{
    const char *problem = p->problem ? p->problem : "cannot be read";
    size_t line = p->problem_mark.line + 1;

    if (p->error == YAML_MEMORY_ERROR)
        problem = "out of memory";
    snprintf(y->why, y->why_size, "%s:%zu: not YAML: %s", y->name, line,
             problem);
    return -1;
}

/* A second document would be ignored without a word. */
static int refuse_second(struct ffd_yaml *y, yaml_parser_t *p)
{
    yaml_document_t next;
    yaml_node_t *root;
    int rc = 0;

    if (!yaml_parser_load(p, &next))
        return fail_parse(y, p);
    root = yaml_document_get_root_node(&next);
    if (root)
        rc = ffd_yaml_fail(y, root, NULL,
                           "a second document (after ---) is "
                           "not allowed");
    yaml_document_delete(&next);
    return rc;
}

int ffd_yaml_init(struct ffd_yaml *y, const char *name, const char *text,
                  size_t n, char *why, size_t why_size)
{
    yaml_parser_t p;
    int rc = -1;

    y->name = name;
    y->why = why;
    y->why_size = why_size;
    if (!yaml_parser_initialize(&p)) {
        snprintf(why, why_size, "%s:1: out of memory", name);
        return -1;
    }
    yaml_parser_set_input_string(&p, (const unsigned char *)text, n);
    if (!yaml_parser_load(&p, &y->document)) {
        fail_parse(y, &p);
        goto out;
    }
    if (ffd_yaml_root(y) && refuse_second(y, &p) < 0) {
        yaml_document_delete(&y->document);
        goto out;
    }
    rc = 0;
out:
    yaml_parser_delete(&p);
    return rc;
}

void ffd_yaml_release(struct ffd_yaml *y)
{
    yaml_document_delete(&y->document);
}

yaml_node_t *ffd_yaml_root(struct ffd_yaml *y)
{
    return yaml_document_get_root_node(&y->document);
}

size_t ffd_yaml_size(const yaml_node_t *node)
{
    if (node && node->type == YAML_SEQUENCE_NODE)
        return (size_t)(node->data.sequence.items.top -
                        node->data.sequence.items.start);
    if (node && node->type == YAML_MAPPING_NODE)
        return (size_t)(node->data.mapping.pairs.top -
                        node->data.mapping.pairs.start);
    return 0;
}

yaml_node_t *ffd_yaml_item(struct ffd_yaml *y, yaml_node_t *seq, size_t i)
{
    if (!seq || seq->type != YAML_SEQUENCE_NODE || i >= ffd_yaml_size(seq))
        return NULL;
    return yaml_document_get_node(&y->document,
                                  seq->data.sequence.items.start[i]);
}

void ffd_yaml_pair(struct ffd_yaml *y, yaml_node_t *map, size_t i,
                   yaml_node_t **key, yaml_node_t **value)
{
    const yaml_node_pair_t *pair = &map->data.mapping.pairs.start[i];

    *key = yaml_document_get_node(&y->document, pair->key);
    *value = yaml_document_get_node(&y->document, pair->value);
}

const char *ffd_yaml_text(const yaml_node_t *node)
{
    /* libyaml ends every scalar with a 0; one inside would hide the rest. */
    if (!node || node->type != YAML_SCALAR_NODE ||
        strlen((const char *)node->data.scalar.value) !=
            node->data.scalar.length)
        return NULL;
    return (const char *)node->data.scalar.value;
}

const char *ffd_yaml_plain(const yaml_node_t *node)
{
    if (!node || node->type != YAML_SCALAR_NODE ||
        node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return NULL;
    return ffd_yaml_text(node);
}

yaml_node_t *ffd_yaml_get(struct ffd_yaml *y, yaml_node_t *map, const char *key)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (size_t i = 0; i < ffd_yaml_size(map); i++) {
        yaml_node_t *k, *v;
        const char *text;

        ffd_yaml_pair(y, map, i, &k, &v);
        text = ffd_yaml_text(k);
        if (text && strcmp(text, key) == 0)
            return v;
    }
    return NULL;
}

/* A peer's spec may have thousands of keys: sort, do not compare each with
   each. */
static int by_text(const void *a, const void *b)
{
    const yaml_node_t *const *x = a, *const *y = b;

    return strcmp(ffd_yaml_text(*x), ffd_yaml_text(*y));
}

int ffd_yaml_keys_once(struct ffd_yaml *y, yaml_node_t *map, const char *path)
{
    size_t n = ffd_yaml_size(map);
    yaml_node_t **keys;
    int rc = 0;

    if (n == 0)
        return 0;
    keys = calloc(n, sizeof(yaml_node_t *));
    if (!keys)
        return ffd_yaml_fail(y, map, path, "out of memory");
    for (size_t i = 0; i < n && rc == 0; i++) {
        yaml_node_t *value;

        ffd_yaml_pair(y, map, i, &keys[i], &value);
        if (!ffd_yaml_text(keys[i]))
            rc = ffd_yaml_fail(y, keys[i], path, "keys must be plain text");
    }
    if (rc == 0)
        qsort(keys, n, sizeof(yaml_node_t *), by_text);
    for (size_t i = 1; i < n && rc == 0; i++) {
        const yaml_node_t *later =
            keys[i]->start_mark.line > keys[i - 1]->start_mark.line
                ? keys[i]
                : keys[i - 1];

        if (by_text(&keys[i - 1], &keys[i]) == 0)
            rc = ffd_yaml_fail(y, later, path, "key '%.64s' is given twice",
                               ffd_yaml_text(later));
    }
    free(keys);
    return rc;
}

yaml_node_t *ffd_yaml_follow(struct ffd_yaml *y, yaml_node_t *from,
                             const char *path)
{
    yaml_node_t *at = from;

    while (at && *path) {
        size_t n = strcspn(path, ".[:");
        char part[FFD_YAML_PATH_MAX];
        yaml_node_t *next;

        if (*path == '[') {
            next = ffd_yaml_item(y, at, strtoul(path + 1, NULL, 10));
            path += strcspn(path, "]");
            path += *path == ']';
        } else {
            if (n == 0 || n >= sizeof(part))
                break;
            memcpy(part, path, n);
            part[n] = '\0';
            next = ffd_yaml_get(y, at, part);
            path += n;
        }
        if (!next)
            break;
        at = next;
        if (*path == ':')
            break;
        path += *path == '.';
    }
    return at;
}

int ffd_yaml_fail(struct ffd_yaml *y, const yaml_node_t *at, const char *path,
                  const char *format, ...)
{
    size_t line = at ? at->start_mark.line + 1 : 1, used;
    va_list ap;
    int n;

    n = snprintf(y->why, y->why_size, "%s:%zu: ", y->name, line);
    used = n > 0 && (size_t)n < y->why_size ? (size_t)n : 0;
    if (path && *path) {
        n = snprintf(y->why + used, y->why_size - used, "%s: ", path);
        if (n > 0 && (size_t)n < y->why_size - used)
            used += (size_t)n;
    }
    va_start(ap, format);
    vsnprintf(y->why + used, y->why_size - used, format, ap);
    va_end(ap);
    return -1;
}
