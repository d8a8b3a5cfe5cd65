/*
 * late.h -- which labels are sent with their frames, which later, and which
 * never: a stream that is mostly unlabelled, out of one that is not.
 *
 * A seeded draw withholds a share of the labels for ever; one seed withholds
 * of a larger share all that it withholds of a smaller one. Of the rest each
 * comes `delay` frames after its own: when so many more have gone out, at the
 * end of a batch, and before the next. So that this is so whatever the speed,
 * the stream waits there for the ids that it needs, which are in the answers.
 *
 *     frame.label = late_choose(&l, frame.label);
 *     window_push(&w, &frame);  late_due(&l);         for each frame
 *     late_learned(&l, batch, first_id);              for each answer
 *     window_drain(&w);  late_finish(&l, true);       at the end
 */
#ifndef CLI_LATE_H
#define CLI_LATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/cli/rng.h"
#include "clients/cli/window.h"

#define LATE_DEPTH 24 /* labels under way, beside the window's requests */

struct late {
    /* set before late_init */
    struct window *w;  /* borrowed; late_init becomes its `other` */
    double unlabelled; /* share of the labels that is never sent */
    size_t delay;      /* frames; 0: labels go with their frames */
    uint64_t seed;

    /* read-only; each frame is in one of the first three */
    size_t with;    /* frames sent with their label */
    size_t without; /* frames whose label was not there or is never sent */
    size_t late;    /* frames whose label came late, or is about to */
    size_t missed;  /* of these, labels for which no frame waited */

    /* private */
    struct rng rng;
    struct late_label *ring; /* (room) owned; in order of frames */
    size_t head, n, room;
    size_t frames, known; /* frames so far; of the ring, those with an id */
    uint32_t under_way[LATE_DEPTH];
    size_t n_under_way;
};

void late_init(struct late *l);
void late_release(struct late *l);

/* The label to send with the next frame, or NULL; borrowed until it is sent,
   maybe late. */
const char *late_choose(struct late *l, const char *label);

/* A batch was answered; first_id "" or NULL: it was dropped, or has no ids. */
void late_learned(struct late *l, const struct window_batch *b,
                  const char *first_id);

/* Send what is due; 0, or an ffc_status with its sentence in the window's
   connection. */
int late_due(struct late *l);

/* Everything is sent and answered: send the labels that are left, or leave
   them, as of frames without; await all answers. */
int late_finish(struct late *l, bool send);

#endif
