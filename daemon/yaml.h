/*
 * yaml.h -- a YAML text as a tree of nodes with their lines.
 *
 * libyaml reads; this puts sentences to what is wrong: "NAME:LINE: PATH: what
 * must be". Paths are as a person writes them: "layers[1].dense". A document
 * is one mapping; keys are plain text, each given once.
 */
#ifndef FFD_YAML_H
#define FFD_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#define FFD_YAML_PATH_MAX 160

struct ffd_yaml {
    yaml_document_t document;
    const char *name; /* borrowed; of the file */
    char *why;        /* borrowed; room for why_size bytes */
    size_t why_size;
};

/* 0 and a document to release, or -1 and why. */
int ffd_yaml_init(struct ffd_yaml *y, const char *name, const char *text,
                  size_t n, char *why, size_t why_size);
void ffd_yaml_release(struct ffd_yaml *y);

/* Nodes are borrowed from the document. NULL if there is none. */
yaml_node_t *ffd_yaml_root(struct ffd_yaml *y);

/* Value of a key in a mapping. */
yaml_node_t *ffd_yaml_get(struct ffd_yaml *y, yaml_node_t *map,
                          const char *key);

/* Items of a sequence, pairs of a mapping, by number. */
size_t ffd_yaml_size(const yaml_node_t *node);
yaml_node_t *ffd_yaml_item(struct ffd_yaml *y, yaml_node_t *seq, size_t i);
void ffd_yaml_pair(struct ffd_yaml *y, yaml_node_t *map, size_t i,
                   yaml_node_t **key, yaml_node_t **value);

/* Text of a scalar, or NULL. */
const char *ffd_yaml_text(const yaml_node_t *node);

/* The same if it is written without quotes, as numbers and words are. */
const char *ffd_yaml_plain(const yaml_node_t *node);

/* Every key of a mapping is text and given once. 0, or -1 and why. */
int ffd_yaml_keys_once(struct ffd_yaml *y, yaml_node_t *map, const char *path);

/* The node that a path such as "layers[1].units" leads to from here, or the
   last one on the way that exists. */
yaml_node_t *ffd_yaml_follow(struct ffd_yaml *y, yaml_node_t *from,
                             const char *path);

/* Write "name:line: path: sentence" to why; -1. */
int ffd_yaml_fail(struct ffd_yaml *y, const yaml_node_t *at, const char *path,
                  const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
