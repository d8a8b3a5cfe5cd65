/*
 * memory.h -- memory_limit: all buffers of connections, calls and inboxes.
 *
 * From seven eighths of the limit on, the connection that holds most is no
 * longer read, then the next, one a turn; below three quarters all are read
 * again. Over the limit the one that holds most is closed with OVERLOADED.
 * Weights, views and remembered frames are not in the account: their sizes
 * are fixed when a model is made.
 */
#ifndef FFD_MEMORY_H
#define FFD_MEMORY_H

struct ffd_daemon;

void ffd_memory_look(struct ffd_daemon *d);

#endif
