/*
 * stop.h -- the end, in good order, and the signals that ask for it.
 *
 *   SERVING  -> DRAINING  SIGTERM, SIGINT: no new connection, nothing more is
 *                         read; what is in flight is finished
 *   DRAINING -> SAVING    nothing is in flight, or 10 s have passed: the rest
 *                         is refused; every model that changed is saved
 *   SAVING   -> CLOSING   all files are written, or the journal that they wait
 *                         for has taken 10 s: last words, handles close
 *
 * A second SIGTERM ends at once. SIGHUP reads the configuration again.
 */
#ifndef FFD_STOP_H
#define FFD_STOP_H

#include <stdbool.h>
#include <uv.h>

struct ffd_daemon;

struct ffd_stop {
    uv_signal_t term, interrupt, hangup;
    uv_timer_t timer;
    bool failed; /* a last snapshot could not be written */
};

int ffd_stop_start(struct ffd_daemon *d);

/* Something came to an end: perhaps all did. */
void ffd_stop_look(struct ffd_daemon *d);

#endif
