/*
 * hostile.h -- peers that mean no good, as a process of its own.
 *
 *   connects  `rate` connections a second are opened on a fixed schedule and
 *             closed some milliseconds later without a word; TCP with SO_LINGER
 *             0, so that no port is left in TIME_WAIT
 *   idle      connect and say nothing
 *   deaf      send requests as fast as they are taken, and read no answer
 *   slow      send a request, a byte a second
 *
 * Whoever is closed by the server stays closed.
 */
#ifndef FFD_BENCH_HOSTILE_H
#define FFD_BENCH_HOSTILE_H

#include <stddef.h>
#include <sys/types.h>

struct hostile_plan {
    const char *address; /* unix:PATH or tcp:127.0.0.1:PORT; borrowed */
    size_t rate;         /* connections a second; 0: none */
    size_t idle, deaf, slow;
    size_t frame_bytes; /* of model m0, for requests */
};

struct hostile_counts {
    size_t offered, connected; /* of the connections of `rate` */
    size_t bytes;              /* that deaf and slow ones had taken */
    double seconds;            /* from the first due to the end */
};

struct hostile {
    pid_t pid;
    struct hostile_shared *shared; /* owned; with the process */
};

/* Returns when those that stay are connected and the storm begins. */
void hostile_start(struct hostile *h, const struct hostile_plan *plan);
void hostile_stop(struct hostile *h, struct hostile_counts *out);

#endif
