/*
 * front.h -- samples of streams become frames.
 *
 * Each key (slots.h) has a state of its own, and nothing of one meets another.
 * Samples that are only looked at move their stream on, and nothing else: what
 * is known of all keys together is known of samples that are learned.
 * One sample goes through:
 *
 *     values      u8 becomes 0 .. 1, i16 -1 .. 1
 *     sound       a piece of it becomes one spectrum (sound.h)
 *     missing     what is not finite is held or becomes the mean
 *     moments     running mean and variance (moments.h)
 *     decimation  the mean of `decimate` samples counts as one
 *     window      the newest `length` of these, a frame every `stride`; with
 *                 stride 0 the first `length` of a recording
 *
 * and the window, when it is due:
 *
 *     standardised by channel, as of now
 *     features    as it is, or of each channel its mean and where its power
 *                 lies (octaves.h), standardised among all windows
 *
 * With symbols a sample is its class alone: the frame is what came before it,
 * a byte each, the newest last, FF_SYMBOLS_NONE where there was none.
 *
 * A frame is of the class that most samples of its window are of, of those that
 * have one.
 *
 * C values a sample (after sound), L samples a window, D values a frame.
 */
#ifndef FF_FRONT_H
#define FF_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/anomaly.h"
#include "lib/arena.h"
#include "lib/ff.h"
#include "lib/moments.h"
#include "lib/octaves.h"
#include "lib/slots.h"
#include "lib/sound.h"

struct ff_front {
    struct ff_stream_spec spec;
    size_t C, L, D, K;
    size_t frame_bytes;
    struct ff_slots slots;
    struct ff_sound sound;
    struct ff_octaves octaves;
    struct ff_anomaly anomaly;              /* R 0: not judged */
    float *feature_mean, *feature_variance; /* (D) */
    uint64_t *feature_known;                /* (D) */
    /* by place */
    float *tail;            /* (S, span) newest values of sound; NULL without */
    float *ring;            /* (S, L, C) a ring of samples */
    uint32_t *classes;      /* (S, L) of these: class + 1, or 0 */
    uint64_t *count;        /* (S) samples in it since it began */
    uint64_t *fresh;        /* (S) of these, since the last frame */
    uint64_t *due;          /* (S) samples until the next window */
    float *sum;             /* (S, C) of samples to be decimated */
    uint64_t *summed;       /* (S) how many these are */
    float *last;            /* (S, C) newest value of each channel */
    float *mean, *variance; /* (S + 1, C) the last row is of all keys */
    uint64_t *known;        /* (S + 1, C) values in these */
    uint8_t *newest;        /* (S, frame_bytes) */
    uint64_t *made;         /* (S) frames made of the key */
    float *p;               /* (S) how usual the newest was; 0: not judged */
    uint64_t *quiet;        /* (S) samples until it may alarm again */
    uint64_t *windows;      /* (1) and of all, but for those only looked at */
    float *piece;           /* (hop) room of sound */
    uint32_t *votes;        /* (K + 1) room */
    float *row;             /* (C) room */
    float *window;          /* (L, C) room */
    float *features;        /* (D) room; NULL: features are raw */
};

/* What layers see of a checked stream, and how many values that is. */
void ff_front_shape(const struct ff_stream_spec *s, size_t shape[3]);

/* Values (of 4 bytes) that the front of a checked stream keeps, at least. */
double ff_front_values(const struct ff_spec *spec);

void ff_front_carve(struct ff_front *f, struct ff_arena *a,
                    const struct ff_spec *spec);

/* Whether the sample may come in: false where a value is not finite and that
   is to be refused. */
bool ff_front_accepts(const struct ff_front *f, const void *sample);

/* One sample and its class, or -1; with symbols, the class alone. True: it made
   a frame, which is in `frame` (frame_bytes), of the class that is now in
   class_. */
bool ff_front_take(struct ff_front *f, const struct ff_origin *from,
                   const void *sample, int *class_, void *frame);

/*
 * p of the frame that a sample of `from` just made, and whether an alarm is
 * raised. What is only looked at raises none, is not remembered, and is nothing
 * that others are compared with.
 */
float ff_front_judge(struct ff_front *f, const struct ff_origin *from,
                     const float *frame, struct ff_rng *g, bool *alarm);

/* The newest frame of a key, borrowed; NULL if there is none. And its p; NaN
   where it was not judged. */
const void *ff_front_newest(const struct ff_front *f, uint64_t key);
float ff_front_p(const struct ff_front *f, uint64_t key);

/* Samples of a class are of another. Where one is to be forgotten, a key that
   holds a sample of it begins anew, and no frame of any is kept. */
void ff_front_merge(struct ff_front *f, int from, int to);
void ff_front_forget(struct ff_front *f, int class_);

/* After a snapshot was read: whether it holds what it could have come to. */
bool ff_front_holds(struct ff_front *f);

#endif
