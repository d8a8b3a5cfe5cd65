/*
 * journal_kit.h -- a journal in a directory of its own, and what the tests of
 * journals ask of it.
 */
#ifndef FFD_TEST_JOURNAL_KIT_H
#define FFD_TEST_JOURNAL_KIT_H

#include "daemon/journal.h"
#include "tests/daemon/support.h"

#define KIT_ROWS_MAX 64

struct kit {
    char top[32];     /* a fresh directory, */
    char dir[64];     /* the journal in it, */
    char archive[64]; /* and another beside it */
    char why[FFD_CONFIG_WHY_MAX];
    struct ffd_journal *j;
    struct ffd_journal_found found;
    uint64_t after; /* where kit_read began */
    size_t body;    /* bytes of a body; 0: of many sizes */
    bool lies;      /* a record was given that was never written */
};

void kit_begin(struct kit *k);
void kit_end(struct kit *k);

void kit_open(struct kit *k, uint64_t segment_bytes);
void kit_close(struct kit *k);

/* Records first to last of a model, in one transaction; 0 or -1. */
int kit_append(struct kit *k, const char *model, uint64_t first, uint64_t last);

/* Read what is in `dir`; each record is compared with what kit_append wrote.
   What ffd_journal_read returned. */
int kit_read(struct kit *k, const char *dir, const char *model, uint64_t after);

/* The last record of a model is this, and nothing is damaged. */
void kit_holds(struct kit *k, const char *model, uint64_t last);

/* The body of a record: owned. */
uint8_t *kit_body(const struct kit *k, const char *model, uint64_t n,
                  size_t *bytes);

/* Of files: how many *.db there are; a whole one, owned; put back; copied. */
size_t kit_segments(const char *dir);
uint8_t *kit_file(const char *path, size_t *n);
void kit_put_file(const char *path, const uint8_t *bytes, size_t n);
void kit_copy_dir(const char *from, const char *to);
void kit_remove(const char *dir);
void kit_path(const struct kit *k, uint64_t number, const char *suffix,
              char out[128]);

#endif
