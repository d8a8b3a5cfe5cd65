/*
 * periodic.h -- every so often, each model that changed is saved.
 *
 * Looked at at the end of a turn: a timer runs only while a model that changed
 * waits for its time, so an idle daemon stays asleep. The clock is the loop's,
 * which never jumps. Models that began together are spread over a quarter of
 * the period, so that they do not all want the disk at once. One that could not
 * be saved is tried again a period later.
 */
#ifndef FFD_PERIODIC_H
#define FFD_PERIODIC_H

#include <uv.h>

struct ffd_daemon;
struct ffd_model;

struct ffd_periodic {
    uv_timer_t timer;
};

int ffd_periodic_start(struct ffd_daemon *d);
void ffd_periodic_stop(struct ffd_daemon *d);

/* A model lives: its first period begins. */
void ffd_periodic_begin(struct ffd_model *m);

/* The end of a turn. */
void ffd_periodic_turn(struct ffd_daemon *d);

#endif
