/*
 * state_dir.h -- the state directory before a start looks at it: models/ is
 * there, what was left over is gone, and files of the layout before this one
 * (<model>.safetensors and .yaml beside the epoch) are where they belong.
 */
#ifndef FFD_STATE_DIR_H
#define FFD_STATE_DIR_H

#include "daemon/config.h"

/* 0, or -1 and a sentence. */
int ffd_state_prepare(const char *state, char why[FFD_CONFIG_WHY_MAX]);

/* Whether a file beside the epoch is a snapshot of the layout before; whose. */
bool ffd_state_is_flat(const char *file, char name[FFP_MODEL_MAX + 1]);

/* "<state>/import-<name>.part" */
void ffd_state_part(const char *state, const char *name,
                    char out[FFD_PATH_MAX]);

#endif
