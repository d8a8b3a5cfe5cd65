/*
 * journal.h -- records on the disk: everything that moved a model, in order.
 *
 * The store alone: what a record means is record.h's business, and when it is
 * written commit.h's. SQLite keeps it, WAL mode and synchronous=FULL, so that
 * a transaction that was committed survives a power cut.
 *
 * The journal is cut in *segments*, one SQLite file each, numbered from 1 in a
 * directory of their own. A segment is appended to until it is large enough;
 * then a new one is begun. One is done with when every model that has records
 * in it has a snapshot that holds them; then the file is removed, or moved to
 * an archive. So room comes back at once, and removing needs no room itself, as
 * deleting rows from a full disk would.
 *
 * A record is a row: model, n (1, 2, 3, ... of that model, without a gap),
 * body, and the XXH3-128 of all three. What does not agree with its hash, or
 * leaves a gap, is damage; reading stops before it.
 *
 * Every function here waits for the disk: not for the loop's thread. One
 * thread at a time uses a journal.
 */
#ifndef FFD_JOURNAL_H
#define FFD_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"

struct ffd_journal;

struct ffd_journal_row {
    const char *model;   /* terminated */
    uint64_t n;          /* number of the record, from 1 */
    const uint8_t *body; /* borrowed */
    size_t bytes;
};

/*
 * Owned; for appending. The directory is made if it is missing (one level) and
 * flushed. Nothing that is there is changed: the first append begins a new
 * segment. 0, or -1 and a sentence; or 1 and a sentence if a segment is damaged
 * or none of ours: what is appended behind it could not be read again, so set
 * the journal aside first.
 */
int ffd_journal_open(struct ffd_journal **out, const char *dir,
                     uint64_t segment_bytes, char why[FFD_CONFIG_WHY_MAX]);
void ffd_journal_close(struct ffd_journal *j);

/*
 * All rows in one transaction; on the disk when it returns 0. -1 and a
 * sentence: none of them counts, and they may be appended again (a segment in
 * which a write failed is never written to again; reading passes over a record
 * that it has had already).
 */
int ffd_journal_append(struct ffd_journal *j,
                       const struct ffd_journal_row *rows, size_t n,
                       char why[FFD_CONFIG_WHY_MAX]);

/* Bytes of all segments as they are on the disk: looked at when opened and
   after each append. */
uint64_t ffd_journal_bytes(const struct ffd_journal *j);

/* What a snapshot of a model holds: its records up to n. */
struct ffd_journal_cover {
    const char *model;
    uint64_t n;
};

/*
 * Remove the oldest segments, or move them to `archive` (may be NULL), while
 * they are covered and more than keep_bytes are held. Models that are not among
 * the covers are gone, and hold nothing back. The segment that is written to
 * is ended first if that would make it removable.
 */
int ffd_journal_prune(struct ffd_journal *j,
                      const struct ffd_journal_cover *covers, size_t n,
                      uint64_t keep_bytes, const char *archive,
                      char why[FFD_CONFIG_WHY_MAX]);

/* Erase a model's records up to n, so that no byte of their bodies remains in
   the files (the archive is not ours). */
int ffd_journal_erase(struct ffd_journal *j, const char *model, uint64_t n,
                      char why[FFD_CONFIG_WHY_MAX]);

/* Move every segment aside, to "<dir>.corrupt-<time>"; the journal is empty.
   Not while it is open. With 0, `why` is its new name, or empty if there was
   none. */
int ffd_journal_set_aside(const char *dir, char why[FFD_CONFIG_WHY_MAX]);

/* What reading found. */
struct ffd_journal_found {
    uint64_t last;  /* number of the last record given, or `after` */
    uint64_t rows;  /* records given */
    uint64_t bytes; /* of their bodies */
    bool damaged;   /* reading ended before the end: */
    char what[FFD_CONFIG_WHY_MAX]; /* where and why */
};

/*
 * Give a model's records after number `after` to each(), in order and without a
 * gap, from all segments of the directory (none: none). 0, with what was
 * found; each() returning other than 0 ends it with that; -1 and a sentence if
 * the disk cannot be read. A damaged segment is found->damaged, not -1. Nothing
 * is changed. Not while the journal is open, here or elsewhere: -1, and it says
 * so.
 */
int ffd_journal_read(const char *dir, const char *model, uint64_t after,
                     int (*each)(void *ctx, const struct ffd_journal_row *row),
                     void *ctx, struct ffd_journal_found *found,
                     char why[FFD_CONFIG_WHY_MAX]);

/* Names of the models that have records, in order of name; owned: free() each
   and the list. Damaged segments are passed over. */
int ffd_journal_models(const char *dir, char ***names, size_t *n,
                       char why[FFD_CONFIG_WHY_MAX]);

#endif
