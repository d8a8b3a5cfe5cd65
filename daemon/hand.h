/*
 * hand.h -- labels by hand, and weights of an earlier day: what needs a model
 * for itself.
 *
 * labels_rename, labels_merge, labels_forget and rollback change what a class
 * means. So such an op waits until every frame that came before it is learned,
 * no question is out and no fit runs; meanwhile the model takes no new frame
 * and answers no question (both wait, none is lost). Then nobody holds a class
 * by its number, and the table of labels can be written.
 *
 * forget goes on when the op is done: a snapshot is written that holds nothing
 * of the label; then older snapshots and the records of the journal up to it
 * are erased. Its answer comes last, and says how many snapshots went.
 */
#ifndef FFD_HAND_H
#define FFD_HAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/record.h"
#include "proto/error.h"

struct ffd_model;
struct ffd_op;

struct ffd_hand {
    enum ffd_record_kind kind; /* RENAME, MERGE, FORGET */
    char from[FF_LABEL_MAX + 1], to[FF_LABEL_MAX + 1];
    size_t from_n, to_n;
};

/* A label whose traces are being erased: how far that has come, and whom to
   tell. What could not be erased is owed, and every snapshot tries again. */
struct ffd_forgetting {
    bool on;   /* under way, from the op or its snapshot to the erasure's end */
    bool owed; /* something stored may still hold it */
    bool asked; /* somebody waits for the end: */
    uint64_t conn;
    uint32_t msgid;
    uint64_t record;
    size_t versions; /* snapshots that went */
};

/* Whether its first op needs the model for itself: nothing new is begun. */
bool ffd_hand_holds(const struct ffd_model *m);

/* Refuse all that wait for that: the model goes, or the daemon. */
void ffd_hand_refuse(struct ffd_model *m, enum ffp_code code, const char *why);

/* Whether that op can be done now. */
bool ffd_hand_ready(const struct ffd_model *m);

/* The end of a turn: do it, if it is one of labels and can be done. */
void ffd_hand_look(struct ffd_model *m);

/* The item of a rollback is home. */
void ffd_hand_loaded(struct ffd_model *m, const struct ffd_op *op);

/* The snapshot after a label was forgotten: on the disk, with so many older
   ones removed; or not, why. */
void ffd_hand_saved(struct ffd_model *m, size_t versions, int rc,
                    const char *why);

/* And the journal's records before it. */
void ffd_hand_erased(struct ffd_model *m, int rc, const char *why);

#endif
