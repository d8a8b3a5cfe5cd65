/*
 * recover.h -- a model goes on where the journal ends.
 *
 * Before the loop turns: from the newest snapshot that verifies, or from
 * nothing, the records that came after it are done again. What is damaged ends
 * that; the records behind it cannot be used, so when all models have been
 * read the journal is set aside and every model gets a snapshot, before
 * anything new is written.
 */
#ifndef FFD_RECOVER_H
#define FFD_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/config.h"
#include "lib/ff.h"

struct ffd_daemon;
struct ffd_journal;

struct ffd_redone {
    struct ff_model *ff; /* as the journal left it; NULL: it knows none */
    bool fit_ready;      /* a fit was begun and run, and is to be taken in */
    uint64_t records;    /* done again */
    bool damaged;        /* some could not be */
    bool forgot;         /* one of them was of a label forgotten */
};

/*
 * Go on with r->ff (moved in, may be NULL) by the records of the model of that
 * name. Says so to systemd and the log. 0, or -1 and a sentence: the disk
 * cannot be read, or memory ran out; r->ff is then freed.
 */
int ffd_recover(const struct ffd_daemon *d, const char *name,
                struct ffd_redone *r, char why[FFD_CONFIG_WHY_MAX]);

/* The journal, opened; where a part of it turns out to be damaged, as in
   ffd_recover_end, it is set aside first. */
int ffd_recover_open(struct ffd_daemon *d, uint64_t segment_bytes,
                     struct ffd_journal **out, char why[FFD_CONFIG_WHY_MAX]);

/*
 * When all models are there, and before anything new is written. Where a part
 * of the journal was damaged it is set aside, once every model has a snapshot
 * of what could be recovered. With durability: off it is removed after that,
 * since nothing will go on with it.
 */
int ffd_recover_end(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX]);

#endif
