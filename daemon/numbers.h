/*
 * numbers.h -- what a model is and how it does, packed: the results of models,
 * status and stats (proto/PROTOCOL.md), for whoever asks, by whichever road.
 *
 * Each appends one value. The numbers are of the moment the baton was last
 * home.
 */
#ifndef FFD_NUMBERS_H
#define FFD_NUMBERS_H

#include "proto/buf.h"

struct ffd_daemon;
struct ffd_model;

void ffd_pack_models(struct ffp_buf *b, const struct ffd_daemon *d);

/* digest: 32 hex digits, or NULL. */
void ffd_pack_status(struct ffp_buf *b, const struct ffd_model *m,
                     const char *digest);

/* only: of one model, or NULL: of all. */
void ffd_pack_stats(struct ffp_buf *b, const struct ffd_daemon *d,
                    const struct ffd_model *only);

#endif
