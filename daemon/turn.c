#include "daemon/turn.h"

#include "daemon/daemon.h"
#include "daemon/follow.h"
#include "daemon/memory.h"
#include "daemon/model.h"

static void set_idle(struct ffd_daemon *d);

/* Slices: a share of the turn's budget for every model, messages for every
   connection. */
static void on_idle(uv_idle_t *idle)
{
    struct ffd_daemon *d = idle->data;
    size_t budget = FFD_INTAKE_BUDGET;

    d->slow_intakes = false;
    for (struct ffd_model *m = d->models; m; m = m->next) {
        if (!m->intakes.head)
            continue;
        if (budget == 0) {
            d->slow_intakes = true;
            break;
        }
        ffd_intake_run_waiting(m, &budget);
        ffd_follow_took(m);
    }
    ffd_conns_run_backlog(d);
    ffd_listen_go_on(d);
}

static void end_turn(struct ffd_daemon *d)
{
    for (struct ffd_model *m = d->models; m; m = m->next)
        ffd_hand_look(m);
    ffd_periodic_turn(d);
    ffd_scheduler_pump(d);
    for (struct ffd_model *m = d->models; m; m = m->next)
        ffd_predict_pump(m);
    if (d->phase != FFD_SERVING) {
        ffd_stop_look(d);
        ffd_scheduler_pump(d);
    }
    ffd_commit_pump(d);
    ffd_events_turn(d);
    ffd_memory_look(d);
    ffd_conns_flush(d);
    set_idle(d);
}

static void set_idle(struct ffd_daemon *d)
{
    bool wanted = d->slow_intakes || d->conns.backlogs > 0 || d->conns.told ||
                  d->listeners.waiting > 0;

    if (!wanted)
        uv_idle_stop(&d->turn.idle);
    else if (!uv_is_closing((uv_handle_t *)&d->turn.idle))
        uv_idle_start(&d->turn.idle, on_idle);
}

static void measure(struct ffd_daemon *d)
{
    uint64_t now_ns = uv_hrtime(), idle_ns = uv_metrics_idle_time(&d->loop);
    uint64_t passed = now_ns - d->turn.began_ns;
    uint64_t waited = idle_ns - d->turn.idle_ns;

    if (d->turn.began_ns)
        ffd_histogram_add(&d->lag_us,
                          passed > waited ? (passed - waited) / 1000 : 0);
    d->turn.message_ns = 0;
    d->turn.began_ns = now_ns;
    d->turn.idle_ns = idle_ns;
}

static void on_prepare(uv_prepare_t *prepare)
{
    end_turn(prepare->data);
    measure(prepare->data);
}

static void on_check(uv_check_t *check)
{
    struct ffd_daemon *d = check->data;

    end_turn(d);
    /* From here on, so that those who were put off come first. */
    d->guard.shaking_us = 0;
    d->listeners.accepted = 0;
}

int ffd_turn_start(struct ffd_daemon *d)
{
    struct ffd_turn *t = &d->turn;

    t->prepare.data = t->check.data = t->idle.data = d;
    uv_prepare_init(&d->loop, &t->prepare);
    uv_check_init(&d->loop, &t->check);
    uv_idle_init(&d->loop, &t->idle);
    uv_prepare_start(&t->prepare, on_prepare);
    return uv_check_start(&t->check, on_check);
}

void ffd_turn_stop(struct ffd_daemon *d)
{
    uv_close((uv_handle_t *)&d->turn.prepare, NULL);
    uv_close((uv_handle_t *)&d->turn.check, NULL);
    uv_close((uv_handle_t *)&d->turn.idle, NULL);
}
