/*
 * epoch.h -- the number of a start.
 *
 * Ids of frames are "<epoch>:<counter>". The epoch grows at every start and is
 * on the disk (<state>/epoch) before the first id is given, so that no id is
 * given twice.
 */
#ifndef FFD_EPOCH_H
#define FFD_EPOCH_H

#include <stdint.h>

#include "daemon/config.h"

/* The last one. 1: none was given yet; -1: a sentence. */
int ffd_epoch_read(const char *state, uint64_t *epoch,
                   char why[FFD_CONFIG_WHY_MAX]);

/* The next one, written down. 0, or -1 and a sentence. */
int ffd_epoch_next(const char *state, uint64_t *epoch,
                   char why[FFD_CONFIG_WHY_MAX]);

#endif
