/*
 * journal_parts.h -- what the files of a journal share (journal.h).
 */
#ifndef FFD_JOURNAL_PARTS_H
#define FFD_JOURNAL_PARTS_H

#include "daemon/journal_dir.h"

/* The last record of a model in one segment. */
struct ffd_journal_held {
    char model[FFP_MODEL_MAX + 1];
    uint64_t n;
};

/* A segment as it is known without looking. */
struct ffd_journal_part {
    uint64_t number, bytes;
    struct ffd_journal_held *held; /* owned; what may be in it */
    size_t n_held, room_held;
};

struct ffd_journal {
    char dir[FFD_PATH_MAX];
    uint64_t segment_bytes;
    uint64_t highest;              /* number that was given last */
    struct ffd_journal_part *list; /* owned; by number */
    size_t n, room;
    struct ffd_segment open; /* the last of the list is written to, if open */
    bool writing;
    bool committed; /* it has records */
};

void ffd_journal_part_path(const struct ffd_journal *j,
                           const struct ffd_journal_part *p,
                           char out[FFD_SEGMENT_PATH_MAX]);

/* It may hold the record. 0, or -1: no memory. Order does not matter. */
int ffd_journal_part_hold(struct ffd_journal_part *p, const char *model,
                          uint64_t n);

/* What is held, read from the file: an ffd_segment_is. */
int ffd_journal_part_look(const struct ffd_journal *j,
                          struct ffd_journal_part *p,
                          char why[FFD_CONFIG_WHY_MAX]);

/* Off the list, not off the disk. */
void ffd_journal_part_forget(struct ffd_journal *j, size_t i);

/* The segment that is written to is written to no more. */
void ffd_journal_end_segment(struct ffd_journal *j);

#endif
