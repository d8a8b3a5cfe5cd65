/*
 * window.h -- frames in batches, several batches under way.
 *
 * Frames are pushed one by one; a full batch is sent at once and its answer
 * awaited only when `depth` batches are under way. Answers are delivered in
 * the order of sending, whatever order they came in.
 *
 * The daemon may refuse a batch for now (BUSY): it is sent again after the
 * time that the daemon names, and later batches may then be learned before
 * it. It may drop one (DROPPED): then the answer delivered is NULL.
 *
 * A live stream must not wait for company: when eager, a frame that came more
 * than 5 ms after the one before is sent at once with what waits, and its
 * answer awaited.
 */
#ifndef CLI_WINDOW_H
#define CLI_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/c/ffclient.h"
#include "clients/cli/input.h"

struct window_batch {
    size_t n, first;     /* frames; number of the first since the start */
    uint8_t *frames;     /* (n, frame_bytes) */
    const char **labels; /* (n) NULL: none */
    const char **keys;   /* (n) of samples, their streams; NULL: without name */
    bool end;            /* of samples: a recording ends with the last */
    uint32_t id;
    bool answered, refused; /* refused: for good */
    struct ffc_reply *reply;
};

/* Gets an answer that is of none of the batches (reply is moved), or that was
   refused (NULL; the connection knows why); 0, or a negative number likewise.
 */
typedef int window_other(void *arg, uint32_t id, struct ffc_reply *reply);

/* Gets each batch with its answer (borrowed; NULL: dropped); 0, or a negative
   number that ends the stream and is returned. */
typedef int window_deliver(void *arg, const struct window_batch *batch,
                           const struct ffc_reply *reply);

struct window {
    /* set before window_init, borrowed */
    struct ffc *c;
    const char *model;
    size_t frame_bytes, batch, depth;
    bool samples; /* of streams: with their keys and ends */
    bool observe; /* of samples: learn nothing */
    bool predict; /* ask, else learn */
    bool detail;  /* ask in detail; batch is 1 */
    bool eager;   /* a slow stream goes frame by frame */
    window_deliver *deliver;
    void *arg;
    window_other *other; /* NULL: nobody else asks on this connection */
    void *other_arg;

    /* read-only */
    uint64_t retries; /* batches sent again */
    size_t sent;      /* frames that went out, once or more often */

    /* private */
    struct window_batch *ring; /* (depth + 1): the last one is being filled */
    size_t head, used, pushed;
    double last_s; /* end of the last push */
};

/* Frames a request and requests under way that are of use: `wanted` 0 leaves
   the choice to us; small samples go in larger companies. */
size_t window_batch_size(size_t frame_bytes, size_t wanted);
size_t window_depth(size_t batch);

void window_init(struct window *w);
void window_release(struct window *w);

/* 0, what deliver returned, or an ffc_status with its sentence in w->c. */
int window_push(struct window *w, const struct input_frame *frame);
int window_flush(struct window *w); /* send the rest */
int window_drain(struct window *w); /* and await all of it */

/* Wait for one answer, to whomever. */
int window_collect(struct window *w);

/* Until all frames up to this number, which was sent, are delivered. */
int window_await(struct window *w, size_t frame);

/* What became of the frames so far, when something has failed. */
struct window_toll {
    size_t taken;   /* the first so many were, or were dropped */
    size_t after;   /* behind a batch that was not, so many were too */
    size_t unknown; /* were sent, and no answer came */
};

/* Await the answers that still come, and deliver none of them; the connection's
   sentence is another then. */
struct window_toll window_settle(struct window *w);

#endif
