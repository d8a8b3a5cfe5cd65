/*
 * model_config.h -- a model's map, wherever it stands in a YAML file.
 */
#ifndef FFD_MODEL_CONFIG_H
#define FFD_MODEL_CONFIG_H

#include "daemon/config.h"
#include "daemon/yaml.h"

/* Defaults, then what the map says, checked. 0, or -1 and why (yaml.h). */
int ffd_model_config_read(struct ffd_yaml *y, yaml_node_t *map,
                          struct ffd_model_config *m);

#endif
