/*
 * rollback.h -- a model goes back to what a snapshot of it was.
 */
#ifndef FFD_ROLLBACK_H
#define FFD_ROLLBACK_H

#include <stdint.h>

struct ffd_model;

/*
 * Make a live model what the snapshot at path (borrowed) is, as a record of its
 * journal, when its baton is home; then answer the request, whose place of the
 * connection is taken, and end that place (ffd_conn_end). The file may be gone
 * by the time it is read. -1: no memory; nothing is changed, and the caller
 * answers.
 */
int ffd_model_rollback(struct ffd_model *m, const char *path, uint64_t conn,
                       uint32_t msgid);

#endif
