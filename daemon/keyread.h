/*
 * keyread.h -- the value of one key, from its YAML node into its struct.
 */
#ifndef FFD_KEYREAD_H
#define FFD_KEYREAD_H

#include "daemon/keys.h"
#include "daemon/yaml.h"

/* Read a row that is not FFD_KEY_OTHER into the section's struct `into`. 0,
   or -1 and why. */
int ffd_key_read(struct ffd_yaml *y, yaml_node_t *value, const char *path,
                 const struct ffd_key *key, void *into);

/* What is not there is written as YAML's null, and as JSON's. */
bool ffd_is_none(const yaml_node_t *value);

/* A whole number from min to max. */
int ffd_read_whole(struct ffd_yaml *y, yaml_node_t *value, const char *path,
                   double min, double max, uint64_t *out);

/* Every key of a mapping has a row in the section and stands once. */
int ffd_keys_known(struct ffd_yaml *y, yaml_node_t *map, const char *path,
                   enum ffd_section section);

/* Read all rows of a section that are not FFD_KEY_OTHER. */
int ffd_keys_read(struct ffd_yaml *y, yaml_node_t *map, const char *path,
                  enum ffd_section section, void *into);

/* The map of that name, if it is there: only keys of the section, all rows. */
int ffd_section_read(struct ffd_yaml *y, yaml_node_t *map, const char *name,
                     enum ffd_section section, void *into);

/* "path.key", or "key" at the top. */
void ffd_path_join(char out[FFD_YAML_PATH_MAX], const char *path,
                   const char *key);

#endif
