#include "daemon/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "daemon/daemon.h"
#include "daemon/model.h"

#define LOOK_MS     10000                   /* at the sentence */
#define PROGRESS_US ((uint64_t)1000 * 1000) /* between two of them */
#define EXTEND_US   ((uint64_t)60 * 1000 * 1000)

void ffd_notify_status(const struct ffd_daemon *d,
                       char text[FFD_NOTIFY_TEXT_MAX])
{
    size_t asleep = 0;
    int n;

    for (const struct ffd_model *m = d->models; m; m = m->next)
        asleep += m->sleeper.state == FFD_ASLEEP;
    n = snprintf(text, FFD_NOTIFY_TEXT_MAX, "Serving %zu model%s", d->n_models,
                 d->n_models == 1 ? "" : "s");
    if (asleep > 0)
        n += snprintf(text + n, FFD_NOTIFY_TEXT_MAX - (size_t)n, ", %zu asleep",
                      asleep);
    if (*d->notify.extra)
        snprintf(text + n, FFD_NOTIFY_TEXT_MAX - (size_t)n, "; %s",
                 d->notify.extra);
}

static void tell_status(struct ffd_daemon *d)
{
    struct ffd_notify *n = &d->notify;
    char text[FFD_NOTIFY_TEXT_MAX];

    if (d->phase != FFD_SERVING)
        return; /* ffd_notify_stopping has said more */
    ffd_notify_status(d, text);
    if (strcmp(text, n->told) == 0)
        return;
    memcpy(n->told, text, sizeof(text));
    sd_notifyf(0, "STATUS=%s", text);
}

static void feed_watchdog(struct ffd_daemon *d)
{
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

static void on_timer(uv_timer_t *timer)
{
    struct ffd_daemon *d = timer->data;

    if (d->notify.watchdog_us > 0)
        feed_watchdog(d);
    tell_status(d);
}

void ffd_notify_start(struct ffd_daemon *d)
{
    struct ffd_notify *n = &d->notify;
    uint64_t every_ms = LOOK_MS;

    uv_timer_init(&d->loop, &n->timer);
    n->timer.data = d;
    if (!getenv("NOTIFY_SOCKET"))
        return;
    if (sd_watchdog_enabled(0, &n->watchdog_us) > 0)
        every_ms = n->watchdog_us / 4000 + 1;
    else
        n->watchdog_us = 0;
    uv_timer_start(&n->timer, on_timer, 0, every_ms);
    uv_unref((uv_handle_t *)&n->timer);
}

void ffd_notify_stop(struct ffd_daemon *d)
{
    uv_close((uv_handle_t *)&d->notify.timer, NULL);
}

void ffd_notify_ready(struct ffd_daemon *d)
{
    ffd_notify_status(d, d->notify.told);
    sd_notifyf(0, "READY=1\nSTATUS=%s", d->notify.told);
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

void ffd_notify_say(struct ffd_daemon *d, const char *sentence)
{
    snprintf(d->notify.extra, sizeof(d->notify.extra), "%s", sentence);
    tell_status(d);
}

void ffd_notify_progress(const char *format, ...)
{
    static uint64_t last_us; /* before there is a daemon to hold it */
    char text[FFD_NOTIFY_TEXT_MAX];
    uint64_t now_us = ffd_now_us();
    va_list args;

    if (last_us > 0 && now_us - last_us < PROGRESS_US)
        return;
    last_us = now_us;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRIu64 "\nSTATUS=%s", EXTEND_US,
               text);
}
