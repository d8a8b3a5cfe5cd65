/*
 * notify.h -- what systemd is told: ready, reloading, stopping, that we are
 * alive, and in a sentence how we are.
 *
 * The watchdog is fed while the loop turns and no learner that has work has
 * stood still for half of its time; an idle learner is well.
 *
 * The sentence (STATUS=, `systemctl status`) is looked at when the watchdog is
 * fed, or every 10 s without one, and sent when it changed: nothing wakes an
 * idle daemon for it. Without systemd (NOTIFY_SOCKET) nothing is done at all.
 */
#ifndef FFD_NOTIFY_H
#define FFD_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define FFD_NOTIFY_TEXT_MAX  256
#define FFD_NOTIFY_EXTRA_MAX 160

struct ffd_daemon;

struct ffd_notify {
    uv_timer_t timer;
    uint64_t watchdog_us;             /* 0: nobody watches */
    char extra[FFD_NOTIFY_EXTRA_MAX]; /* what is out of the ordinary, or "" */
    char told[FFD_NOTIFY_TEXT_MAX];   /* the sentence last sent */
};

void ffd_notify_start(struct ffd_daemon *d);
void ffd_notify_stop(struct ffd_daemon *d);
void ffd_notify_ready(struct ffd_daemon *d);
void ffd_notify_reloading(void);
void ffd_notify_stopping(const char *status);

/* Add what is out of the ordinary to the status, from now on: "No space left:
   not learning". Copied, one line; "" ends it. */
void ffd_notify_say(struct ffd_daemon *d, const char *sentence);

/*
 * Before READY: how far a long beginning has come. Asks for another minute
 * (EXTEND_TIMEOUT_USEC), so call it whenever something was done; more than
 * once a second costs a look at the clock. The main thread alone.
 */
void ffd_notify_progress(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The sentence: "Serving 2 models, 1 asleep; No space left: not learning". */
void ffd_notify_status(const struct ffd_daemon *d,
                       char text[FFD_NOTIFY_TEXT_MAX]);

#endif
