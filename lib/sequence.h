/*
 * sequence.h -- a stream of symbols: what comes next is the class.
 *
 * A model of symbols has no layers that a pass goes through, but a table of its
 * own (symbols.h). What ff_learn, ff_sleep, ff_predict and ff_dream do with it
 * is here.
 *
 * The table is too large to be copied for every view, so answers come from the
 * live one, behind a lock that whoever learns takes for one micro-batch, some
 * tens of microseconds, and then leaves to who waits: one may only wait for the
 * table while being next, so a learner that comes again at once stands behind.
 * A view of symbols is therefore no older than it says, but may be newer.
 */
#ifndef FF_SEQUENCE_H
#define FF_SEQUENCE_H

#include <pthread.h>
#include <stdbool.h>

#include "lib/bits.h"
#include "lib/ff.h"
#include "lib/symbols.h"

struct ff_model;
struct ff_night;

struct ff_sequence {
    struct ff_symbols symbols; /* K 0: the model is of frames */
    struct ff_bits bits;
    struct ff_symbol_trace *trace; /* (1) room of the learner */
    pthread_mutex_t *lock;         /* (2) of the table, and of who is next */
};

static inline bool ff_sequence_is(const struct ff_sequence *s)
{
    return s->symbols.K > 0;
}

void ff_sequence_carve(struct ff_sequence *s, struct ff_arena *a,
                       const struct ff_spec *spec);
void ff_sequence_start(struct ff_sequence *s);
void ff_sequence_stop(struct ff_sequence *s);

/* The n symbols of a call, whose frames are gathered (learn.c); their fates and
   answers into the work space. How many had a frame. */
size_t ff_sequence_learn(struct ff_model *m, const void *const *samples,
                         size_t n, unsigned *drift);

/* One micro-batch of what is owed. */
void ff_sequence_sleep(struct ff_model *m, struct ff_night *night);

/* Answers for n frames. */
void ff_sequence_predict(const struct ff_view *v, const void *const *frames,
                         size_t n, struct ff_answers *out);

/* n frames of text that the model writes; goodness: mean log p of it. */
void ff_sequence_dream(const struct ff_model *m, struct ff_rng *g, size_t n,
                       uint8_t *frames, enum ff_dream_kind *kinds,
                       float *goodness);

/* Whether a symbol is of words, by its label, which has just come or was
   changed. */
void ff_sequence_know(struct ff_model *m, int class_);

/* After a snapshot was read: whether each number is one that can be. */
bool ff_sequence_holds(const struct ff_sequence *s);

#endif
