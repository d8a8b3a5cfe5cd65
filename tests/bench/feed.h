/*
 * feed.h -- labelled frames into models over any number of connections, as
 * fast as they are taken, by one thread.
 *
 *     struct feed f = {.data = &d, .batch = 256, .depth = 4, .frames = 60000};
 *     feed_open(&f, address, 16, 1);
 *     feed_run(&f, NULL);                       until all are acknowledged
 *     feed_close(&f);
 *
 * All connections draw from one stream, the training set in order and again
 * from its start when it ends. Each keeps `depth` requests under way. A
 * refusal, or a frame that the daemon dropped, ends the program.
 */
#ifndef FFD_BENCH_FEED_H
#define FFD_BENCH_FEED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/idx.h"
#include "tests/bench/peer.h"

#define FEED_FOREVER SIZE_MAX
#define FEED_PEERS   64

struct feed_data {
    struct idx images, labels; /* owned */
};

/* train-images and train-labels of a directory; ends the program if not. */
void feed_load(struct feed_data *d, const char *dir);
void feed_unload(struct feed_data *d);

struct feed {
    const struct feed_data *data; /* borrowed */
    size_t batch;                 /* frames a request; 1: the single form */
    size_t depth;                 /* requests under way, per connection */
    size_t frames;                /* to feed in all, or FEED_FOREVER */
    bool durable; /* acknowledged when on the disk, not when learned */

    /* private but for learned */
    size_t sent;
    atomic_size_t learned; /* may be read by others while it runs */
    size_t n;              /* connections */
    struct feed_peer {
        struct peer peer;
        char model[24];
        uint32_t last_id;
        size_t under_way;
        bool behind; /* the socket takes no more now */
    } peers[FEED_PEERS];
};

/* n connections, the i-th to model m<i % models>. */
void feed_open(struct feed *f, const char *address, size_t n, size_t models);
void feed_close(struct feed *f);

/* Until all is fed and answered, or *stop (may be NULL). */
void feed_run(struct feed *f, const atomic_bool *stop);

#endif
