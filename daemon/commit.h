/*
 * commit.h -- when records reach the disk: group commit, beside everything
 * else.
 *
 * What the loop and items of work record (record.h) is handed over here, and an
 * item on the pool, one at a time, writes all that waits in one transaction: at
 * most 100 ms later, at once when `durability: full` and somebody waits for
 * it, when a snapshot waits, or when the daemon stops. Tickets of requests with
 * `ack: durable` are answered then. The same item removes segments that
 * snapshots made superfluous, and erases the records of models that are gone.
 *
 * While the disk refuses (full, failing, read-only), what was recorded is kept
 * and tried again every second; models neither learn nor sleep meanwhile, so
 * that nothing is learned that could not be learned again; questions are
 * answered; requests for a durable acknowledgement are refused at once. When
 * the disk takes it, all goes on. The same holds when the journal has reached
 * its limit and no snapshot lets go of a part of it.
 */
#ifndef FFD_COMMIT_H
#define FFD_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/config.h"
#include "daemon/journal.h"
#include "daemon/record.h"

struct ffd_daemon;
struct ffd_model;
struct ffd_ticket;

/* Records of one model that travel together. */
struct ffd_block {
    struct ffd_block *next;
    struct ffd_model *m; /* borrowed; a model is not freed before its blocks */
    struct ffd_records records;
    uint64_t last; /* number of the last of them */
};

/* Records to be erased, and whom that concerns. */
struct ffd_erasure {
    struct ffd_erasure *next;
    struct ffd_model *m; /* borrowed; waits for it */
    uint64_t upto;
    char mark[FFD_PATH_MAX]; /* a file that goes when it is done, or "" */
    int rc;
    char why[FFD_CONFIG_WHY_MAX];
};

struct ffd_commit {
    struct ffd_journal *journal; /* owned; NULL: none is kept */
    uv_timer_t timer;
    uv_work_t req; /* data: the daemon */
    bool busy, hurry, prune;
    struct ffd_block *waiting, **tail; /* not yet on their way */
    struct ffd_block *out;             /* with the item */
    struct ffd_erasure *erase, *erase_out;
    size_t bytes;        /* of all blocks */
    uint64_t queued;     /* blocks handed over so far, */
    uint64_t done;       /* and on the disk */
    uint64_t out_queued; /* what `queued` was when the item left */

    /* tickets that wait for the disk, oldest first */
    struct ffd_ticket *durable, **durable_tail;

    /* The configuration as it was at the start, for the item: a reload writes
       over that. */
    char archive[FFD_PATH_MAX];
    uint64_t limit;

    /* how the item fared; its own while it is out */
    struct ffd_journal_cover *covers; /* owned */
    size_t n_covers;
    char *names; /* owned; of the covers */
    bool pruning;
    int rc, prune_rc;
    char out_why[FFD_CONFIG_WHY_MAX], prune_why[FFD_CONFIG_WHY_MAX];
    uint64_t out_bytes; /* of the journal, when the item was done */

    /* numbers */
    char why[FFD_CONFIG_WHY_MAX]; /* the disk refuses */
    uint64_t journal_bytes;       /* when the item was last home */
    bool failing, full;           /* the disk refuses; the limit is reached */
    uint64_t failing_since_ms;
    uint64_t failures, commits, records;
};

/* Open the journal as the configuration says. -1: a sentence. */
int ffd_commit_start(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX]);
void ffd_commit_stop(struct ffd_daemon *d);    /* its handles */
void ffd_commit_release(struct ffd_daemon *d); /* waits for the disk */

/* Whether a journal is kept at all. */
bool ffd_commit_keeps(const struct ffd_daemon *d);

/* Whether models may go on: what they do now can be written down. */
bool ffd_commit_open(const struct ffd_daemon *d);

/* Whether a request to be told when its frames are durable can be taken; if
   not, why holds what keeps it. */
bool ffd_commit_sound(const struct ffd_daemon *d, const char **why);

/* Before a model does what is recorded: room for handing it over, so that
   that cannot fail. -1: no memory. */
int ffd_commit_ready(struct ffd_model *m);

/* Records of a model, moved; *records is empty again. ffd_commit_ready was
   asked before they were made. */
void ffd_commit_take(struct ffd_model *m, struct ffd_records *records);

/* A settled ticket, to be answered when what was handed over so far is on the
   disk. */
void ffd_commit_await(struct ffd_daemon *d, struct ffd_ticket *t);

/* Whether the journal has a model's records up to this one; true of every
   record where none is kept. A snapshot takes its name only then. */
bool ffd_commit_holds(const struct ffd_model *m, uint64_t record);

/* Somebody waits for what was recorded: do not wait 100 ms. */
void ffd_commit_hurry(struct ffd_daemon *d);

/* A snapshot is on the disk: segments may have become superfluous. */
void ffd_commit_saved(struct ffd_daemon *d);

/* Erase a model's records up to one, then remove the file `mark` (NULL: none);
   ffd_model_erased (home.h) is called then. -1: no memory. */
int ffd_commit_erase(struct ffd_model *m, uint64_t upto, const char *mark);

/* A model goes: its records that are not on their way are dropped. False while
   some are: try again when they are home. */
bool ffd_commit_forsake(struct ffd_model *m);

/* Refuse those that wait for the disk: the daemon goes, and it refuses. */
void ffd_commit_refuse(struct ffd_daemon *d);

/* Nothing waits and nothing is out; or the disk refuses, and waiting for it is
   in vain. */
bool ffd_commit_idle(const struct ffd_daemon *d);

/* The end of a turn. */
void ffd_commit_pump(struct ffd_daemon *d);

#endif
