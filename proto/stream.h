/*
 * stream.h -- a buffer that bytes are read into and whole messages come
 * out of; for both ends of a connection. Knows no socket.
 *
 *     ffp_stream_reserve -> read into it -> ffp_stream_commit
 *     while ffp_stream_next is FFP_STREAM_MESSAGE: decode it
 *
 * The walker of limit.h goes over every byte once, as it is committed. A peer
 * is given room for what it declares, but never more than twice what it
 * really sent (from 16 KiB on), so a promise of 16 MiB costs nothing.
 */
#ifndef FFP_STREAM_H
#define FFP_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "proto/limit.h"

enum ffp_next {
    FFP_STREAM_MESSAGE, /* one complete bounded message */
    FFP_STREAM_MORE,    /* read on */
    FFP_STREAM_REFUSED  /* s->walk says why; there is no way to go on */
};

struct ffp_stream {
    uint8_t *data; /* owned */
    size_t room;   /* bytes allocated; for accounts of memory */
    size_t start;  /* where the message being read begins */
    size_t end;    /* where the next bytes go */
    size_t walked; /* start <= walked <= end */
    struct ffp_limit limit;
    size_t cap;         /* of the messages to come */
    enum ffp_walk walk; /* why it was refused */
};

void ffp_stream_init(struct ffp_stream *s, size_t cap);
void ffp_stream_release(struct ffp_stream *s);

/* Another cap, as after authentication; from the next message on. */
void ffp_stream_set_cap(struct ffp_stream *s, size_t cap);

/*
 * Where the next bytes may be written: *n > 0 of them at *at, borrowed until
 * the next call. Messages got from ffp_stream_next end here. 0, or -1 when
 * out of memory (the stream is as it was).
 */
int ffp_stream_reserve(struct ffp_stream *s, uint8_t **at, size_t *n);

/* n bytes were written there. */
void ffp_stream_commit(struct ffp_stream *s, size_t n);

/* The next message: *n bytes at *message, borrowed until ..._reserve. */
enum ffp_next ffp_stream_next(struct ffp_stream *s, const uint8_t **message,
                              size_t *n);

/* Give memory back when nothing waits in it. */
void ffp_stream_shrink(struct ffp_stream *s);

#endif
