/*
 * conn_parts.h -- what the three parts of a connection share: conn.c (its
 * life), connread.c (messages in) and connwrite.c (answers out). For them
 * alone.
 */
#ifndef FFD_CONN_PARTS_H
#define FFD_CONN_PARTS_H

#include <stdbool.h>

#include "daemon/conn.h"

/* Nothing more of it may be looked at now. */
bool ffd_conn_must_wait(const struct ffd_conn *c);

/* Messages wait for the next turn, or do no longer. */
void ffd_conn_set_backlog(struct ffd_conn *c, bool on);

/* Its buffers have other sizes now. */
void ffd_conn_account(struct ffd_conn *c);

void ffd_conn_read_start(struct ffd_conn *c);
void ffd_conn_read_stop(struct ffd_conn *c);

#endif
