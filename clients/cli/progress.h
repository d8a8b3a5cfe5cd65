/*
 * progress.h -- one line on the terminal that says how far it is.
 *
 *   digits [#########...........]  45 %  27,136/60,000  18,211/s  97.1 %  1 s
 * left
 *
 * Drawn on standard error, at most ten times a second, and only where that is
 * a terminal.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
    bool on;
    const char *what; /* borrowed */
    const char *unit; /* borrowed: what is counted; frames, if not set */
    size_t total;     /* COUNT_UNKNOWN: no bar, no time left */
    double bits;      /* a symbol; NaN: not known */
    double from, drawn;
};

void progress_start(struct progress *p, const char *what, size_t total,
                    bool wanted);
void progress_show(struct progress *p, size_t done, double accuracy);
void progress_stop(struct progress *p); /* clears the line */

/* The line itself, for a time that has passed; accuracy NaN is left out. */
void progress_line(char *out, size_t n, const struct progress *p, size_t done,
                   double accuracy, double seconds);

#endif
