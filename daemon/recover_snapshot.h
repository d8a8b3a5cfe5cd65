/*
 * recover_snapshot.h -- a model out of the newest of its snapshots that
 * verifies.
 *
 * One that is damaged, or cannot be read from the disk, takes another name
 * (<file>.corrupt-<unix seconds>), so that nobody takes it for a snapshot
 * again and nothing is lost; the one before it is tried. A half-written one
 * (.new) is removed. Done before the loop turns.
 */
#ifndef FFD_RECOVER_SNAPSHOT_H
#define FFD_RECOVER_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"
#include "daemon/version.h"

struct ffd_recovered {
    struct ff_model *ff; /* owned; NULL: no snapshot can be used */
    bool found;          /* one can: */
    struct ffd_version from;
    uint64_t record;    /* of the model; 0 without one */
    size_t quarantined; /* damaged ones that were set aside */
};

/* 0: look at out->ff. -1 and a sentence: there is no memory, or the newest is
   of a later format, or may not be read; nothing was set aside for that. */
int ffd_recover_snapshot(const char *state, const char *name,
                         struct ffd_recovered *out,
                         char why[FFD_CONFIG_WHY_MAX]);

/* What there is to say of a snapshot. */
enum ffd_snapshot_state {
    FFD_SNAPSHOT_GOOD,
    FFD_SNAPSHOT_DAMAGED, /* why says how */
    FFD_SNAPSHOT_GONE,    /* there is no such file */
    FFD_SNAPSHOT_REFUSED  /* a start would fail; why says for what */
};

/* Read a file and make its model: *ff owned, if GOOD. */
enum ffd_snapshot_state ffd_snapshot_try(const char *path, struct ff_model **ff,
                                         char why[FFD_CONFIG_WHY_MAX]);

#endif
