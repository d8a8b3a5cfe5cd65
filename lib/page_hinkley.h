/*
 * page_hinkley.h -- the sum of what was above the mean, against its lowest.
 *
 * Page, "Continuous Inspection Schemes", 1954; Hinkley, "Inference about the
 * Change-Point from Cumulative Sum Tests", 1971; as river has it:
 *
 *     mean_t = mean of x_1 .. x_t
 *     up_t   = alpha up_t-1   + x_t - mean_t - delta
 *     down_t = alpha down_t-1 + x_t - mean_t + delta
 *     rose   where up_t - min up > lambda
 *     fell   where max down - down_t > lambda
 *
 * While nothing changes, up sinks by delta a value and is its own minimum. With
 * alpha below 1 it sinks to a floor and not for ever; where the mean has long
 * been falling that floor itself comes up, and looks like a rise. For such
 * streams alpha is 1.
 */
#ifndef FF_PAGE_HINKLEY_H
#define FF_PAGE_HINKLEY_H

#include <stdbool.h>

#include "lib/change.h"

#define FF_PAGE_HINKLEY_MOST 1e9 /* values larger than this are ignored */

struct ff_page_hinkley_spec {
    double delta;    /* what a value may be above the mean; >= 0 */
    double lambda;   /* sum at which it has changed; > 0 */
    double alpha;    /* what is kept of a sum from value to value; 0 .. 1 */
    double patience; /* no answer before so many values */
};

/* Doubles and nothing else, as struct ff_adwin. All zero is its start. */
struct ff_page_hinkley {
    double n, mean;
    double up, lowest;    /* and the lowest it was */
    double down, highest; /* and the highest it was */
};

/* Forget everything. */
void ff_page_hinkley_start(struct ff_page_hinkley *p);

/* A value; one too large or not a number is ignored. What changed, as a set of
   enum ff_change; it goes on saying so until it is started again. */
unsigned ff_page_hinkley_add(struct ff_page_hinkley *p,
                             const struct ff_page_hinkley_spec *spec, double x);

/* Whether sums that were read from elsewhere can be gone on with. */
bool ff_page_hinkley_holds(const struct ff_page_hinkley *p);

#endif
