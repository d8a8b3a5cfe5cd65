#include "daemon/periodic.h"

#include "daemon/daemon.h"
#include "daemon/model.h"

#define PLACES 16 /* over which models are spread */

static uint64_t period_ms(const struct ffd_daemon *d)
{
    return d->config.snapshots.every_s * 1000;
}

static unsigned place(const char *name)
{
    unsigned sum = 0;

    for (; *name; name++)
        sum = sum * 31 + (unsigned char)*name;
    return sum % PLACES;
}

void ffd_periodic_begin(struct ffd_model *m)
{
    uint64_t now_ms = ffd_now_ms(m->d);
    uint64_t ahead_ms = period_ms(m->d) / 4 * place(m->name) / PLACES;

    m->saved.at_ms = now_ms > ahead_ms ? now_ms - ahead_ms : 0;
}

/* The turn that follows looks. */
static void on_timer(uv_timer_t *timer)
{
    (void)timer;
}

/* How long the model may wait for its snapshot; FFD_NEVER: it needs none now.
   0: its time has come. */
static uint64_t wait_ms(const struct ffd_model *m, uint64_t now_ms)
{
    uint64_t due_ms = m->saved.at_ms + period_ms(m->d);

    if (m->life != FFD_LIVE || !ffd_model_unsaved(m) || m->save.busy)
        return FFD_NEVER;
    return due_ms > now_ms ? due_ms - now_ms : 0;
}

void ffd_periodic_turn(struct ffd_daemon *d)
{
    uint64_t now_ms = ffd_now_ms(d), soonest = FFD_NEVER;
    uv_timer_t *timer = &d->periodic.timer;

    if (d->phase != FFD_SERVING || d->config.snapshots.every_s == 0) {
        uv_timer_stop(timer);
        return;
    }
    for (struct ffd_model *m = d->models; m; m = m->next) {
        uint64_t wait = wait_ms(m, now_ms);

        if (wait == 0) {
            m->saved.at_ms = now_ms;
            wait = period_ms(d);
            ffd_model_want_snapshot(m);
        }
        if (wait < soonest)
            soonest = wait;
    }
    if (soonest == FFD_NEVER)
        uv_timer_stop(timer);
    else if (!uv_is_active((uv_handle_t *)timer) ||
             uv_timer_get_due_in(timer) > soonest)
        uv_timer_start(timer, on_timer, soonest, 0);
}

int ffd_periodic_start(struct ffd_daemon *d)
{
    return uv_timer_init(&d->loop, &d->periodic.timer);
}

void ffd_periodic_stop(struct ffd_daemon *d)
{
    uv_close((uv_handle_t *)&d->periodic.timer, NULL);
}
