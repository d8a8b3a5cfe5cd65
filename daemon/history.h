/*
 * history.h -- how a model got here: its life since this start, in points.
 *
 * At most 512, evenly in time while something happens: a point is added when a
 * model learned or slept and every_s have passed since the last, and when there
 * is no room every second point goes and every_s doubles. So it is bounded for
 * ever, needs no timer, and an idle model adds nothing. Beside it the newest
 * marks: what happened at a moment.
 *
 * Pure: time, in seconds since 1970, is an argument.
 */
#ifndef FFD_HISTORY_H
#define FFD_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "proto/buf.h"

#define FFD_HISTORY_POINTS 512
#define FFD_HISTORY_MARKS  64
#define FFD_HISTORY_TEXT   96 /* with terminator */

struct ffd_point {
    double time;
    uint64_t seq, slept;      /* frames taken; taught asleep, in all */
    double accuracy, fading;  /* prequential; NaN: none yet */
    double frames_per_second; /* learned */
    uint64_t inbox, debt;
};

struct ffd_history {
    double every_s;
    size_t n;
    struct ffd_point point[FFD_HISTORY_POINTS];
    size_t marks; /* ever made; the i-th is at i modulo the room */
    struct ffd_mark_of_time {
        double time;
        uint64_t seq;
        const char *kind; /* static */
        char text[FFD_HISTORY_TEXT];
    } mark[FFD_HISTORY_MARKS];
};

void ffd_history_init(struct ffd_history *h);

/* Add it, if its time has come. */
void ffd_history_add(struct ffd_history *h, const struct ffd_point *p);

/* kind: drift, snapshot, label, rollback. text is cut if it is too long. */
void ffd_history_mark(struct ffd_history *h, double time, uint64_t seq,
                      const char *kind, const char *text);

/* Packed: a map of every_s, points (columns) and marks, the oldest first. */
void ffd_history_pack(const struct ffd_history *h, struct ffp_buf *b);

#endif
