/*
 * peer.h -- one connection that never waits: what is encoded into `out` goes
 * out as the socket takes it, responses are taken as they come.
 *
 * Many of them are driven by one thread with poll or epoll, so that the client
 * takes as little as it can of the machine that it measures.
 */
#ifndef FFD_BENCH_PEER_H
#define FFD_BENCH_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/buf.h"
#include "proto/client.h"
#include "proto/stream.h"

struct peer {
    int fd;
    struct ffp_buf out;
    size_t sent; /* of out */
    struct ffp_stream in;
    struct ffp_decoder decoder;
};

/* A connected socket that does not block; unix:PATH or tcp:127.0.0.1:PORT.
   Whatever fails here ends the program. */
int peer_connect(const char *address);

void peer_open(struct peer *p, const char *address);
void peer_close(struct peer *p);

/* Send what the socket takes; whether something is left. */
bool peer_write(struct peer *p);

/* Read what is there, once. */
void peer_read(struct peer *p);

/* The next response that is here; valid until the next call. */
bool peer_next(struct peer *p, struct ffp_response *out);

#endif
