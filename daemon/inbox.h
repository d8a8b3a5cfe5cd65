/*
 * inbox.h -- frames that wait for a model's baton.
 *
 * One block of rows, each aligned to 64 bytes, so that a frame is copied once
 * on its way to the learner and nothing is allocated for it. Rows are known
 * by number. They are free, wait in order of arrival, or are taken: away with
 * the baton until they are put back. A waiting row may be dropped (the oldest
 * first) while others are taken; its place is free at once.
 *
 * Free rows are used last in, first out: a stream that is kept up with stays
 * in a few warm pages, and the rest of the block is never touched.
 *
 * Belongs to the loop's thread. The frames and classes of taken rows may be
 * read by whoever has the baton; nothing else writes them meanwhile.
 */
#ifndef FFD_INBOX_H
#define FFD_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"

struct ffd_ticket;

/* One number for an id, "epoch:counter" on the wire, that lib keeps frames
   by. There is room for a million starts and 2^44 frames in each; an id beyond
   is nobody's, 0. */
static inline uint64_t ffd_frame_id(uint64_t epoch, uint64_t counter)
{
    return epoch >> 20 || counter >> 44 ? 0 : epoch << 44 | counter;
}

/* What an id that is somebody's was made of. */
static inline void ffd_frame_id_parts(uint64_t id, uint64_t *epoch,
                                      uint64_t *counter)
{
    *epoch = id >> 44;
    *counter = id & ((UINT64_C(1) << 44) - 1);
}

struct ffd_row {
    int class_;  /* -1: no label */
    uint64_t id; /* the frame's; see ffd_frame_id */
    bool late;   /* a label for frame `id`; the row holds no frame */
    struct ff_origin origin;   /* of a sample */
    struct ffd_ticket *ticket; /* borrowed; NULL: nobody waits */
};

struct ffd_inbox {
    size_t size;      /* rows */
    size_t row_bytes; /* a frame, rounded up to 64 */
    size_t frame_bytes;
    uint8_t *frames;                   /* (size, row_bytes) owned */
    struct ffd_row *rows;              /* (size) owned */
    uint32_t *free_rows;               /* (size) owned; a stack */
    uint32_t *queue;                   /* (size) owned; a ring */
    size_t free_count, waiting, first; /* first: place in the ring */
};

/* -1 if there is no memory. */
int ffd_inbox_init(struct ffd_inbox *b, size_t size, size_t frame_bytes);
void ffd_inbox_release(struct ffd_inbox *b);

/* Rows that may be added now. */
size_t ffd_inbox_room(const struct ffd_inbox *b);

/* Bytes of frames that are held, waiting or taken. */
size_t ffd_inbox_bytes(const struct ffd_inbox *b);

/* Copy a frame in, last of those that wait; there must be room. NULL for a
   late label. Returns its row, for the caller to fill in. */
struct ffd_row *ffd_inbox_add(struct ffd_inbox *b, const void *frame);

/* The frame's own place, when it is not bytes to copy. Valid until the next
   change. */
void *ffd_inbox_frame(struct ffd_inbox *b, uint32_t row);

/* Number of the row last added. */
uint32_t ffd_inbox_last(const struct ffd_inbox *b);

/* Take up to n waiting rows, oldest first; how many. */
size_t ffd_inbox_take(struct ffd_inbox *b, uint32_t *rows, size_t n);

/* Rows that were taken are free again. */
void ffd_inbox_put_back(struct ffd_inbox *b, const uint32_t *rows, size_t n);

/* Drop the oldest waiting row; what it held, or a NULL ticket and class -1
   if none waits. */
struct ffd_row ffd_inbox_drop_oldest(struct ffd_inbox *b);

#endif
