#include "daemon/stop.h"

#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/import.h"
#include "daemon/model.h"
#include "daemon/reload.h"

#define DRAIN_MS      10000
#define SAVE_MS       10000 /* for the journal to hold what snapshots tell of */
#define SAVE_AGAIN_MS 1000
#define LINGER_MS     1000 /* for last words to peers that read slowly */

static bool all_idle(const struct ffd_daemon *d)
{
    for (const struct ffd_model *m = d->models; m; m = m->next) {
        if (!ffd_model_idle(m))
            return false;
    }
    return !ffd_import_busy(d) && ffd_commit_idle(d);
}

static void close_handles(struct ffd_daemon *d)
{
    uv_close((uv_handle_t *)&d->stop.term, NULL);
    uv_close((uv_handle_t *)&d->stop.interrupt, NULL);
    uv_close((uv_handle_t *)&d->stop.hangup, NULL);
    ffd_scheduler_stop(d);
    ffd_commit_stop(d);
    ffd_events_stop(d);
    ffd_http_stop(d);
    ffd_guard_stop(d);
    ffd_periodic_stop(d);
    ffd_notify_stop(d);
    ffd_turn_stop(d);
}

static void on_linger(uv_timer_t *timer)
{
    struct ffd_daemon *d = timer->data;

    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        if (d->conns.slot[i])
            ffd_conn_close(d->conns.slot[i]);
    }
}

static void begin_closing(struct ffd_daemon *d)
{
    d->phase = FFD_CLOSING;
    ffd_commit_refuse(d);
    ffd_conns_close(d);
    uv_timer_start(&d->stop.timer, on_linger, LINGER_MS, 0);
}

static void on_save_timeout(uv_timer_t *timer)
{
    ffd_save_give_up(timer->data);
}

static void begin_saving(struct ffd_daemon *d)
{
    const struct ffd_op save = {.kind = FFD_OP_SAVE};

    d->phase = FFD_SAVING;
    /* Again, for those that begin to wait only then. */
    uv_timer_start(&d->stop.timer, on_save_timeout, SAVE_MS, SAVE_AGAIN_MS);
    ffd_notify_stopping("Writing snapshots");
    for (struct ffd_model *m = d->models; m; m = m->next) {
        ffd_model_refuse_waiting(m, FFP_SHUTTING_DOWN,
                                 "the server stops; this was not done");
        ffd_hand_refuse(m, FFP_SHUTTING_DOWN,
                        "the server stops; this was not done");
        if (m->life != FFD_LIVE || !ffd_model_unsaved(m))
            continue;
        if (ffd_model_ask(m, &save) < 0)
            ffd_log(FFD_LOG_ERROR, "model %s: no memory to save it", m->name);
    }
}

static void finish_closing(struct ffd_daemon *d)
{
    if (d->conns.open > 0 || uv_is_closing((uv_handle_t *)&d->stop.timer))
        return;
    uv_close((uv_handle_t *)&d->stop.timer, NULL);
    close_handles(d);
}

void ffd_stop_look(struct ffd_daemon *d)
{
    if (d->phase == FFD_DRAINING && all_idle(d))
        begin_saving(d);
    if (d->phase == FFD_SAVING && all_idle(d))
        begin_closing(d);
    if (d->phase == FFD_CLOSING)
        finish_closing(d);
}

static void on_drain_timeout(uv_timer_t *timer)
{
    struct ffd_daemon *d = timer->data;

    ffd_log(FFD_LOG_WARNING,
            "not all requests were finished in %d s; the "
            "rest is refused",
            DRAIN_MS / 1000);
    begin_saving(d);
}

static void on_term(uv_signal_t *signal, int number)
{
    struct ffd_daemon *d = signal->data;

    if (d->phase != FFD_SERVING) {
        ffd_log(FFD_LOG_WARNING, "signal %d again: stopped at once", number);
        _exit(1);
    }
    ffd_log(FFD_LOG_NOTICE, "signal %d: finishing what is in flight", number);
    ffd_notify_stopping("Finishing what is in flight");
    ffd_conns_run_all(d);
    d->phase = FFD_DRAINING;
    ffd_listen_stop(d);
    ffd_conns_stop_reading(d);
    uv_timer_start(&d->stop.timer, on_drain_timeout, DRAIN_MS, 0);
    ffd_stop_look(d);
}

static void on_hangup(uv_signal_t *signal, int number)
{
    struct ffd_daemon *d = signal->data;

    (void)number;
    if (d->phase == FFD_SERVING)
        ffd_reload(d);
}

int ffd_stop_start(struct ffd_daemon *d)
{
    struct ffd_stop *s = &d->stop;

    s->term.data = s->interrupt.data = s->hangup.data = s->timer.data = d;
    uv_timer_init(&d->loop, &s->timer);
    uv_signal_init(&d->loop, &s->term);
    uv_signal_init(&d->loop, &s->interrupt);
    uv_signal_init(&d->loop, &s->hangup);
    uv_signal_start(&s->interrupt, on_term, SIGINT);
    uv_signal_start(&s->hangup, on_hangup, SIGHUP);
    return uv_signal_start(&s->term, on_term, SIGTERM);
}
