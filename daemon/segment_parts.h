/*
 * segment_parts.h -- what the files of a segment share (segment.h).
 */
#ifndef FFD_SEGMENT_PARTS_H
#define FFD_SEGMENT_PARTS_H

#include <sqlite3.h>

#include "daemon/segment.h"

#define FFD_HASH_BYTES 16

/* Of model, n and body. */
void ffd_segment_hash(uint8_t out[FFD_HASH_BYTES],
                      const struct ffd_journal_row *row);

/* A result code of SQLite as a sentence: "cannot <doing> <path>: ...". Damaged
   or failed, never OK. */
int ffd_segment_fail(const struct ffd_segment *s, int code, const char *doing,
                     char why[FFD_CONFIG_WHY_MAX]);

/* What to do about an error of the system: "; make room there", or nothing. */
const char *ffd_segment_mend(int error);

/* "<path>: <what>"; damaged. */
int ffd_segment_damage(const struct ffd_segment *s,
                       char why[FFD_CONFIG_WHY_MAX], const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* No trust in a file before it is looked into, and a bound on what it costs. */
int ffd_segment_harden(const struct ffd_segment *s,
                       char why[FFD_CONFIG_WHY_MAX]);

/* The marks, and a schema that is ours to the letter. */
int ffd_segment_check(const struct ffd_segment *s,
                      char why[FFD_CONFIG_WHY_MAX]);

/* All of a fresh one: pages, marks, schema. */
int ffd_segment_lay_out(const struct ffd_segment *s,
                        char why[FFD_CONFIG_WHY_MAX]);

#endif
