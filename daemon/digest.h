/*
 * digest.h -- telling what a model was, so that another may check it.
 *
 * With `digests: FILE` a line is appended to that file whenever a record took
 * a model past a multiple of 100 steps: its name, the record's number, seq,
 * step, and the digest (ff_model_digest) after the record. Who replays the
 * journal from its beginning must come by the same lines.
 */
#ifndef FFD_DIGEST_H
#define FFD_DIGEST_H

#include <stdint.h>
#include <stdio.h>

struct ff_model;

/* The line, without its end. 0, or -1 if there is no memory. */
int ffd_digest_line(const char *name, const struct ff_model *m, char out[256]);

/* Append it to a file; whoever reads that must not miss one, so a failure is
   logged. */
void ffd_digest_tell(const char *path, const char *name,
                     const struct ff_model *m);

#endif
