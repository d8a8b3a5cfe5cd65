/*
 * event.h -- telling those who asked what happened, when it happens.
 *
 * A connection has a set of topics; an event is encoded once and its bytes are
 * appended to the output of each connection that has its topic. With nobody
 * there, an event costs one comparison. It is not kept: who subscribes later
 * does not get it. Outputs are written some at a turn, so that a thousand
 * subscribers do not hold up the loop.
 *
 * A subscriber must read. More than 8 MiB that wait for it, seen at every tick
 * for 60 s, close it; so does the event that would take it over the limit of
 * output. Ticks come once a second while anybody subscribes, and carry the
 * stats; without subscribers there is no timer, so an idle daemon stays asleep.
 *
 * No function here may be called while an answer is being packed: it would
 * land inside. Time is an argument where it matters.
 */
#ifndef FFD_EVENT_H
#define FFD_EVENT_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "proto/buf.h"
#include "proto/event.h"

struct ffd_conn;
struct ffd_daemon;
struct ffd_model;
struct ffd_outcome;
struct ffd_row;

struct ffd_events {
    uv_timer_t timer;          /* data: the daemon */
    struct ffp_buf event;      /* the one that is being told */
    size_t payload;            /* where in it its payload begins */
    size_t topics[FFP_TOPICS]; /* connections that have it */
    size_t subscribers;        /* connections that have any */
};

int ffd_events_start(struct ffd_daemon *d);
void ffd_events_stop(struct ffd_daemon *d);    /* closes the timer */
void ffd_events_release(struct ffd_daemon *d); /* memory, at the end */

/* A connection's topics from now on, bits 1u << FFP_T_...; 0 when it goes. */
void ffd_events_set(struct ffd_conn *c, unsigned topics);

/* The end of a turn: who fell asleep or woke in it. */
void ffd_events_turn(struct ffd_daemon *d);

/* Once a second: stats, and who does not read. */
void ffd_events_tick(struct ffd_daemon *d, uint64_t now_ms);

/* A model's snapshot, m->save, is on the disk. */
void ffd_event_snapshot(struct ffd_model *m);

/* A detector found that the stream is not what it was; error is the share of
   wrong answers lately, NaN before the first label. */
void ffd_event_drift(struct ffd_model *m, const char *detector, double error);

/* n answers of a model came home, their typicality and label (-1: none): tell
   of those that are strange to it, as often as novelty.h says. */
void ffd_event_novelty(struct ffd_model *m, const float *typicality,
                       const int *label, size_t n, uint64_t now_ms);

/* An anomaly began with the sample of this row: tell of it, as often as
   anomaly.h says. */
void ffd_event_anomaly(struct ffd_model *m, const struct ffd_row *row,
                       const struct ffd_outcome *o, uint64_t now_ms);

#endif
