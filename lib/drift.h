/*
 * drift.h -- has the world changed, so that the model is no longer right?
 *
 * Two streams are watched. `error`: was a labelled frame, predicted before it
 * was learned, wrong (Gama et al., "Learning with Drift Detection", 2004).
 * `level`: a number of any frame that is larger the stranger it looks, labelled
 * or not. Only a rise is drift; learning itself makes both fall.
 *
 * Each stream has two detectors. Page-Hinkley alarms at any frame, when a rise
 * has added up to enough; ADWIN looks every 32 frames, but sees small rises
 * too. One drift may alarm both, some frames apart. What alarmed starts again,
 * with no memory of before.
 *
 * A level is a surprise in nats, -ln p, or something like it: 0 where nothing
 * is strange, without an upper end. Both detectors get 1 - exp(-level), which
 * lies in 0 .. 1; of -ln p that is 1 - p. A probability may be given as it is.
 *
 * Defaults and what they were measured to do: lib/README.md.
 */
#ifndef FF_DRIFT_H
#define FF_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/adwin.h"
#include "lib/arena.h"
#include "lib/ff.h"
#include "lib/page_hinkley.h"

#define FF_DRIFT_STREAMS 2 /* error, level: row 0, row 1 */

#define FF_DRIFT_ERRORS (FF_DRIFT_ERROR_ADWIN | FF_DRIFT_ERROR_PAGE_HINKLEY)

/* Doubles throughout. */
struct ff_drift_watch {
    struct ff_adwin adwin;
    struct ff_page_hinkley page_hinkley;
};

/* Words throughout. */
struct ff_drift_tally {
    uint64_t seen;                /* values taken since the start */
    uint64_t adwin, page_hinkley; /* alarms since then */
    uint64_t last;                /* `seen` at the last alarm; 0: none yet */
};

/* A snapshot holds watch as (2, n) F64 and tally as (2, n) U64. All zero is
   the start. */
struct ff_drift {
    struct ff_drift_watch *watch; /* (2) */
    struct ff_drift_tally *tally; /* (2) */
};

void ff_drift_carve(struct ff_drift *d, struct ff_arena *a);

/* Forget everything, alarms too. */
void ff_drift_start(struct ff_drift *d);

/* One value of a stream; what alarmed, as a set of FF_DRIFT_ERROR_ADWIN and so
   on (ff.h). A level
   that is negative or NaN is ignored; an infinite one, -ln 0, is not. */
unsigned ff_drift_error(struct ff_drift *d, bool wrong);
unsigned ff_drift_level(struct ff_drift *d, float level);

/* For people. The mean is that of ADWIN's window of `width` values: share of
   errors, or 1 - exp(-level); NaN while it is empty. */
struct ff_drift_stream {
    struct ff_drift_tally tally;
    double mean, width;
};

struct ff_drift_status {
    struct ff_drift_stream error, level;
};

void ff_drift_status(const struct ff_drift *d, struct ff_drift_status *out);

/* Whether what was read from elsewhere can be gone on with. */
bool ff_drift_holds(const struct ff_drift *d);

#endif
