/*
 * recent.h -- what a model lately saw, answered, and found good.
 *
 * For people to look at (ff_model_recent). It moves no weight and is in no
 * snapshot: after a start it is empty. Goodness is taken down at every 16th
 * update, awake and asleep; answers and pictures as frames come.
 *
 * What is forgotten of a label must be gone from here too, so all of it is.
 */
#ifndef FF_RECENTS_H
#define FF_RECENTS_H

#include "lib/arena.h"
#include "lib/ff.h"

struct ff_model;

struct ff_recent_ring {
    float *at; /* (FF_RECENT_GOODNESS) */
    size_t n;  /* ever added */
};

/* Frames as they came, the i-th at i modulo FF_RECENT_PICTURES. */
struct ff_recent_album {
    uint8_t *bytes;                /* (pictures, frame bytes) */
    struct ff_recent_frame *frame; /* (pictures) */
    size_t n;                      /* ever added */
};

struct ff_recents {
    struct ff_recent_ring goodness[FF_LAYERS_MAX][FF_RECENT_KINDS];
    struct ff_recent_answer *answer; /* (FF_RECENT_ANSWERS) */
    size_t answers;                  /* ever added */
    struct ff_recent_album frames, mistakes;
};

void ff_recents_carve(struct ff_recents *r, struct ff_arena *a, size_t L,
                      size_t frame_bytes);

/* The first n rows of the work space, whose pass was made and whose roles are
   known, as layer l found them. */
void ff_recents_judged(struct ff_model *m, size_t l, size_t n);

/* A frame that was answered and then learned; label -1: none. */
void ff_recents_saw(struct ff_model *m, const void *frame, int label,
                    int answer, float confidence);

/* What was `from` is `to`. */
void ff_recents_merge(struct ff_model *m, int from, int to);

void ff_recents_clear(struct ff_model *m);

#endif
