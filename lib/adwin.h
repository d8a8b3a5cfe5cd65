/*
 * adwin.h -- a window that is as long as its mean stays the same.
 *
 * ADWIN2 (Bifet and Gavalda, "Learning from Time-Changing Data with Adaptive
 * Windowing", 2007). The window grows by every value. If it can be cut so that
 * the means of the older and the newer part differ by more than chance allows,
 * its oldest bucket is dropped, until no such cut is left:
 *
 *     n = n0 + n1                        older and newer part, in values
 *     1/m = 1/(n0 - least + 1) + 1/(n1 - least + 1)
 *     e = sqrt(2/m s^2 ln(2 ln(n) / delta)) + 2/(3m) ln(2 ln(n) / delta)
 *     cut where |mean1 - mean0| > e      s^2 the variance of the window
 *
 * (`least - 1` taken off both lengths is not the paper's; MOA and river do so,
 * and do not cut off parts shorter than `least`.) The bound is one for values
 * in 0 .. 1, so only such are taken.
 *
 * The window is not kept: its values are in buckets of 2^r, at most M of each
 * size, which remember a sum and the squared distances from their mean (an
 * exponential histogram: Datar et al., 2002; with variance: Babcock et al.,
 * 2003). When a row has M + 1, its two oldest become one of the next. Cuts are
 * looked for between buckets. Past 48 rows, after 10^15 values, the oldest
 * bucket is forgotten.
 *
 * Falling means are cut like rising ones. One-sided is who looks at
 * FF_CHANGE_ROSE alone: dropping what was worse keeps the window a fair picture
 * of the present, so that a rise from there is seen the sooner.
 */
#ifndef FF_ADWIN_H
#define FF_ADWIN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/change.h"

#define FF_ADWIN_ROWS    48
#define FF_ADWIN_BUCKETS 5 /* M */

struct ff_adwin_spec {
    double delta;    /* chance of a false cut, 0 .. 1: smaller, slower */
    double clock;    /* values from one look for cuts to the next; >= 1 */
    double least;    /* values in each part of a cut; >= 1 */
    double patience; /* no look until more values than this; >= 1 */
};

/* Buckets of 2^r values each, oldest first. */
struct ff_adwin_row {
    double n; /* of them in use */
    double sum[FF_ADWIN_BUCKETS + 1];
    double spread[FF_ADWIN_BUCKETS + 1]; /* squared distances from the mean */
};

/* Doubles and nothing else, counts too (exact up to 2^53): it can be kept as
   one tensor. All zero is a window at its start. */
struct ff_adwin {
    double width, sum, spread; /* of the whole window */
    double ticks;              /* values since the last look */
    double rows;               /* in use; rows above are empty */
    struct ff_adwin_row row[FF_ADWIN_ROWS];
};

/* Forget everything. */
void ff_adwin_start(struct ff_adwin *w);

/* A value in 0 .. 1; any other, NaN too, is ignored. What changed, as a set of
   enum ff_change; the window has then dropped what was before. */
unsigned ff_adwin_add(struct ff_adwin *w, const struct ff_adwin_spec *spec,
                      double x);

/* Mean of the window; NaN while it is empty. */
double ff_adwin_mean(const struct ff_adwin *w);

/* Whether a window that was read from elsewhere can be gone on with. */
bool ff_adwin_holds(const struct ff_adwin *w);

#endif
