/*
 * scheduler.h -- who may learn now: batons onto the pool, round-robin.
 *
 * The pool is one first-in-first-out queue of threads without priorities: four
 * long items in front would make a question wait for all of them. So at most
 * `learners` items that carry a baton are out at a time, and the pool has four
 * threads more than that, for questions and files.
 *
 * What a model at home does next, in this order:
 *   1. what somebody asked for (save, dreams, drop)
 *   2. take in what was fitted beside
 *   3. learn frames that wait, as many as sleep allows
 *   4. publish what was learned, when nothing waits any more
 *   5. sleep a slice, if the sleeper says so
 * Then it goes to the end of the queue.
 */
#ifndef FFD_SCHEDULER_H
#define FFD_SCHEDULER_H

#include <stdbool.h>
#include <uv.h>

struct ffd_daemon;
struct ffd_model;

struct ffd_scheduler {
    struct ffd_model *head, *tail; /* at home and with something to do */
    unsigned running, learners;
    uv_timer_t timer; /* for models that wait for quiet */
    bool starved;     /* one waits for memory; nothing else may wake it */
    bool fitting;     /* one fit runs; others wait for their turn: */
    struct ffd_model *fit_head, *fit_tail;
};

int ffd_scheduler_start(struct ffd_daemon *d, unsigned learners);
void ffd_scheduler_stop(struct ffd_daemon *d);

/* Something changed for a model: it may have something to do now. */
void ffd_scheduler_want(struct ffd_model *m);

/* Send out batons. At the end of a turn, so that frames of one read go
   together. */
void ffd_scheduler_pump(struct ffd_daemon *d);

/* A learner that has been out for longer than this, or NULL. */
const struct ffd_model *ffd_scheduler_stuck(const struct ffd_daemon *d,
                                            uint64_t limit_us);

#endif
