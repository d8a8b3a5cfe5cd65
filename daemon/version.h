/*
 * version.h -- the generations of a model's snapshots: their names, and which
 * of them stay.
 *
 *     <record, 20 digits>.<unix seconds>.safetensors
 *     <record, 20 digits>.<unix seconds>.<NAME>.safetensors
 *
 * The record is the model's own count of what moved it (ff_model_record), so
 * names sort by its course whatever the clock does. A named one stays until it
 * is deleted. What people call a version is its record in decimal, or its name;
 * a name is not digits alone, so that these are never mistaken for each other.
 *
 * Only ffd_version_list waits for a disk.
 */
#ifndef FFD_VERSION_H
#define FFD_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"

#define FFD_VERSION_SUFFIX   ".safetensors"
#define FFD_VERSION_NAME_MAX FFP_MODEL_MAX /* bytes of a name */
#define FFD_VERSION_FILE_MAX 160 /* bytes of a file's name, with terminator */

struct ffd_version {
    uint64_t record;
    uint64_t time;                       /* unix seconds, of the writer */
    uint64_t bytes;                      /* of the file; 0: not known */
    char name[FFD_VERSION_NAME_MAX + 1]; /* or "" */
};

/* Whether a file is a snapshot by its name, and which. */
bool ffd_version_parse(const char *file, struct ffd_version *out);
void ffd_version_file(const struct ffd_version *v,
                      char out[FFD_VERSION_FILE_MAX]);

/* What people call it. */
void ffd_version_text(const struct ffd_version *v,
                      char out[FFD_VERSION_NAME_MAX + 1]);

/* Newest first: by record, then by time; equal ones by name. */
void ffd_version_sort(struct ffd_version *v, size_t n);

/* The snapshots of a directory, newest first; owned. No directory: none. 0, or
   -1 and a sentence. */
int ffd_version_list(const char *dir, struct ffd_version **out, size_t *n,
                     char why[FFD_CONFIG_WHY_MAX]);

/* The version of sorted ones that people call so, the newest if text is NULL;
   or NULL. A record finds the unnamed one first. */
const struct ffd_version *ffd_version_find(const struct ffd_version *v,
                                           size_t n, const char *text,
                                           size_t text_n);

/*
 * Which of sorted versions go. Named ones stay, and of the others
 *   - the newest `keep`;
 *   - the newest of each hour, for the last `hourly` hours that have one;
 *   - the newest of each day, for the last `daily` days that have one.
 * Hours and days are told by the files' own times and counted along the
 * model's course, never against the clock of today: one that is wrong for a
 * moment would else empty the shelf. If more than `limit` bytes stay (0: no
 * limit), the oldest unnamed ones go until they do not. The newest of all
 * always stays.
 */
void ffd_version_plan(const struct ffd_version *v, size_t n,
                      const struct ffd_version_policy *policy, bool *remove);

#endif
