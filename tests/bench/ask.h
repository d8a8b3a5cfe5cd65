/*
 * ask.h -- questions on a fixed schedule, over one connection.
 *
 * Question i of n is due at a moment settled before the first is sent, and its
 * latency runs from there, whenever it can be sent and whatever came of those
 * before it. Questions go round the models m0, m1 ...
 *
 * An answer that is an error, has no label, or names a step before that of its
 * model's last answer ends the program.
 */
#ifndef FFD_BENCH_ASK_H
#define FFD_BENCH_ASK_H

#include <stddef.h>
#include <stdint.h>

#include "tests/bench/idx.h"
#include "tests/bench/peer.h"

#define ASK_MODELS 64

struct ask {
    const struct idx *images; /* borrowed; what is asked about */
    size_t n, models;
    size_t rate;  /* questions a second */
    size_t burst; /* so many fall due at once */

    double *latency; /* (n) owned; seconds from due to answered */
    double *late;    /* (n) owned; of these, from due to sent */

    /* private */
    struct peer peer;
    double start;
    size_t sent, answered;
    uint64_t step[ASK_MODELS]; /* of the last answer */
};

/* images, n, models, rate and burst are set; the rest is zero. */
void ask_open(struct ask *a, const char *address);
void ask_close(struct ask *a);

/* Until all are answered. */
void ask_run(struct ask *a);

#endif
