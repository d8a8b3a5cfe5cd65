/*
 * memory.h -- memory_limit: all buffers of connections, calls and inboxes.
 *
 * From seven eighths of the limit on, connections that hold much (64 KiB of
 * half-sent messages, requests in flight and unread answers) are not read; all
 * others are, always. What calls and inboxes hold comes free as they are worked
 * off, and then all are read again. But if the buffers of connections by
 * themselves hold three quarters, nothing would ever come free: then, and over
 * the limit, the one with the largest is closed with OVERLOADED, until it is
 * enough. No connection is closed for the buffers that an idle one keeps.
 *
 * Who is not read is not seen to leave, so those are asked after: one whose
 * peer sends no more is read to its end.
 *
 * Weights, views and remembered frames are not in the account: their sizes
 * are fixed when a model is made.
 */
#ifndef FFD_MEMORY_H
#define FFD_MEMORY_H

struct ffd_daemon;

void ffd_memory_look(struct ffd_daemon *d);

#endif
