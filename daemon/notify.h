/*
 * notify.h -- what systemd is told: ready, reloading, stopping, and that we
 * are alive.
 *
 * The watchdog is fed while the loop turns and no learner that has work has
 * stood still for half of its time; an idle learner is well.
 */
#ifndef FFD_NOTIFY_H
#define FFD_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct ffd_daemon;

struct ffd_notify {
    uv_timer_t watchdog;
    uint64_t watchdog_us; /* 0: nobody watches */
};

void ffd_notify_start(struct ffd_daemon *d);
void ffd_notify_stop(struct ffd_daemon *d);
void ffd_notify_ready(struct ffd_daemon *d);
void ffd_notify_reloading(void);
void ffd_notify_stopping(const char *status);

#endif
