/*
 * segment.h -- one SQLite file of a journal.
 *
 * A segment is made aside, flushed and renamed, so that a name always leads to
 * a whole one. From then on it is in WAL mode with synchronous=FULL: what was
 * committed survives a power cut. The lock on it is exclusive, so there is no
 * shared memory beside it, and it has one user at a time.
 *
 * Whoever reads one trusts nothing in it: its marks and the text of its schema
 * must be ours to the letter before anything else is asked of it, and what it
 * may cost is bounded by its size. Reading changes nothing, not even a write
 * ahead log that a kill left behind.
 */
#ifndef FFD_SEGMENT_H
#define FFD_SEGMENT_H

#include "daemon/journal.h"

struct sqlite3;
struct sqlite3_stmt;

#define FFD_SEGMENT_PATH_MAX (FFD_PATH_MAX + 32)

/* What the functions below return, with a sentence if it is not OK. */
enum ffd_segment_is {
    FFD_SEGMENT_FAILED = -1, /* the disk, or memory: it may be well */
    FFD_SEGMENT_OK,
    FFD_SEGMENT_DAMAGED /* what it holds is not what was written */
};

struct ffd_segment {
    struct sqlite3 *db;        /* owned; NULL: not open */
    struct sqlite3_stmt *rows; /* owned; being read, or NULL */
    char path[FFD_SEGMENT_PATH_MAX];
    char model[FFP_MODEL_MAX + 1]; /* whose rows are read, */
    uint64_t after, n_rows;        /* after which, and how many so far */
};

/* An empty one under a name that nothing has, and on the disk. */
int ffd_segment_create(const char *path, char why[FFD_CONFIG_WHY_MAX]);

/* Open to write, or only to read. On any but OK it is not open. */
int ffd_segment_open(struct ffd_segment *s, const char *path,
                     char why[FFD_CONFIG_WHY_MAX]);
int ffd_segment_look(struct ffd_segment *s, const char *path,
                     char why[FFD_CONFIG_WHY_MAX]);

/* `fold`: take the write ahead log into the file, if the disk lets. Closing
   what is not open does nothing. */
void ffd_segment_close(struct ffd_segment *s, bool fold);

/* In one transaction; on the disk when OK. Otherwise close it without folding,
   and write to it no more: a failed flush may be told only once. */
int ffd_segment_append(struct ffd_segment *s,
                       const struct ffd_journal_row *rows, size_t n,
                       char why[FFD_CONFIG_WHY_MAX]);

/* A model's rows up to n, and every trace of them in its files. */
int ffd_segment_erase(struct ffd_segment *s, const char *model, uint64_t n,
                      char why[FFD_CONFIG_WHY_MAX]);

/*
 * A model's rows after number `after`, in order: select, then next until *got
 * is false. A row is borrowed until the next call and agrees with its hash. At
 * the end the index and the table must tell of the same number of rows.
 */
int ffd_segment_select(struct ffd_segment *s, const char *model, uint64_t after,
                       char why[FFD_CONFIG_WHY_MAX]);
int ffd_segment_next(struct ffd_segment *s, struct ffd_journal_row *row,
                     bool *got, char why[FFD_CONFIG_WHY_MAX]);

/* Tell of each model in it, by name, with its last number. each() returns 0,
   or -1 if it has no memory. */
int ffd_segment_models(struct ffd_segment *s,
                       int (*each)(void *ctx, const char *model, uint64_t last),
                       void *ctx, char why[FFD_CONFIG_WHY_MAX]);

#endif
