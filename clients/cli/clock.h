/*
 * clock.h -- monotonic time in seconds, and waiting for it.
 */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

double clock_s(void);

/* Wait until clock_s() is due, or a signal comes. */
void clock_wait(double due);

#endif
