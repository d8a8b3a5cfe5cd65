/*
 * conn_parts.h -- what the four parts of a connection share: conn.c (its
 * life), connread.c (messages in), connwrite.c (answers out) and conntls.c
 * (TLS between these and the socket). For them alone.
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

/* Make plaintext of what was fed to c->tls, or set the backlog if there is no
   time for it in this turn. May close. */
void ffd_conn_unseal(struct ffd_conn *c);

/* Move a slice of what is collected into c->sealed. 0, or -1: close. */
int ffd_conn_seal(struct ffd_conn *c);

/* Bytes between c->out and libuv. */
size_t ffd_conn_sealing(const struct ffd_conn *c);

void ffd_conn_read_start(struct ffd_conn *c);
void ffd_conn_read_stop(struct ffd_conn *c);

#endif
