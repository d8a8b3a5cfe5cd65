/*
 * journal_dir.h -- the files of a journal: NNNNNNNNNN.db, by number, each with
 * a write ahead log beside it or without.
 */
#ifndef FFD_JOURNAL_DIR_H
#define FFD_JOURNAL_DIR_H

#include "daemon/segment.h"

#define FFD_SEGMENT_NUMBER_MAX UINT64_C(9999999999)

void ffd_journal_path(char out[FFD_SEGMENT_PATH_MAX], const char *dir,
                      uint64_t number);

/* The numbers of the segments, in order (owned), and the highest that any file
   of one has ever left here. No directory: none. 0, or -1 and a sentence. */
int ffd_journal_list(const char *dir, uint64_t **numbers, size_t *n,
                     uint64_t *highest, char why[FFD_CONFIG_WHY_MAX]);

/* Of a segment, with its log. */
uint64_t ffd_journal_file_bytes(const char *path);

/* A file or a directory, to the disk. 0, or -1 and a sentence. */
int ffd_journal_flush(const char *path, char why[FFD_CONFIG_WHY_MAX]);

/* Its log first: a log that is left over would be read into the next file of
   that name. The directory is not flushed: what comes back is covered. */
int ffd_journal_unlink(const char *path, char why[FFD_CONFIG_WHY_MAX]);

/* A segment to a directory, under the least number there that keeps the order.
   Its log is folded in if that is possible, or else comes along. */
int ffd_journal_archive(const char *path, uint64_t number, const char *archive,
                        char why[FFD_CONFIG_WHY_MAX]);

#endif
