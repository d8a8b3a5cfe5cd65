/*
 * import.h -- a model out of a snapshot that a peer sends, in pieces.
 *
 * Pieces are written to <state>/import-<name>.part, in order; one that is not
 * the next is refused, saying which is. When the last is there the file is
 * verified by making its model, and becomes the first snapshot of a new one; on
 * any failure it is removed, and the import begins again. A part that nobody
 * goes on with stays until one of that name begins anew, or the next start.
 */
#ifndef FFD_IMPORT_H
#define FFD_IMPORT_H

#include <stdbool.h>

struct ffd_daemon;
struct ffd_model;
struct ffd_op;
struct ffd_work;

/* On the pool, with the name taken: the whole part to a model and its first
   snapshot. w->why is "" or says what failed; then nothing is left. */
void ffd_import_take(struct ffd_work *w);

/* Home again; false when there is no model. */
bool ffd_import_home(struct ffd_model *m, const struct ffd_op *op);

/* A piece is being written. */
bool ffd_import_busy(const struct ffd_daemon *d);

void ffd_imports_release(struct ffd_daemon *d);

#endif
