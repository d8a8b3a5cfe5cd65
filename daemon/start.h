/*
 * start.h -- the state directory: what was, is again.
 *
 * Done before the loop turns and before anybody may connect, so it may wait
 * for the disk. Every model that has a directory there is a model again,
 * whether the configuration names it or a peer made it; models that are only in
 * the configuration are made new. Each goes on from the newest of its snapshots
 * that verifies (recover_snapshot.h), or begins anew; a snapshot whose
 * structure is not the configuration's refuses the start.
 */
#ifndef FFD_START_H
#define FFD_START_H

#include "daemon/config.h"

struct ffd_daemon;

/* 0, or -1 and a sentence. Makes the state directory if only it is missing. */
int ffd_start_state(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX]);
int ffd_start_models(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX]);

#endif
