#include "daemon/notify.h"

#include <inttypes.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "daemon/daemon.h"
#include "daemon/model.h"

static void on_watchdog(uv_timer_t *timer)
{
    struct ffd_daemon *d = timer->data;
    const struct ffd_model *stuck =
        ffd_scheduler_stuck(d, d->notify.watchdog_us / 2);

    if (!stuck) {
        sd_notify(0, "WATCHDOG=1");
        return;
    }
    ffd_log_some(FFD_LOG_ERROR, "watchdog", ffd_now_ms(d),
                 "model %s has been at one piece of work for too long; the "
                 "watchdog is not fed",
                 stuck->name);
}

void ffd_notify_start(struct ffd_daemon *d)
{
    struct ffd_notify *n = &d->notify;

    uv_timer_init(&d->loop, &n->watchdog);
    n->watchdog.data = d;
    if (sd_watchdog_enabled(0, &n->watchdog_us) <= 0) {
        n->watchdog_us = 0;
        return;
    }
    uv_timer_start(&n->watchdog, on_watchdog, 0, n->watchdog_us / 4000 + 1);
    uv_unref((uv_handle_t *)&n->watchdog);
}

void ffd_notify_stop(struct ffd_daemon *d)
{
    uv_close((uv_handle_t *)&d->notify.watchdog, NULL);
}

void ffd_notify_ready(struct ffd_daemon *d)
{
    sd_notifyf(0, "READY=1\nSTATUS=Serving %zu model%s", d->n_models,
               d->n_models == 1 ? "" : "s");
}

void ffd_notify_reloading(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
               (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u);
}

void ffd_notify_stopping(const char *status)
{
    sd_notifyf(0, "STOPPING=1\nSTATUS=%s", status);
}
