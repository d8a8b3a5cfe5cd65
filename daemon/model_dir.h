/*
 * model_dir.h -- a model's directory, <state>/models/<name>/: spec.yaml, as
 * create_model brought it, and its snapshots (version.h).
 *
 * All of these wait for the disk: not for the loop's thread.
 */
#ifndef FFD_MODEL_DIR_H
#define FFD_MODEL_DIR_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"
#include "daemon/version.h"

#define FFD_SPEC_FILE "spec.yaml"

/* There while a label is being forgotten, from before its snapshot until
   nothing stored holds it any more: a start that finds it ends the work. */
#define FFD_FORGET_FILE "forgetting"

void ffd_model_dir(const char *state, const char *name, char out[FFD_PATH_MAX]);

/* A file in it. */
void ffd_model_dir_file(const char *dir, const struct ffd_version *v,
                        char out[FFD_PATH_MAX]);

/*
 * Write and verify a snapshot, then remove what it replaces (the same record
 * and name) and what the policy lets go. hash: of its content. 0; 1: there is
 * another of that name, of another record, and nothing was done; -1 and a
 * sentence: it was not written, and those before it stay.
 */
int ffd_model_dir_put(const char *dir, const struct ffd_version *v,
                      const uint8_t *bytes, size_t n,
                      const struct ffd_version_policy *policy, char hash[33],
                      char why[FFD_CONFIG_WHY_MAX]);

/*
 * Remove every older snapshot, named ones and damaged ones that were set aside
 * too, so that what was forgotten in this one is in none. *n: how many went.
 * -1 and a sentence: some are left.
 */
int ffd_model_dir_forget(const char *dir, const struct ffd_version *v,
                         size_t *n, char why[FFD_CONFIG_WHY_MAX]);

/* Take the name from a snapshot: it is removed, or, if it is the newest,
   stays as one without a name. */
int ffd_model_dir_unname(const char *dir, const struct ffd_version *v,
                         char why[FFD_CONFIG_WHY_MAX]);

/*
 * The model is gone. In one step it takes a name that no start looks at, then
 * it is removed; what is left of it goes at the next start. No directory: no
 * error. -1 and a sentence: it is still there.
 */
int ffd_model_dir_drop(const char *state, const char *name,
                       char why[FFD_CONFIG_WHY_MAX]);

/* A directory of plain files, with them. */
void ffd_model_dir_clear(const char *dir);

#endif
