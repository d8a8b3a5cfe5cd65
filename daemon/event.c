#include "daemon/event.h"

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/model.h"
#include "proto/pack.h"

#define TICK_MS     1000
#define EVENT_BYTES ((size_t)64 * 1024) /* more than any of them takes */

/* ---- who is told -------------------------------------------------------- */

static void on_timer(uv_timer_t *timer)
{
    struct ffd_daemon *d = timer->data;

    ffd_events_tick(d, ffd_now_ms(d));
}

int ffd_events_start(struct ffd_daemon *d)
{
    ffp_buf_init(&d->events.event, EVENT_BYTES);
    d->events.timer.data = d;
    return uv_timer_init(&d->loop, &d->events.timer);
}

void ffd_events_stop(struct ffd_daemon *d)
{
    uv_close((uv_handle_t *)&d->events.timer, NULL);
}

void ffd_events_release(struct ffd_daemon *d)
{
    ffp_buf_release(&d->events.event);
}

void ffd_events_set(struct ffd_conn *c, unsigned topics)
{
    struct ffd_events *e = &c->d->events;

    for (unsigned i = 0; i < FFP_TOPICS; i++) {
        e->topics[i] += topics >> i & 1;
        e->topics[i] -= c->topics >> i & 1;
    }
    e->subscribers += topics != 0;
    e->subscribers -= c->topics != 0;
    c->topics = topics;
    c->behind = false;
    if (e->subscribers == 0)
        uv_timer_stop(&e->timer);
    else if (!uv_is_active((uv_handle_t *)&e->timer))
        uv_timer_start(&e->timer, on_timer, TICK_MS, TICK_MS);
}

static void close_behind(struct ffd_conn *c)
{
    struct ffd_daemon *d = c->d;

    ffd_count_refused(d, FFP_TOO_LARGE);
    ffd_log_some(FFD_LOG_NOTICE, "events", ffd_now_ms(d),
                 "connection %llu does not read its events; closed",
                 (unsigned long long)c->number);
    ffd_conn_close(c);
}

/* ---- telling ------------------------------------------------------------ */

/* The buffer for an event's payload; NULL when nobody wants it. */
static struct ffp_buf *begin(struct ffd_daemon *d, enum ffp_topic topic)
{
    if (d->events.topics[topic] == 0 && !ffd_http_wants(d, topic))
        return NULL;
    ffp_buf_clear(&d->events.event);
    ffp_event_begin(&d->events.event, topic);
    d->events.payload = d->events.event.n;
    return &d->events.event;
}

static void give(struct ffd_conn *c, const struct ffp_buf *event)
{
    if (ffd_conn_waiting(c) + event->n > FFP_MAX_OUTPUT_BYTES ||
        ffp_buf_add(&c->out, event->data, event->n) < 0)
        close_behind(c);
    else
        ffd_conn_touch_told(c);
}

static void tell(struct ffd_daemon *d, enum ffp_topic topic)
{
    const struct ffp_buf *event = &d->events.event;

    if (event->failed) {
        ffd_log_some(FFD_LOG_ERROR, "event", ffd_now_ms(d),
                     "no memory for an event of %s",
                     ffp_topic_table[topic].name);
        return;
    }
    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        struct ffd_conn *c = d->conns.slot[i];

        if (c && c->topics >> topic & 1 && !c->last_word)
            give(c, event);
    }
    if (ffd_http_wants(d, topic))
        ffd_http_event(d, topic, event->data + d->events.payload,
                       event->n - d->events.payload);
}

/* ---- events ------------------------------------------------------------- */

static const char *state(const struct ffd_model *m)
{
    return m->told_asleep ? "asleep" : "awake";
}

static void tell_sleep(struct ffd_model *m)
{
    struct ffp_buf *b = begin(m->d, FFP_T_sleep);

    if (!b)
        return;
    ffp_pack_map(b, 5);
    ffp_kv_str(b, "model", m->name);
    ffp_kv_str(b, "state", state(m));
    ffp_kv_uint(b, "debt", m->sleeper.debt);
    ffp_kv_uint(b, "step", m->stats.step);
    ffp_kv_uint(b, "seq", m->stats.seq);
    tell(m->d, FFP_T_sleep);
}

/* Looked for once a turn, since a model falls asleep and wakes in many
   places. */
void ffd_events_turn(struct ffd_daemon *d)
{
    for (struct ffd_model *m = d->models; m; m = m->next) {
        bool asleep = m->sleeper.state == FFD_ASLEEP;

        if (m->life != FFD_LIVE || m->told_asleep == asleep)
            continue;
        m->told_asleep = asleep;
        tell_sleep(m);
    }
}

void ffd_event_snapshot(struct ffd_model *m)
{
    const struct ffd_save *s = &m->save;
    struct ffp_buf *b = begin(m->d, FFP_T_snapshot);

    if (!b)
        return;
    ffp_pack_map(b, 5);
    ffp_kv_str(b, "model", m->name);
    ffp_kv_str(b, "path", s->path);
    ffp_kv_uint(b, "seq", s->seq);
    ffp_kv_uint(b, "step", s->step);
    ffp_kv_uint(b, "bytes", s->n);
    tell(m->d, FFP_T_snapshot);
}

void ffd_event_drift(struct ffd_model *m, const char *detector, double error)
{
    struct ffp_buf *b = begin(m->d, FFP_T_drift);

    if (!b)
        return;
    ffp_pack_map(b, 4);
    ffp_kv_str(b, "model", m->name);
    ffp_kv_uint(b, "seq", m->stats.seq);
    ffp_kv_str(b, "detector", detector);
    ffp_kv_number(b, "error", error);
    tell(m->d, FFP_T_drift);
}

/* Nothing is counted for nobody: the first event after a subscription is of
   frames that came since. */
void ffd_event_novelty(struct ffd_model *m, const float *typicality,
                       const int *label, size_t n, uint64_t now_ms)
{
    struct ffd_novelty *v = &m->novelty;
    struct ffp_buf *b = begin(m->d, FFP_T_novelty);

    if (!b) {
        v->frames = 0;
        return;
    }
    if (!ffd_novelty_look(v, m->config.novelty, typicality, label, n, now_ms))
        return;
    ffp_pack_map(b, 4);
    ffp_kv_str(b, "model", m->name);
    ffp_kv_double(b, "typicality", (double)v->typicality);
    ffp_kv_str(b, "label",
               v->label < 0 ? NULL : ff_label_name(m->ff, v->label));
    ffp_kv_uint(b, "frames", v->frames);
    tell(m->d, FFP_T_novelty);
    ffd_novelty_told(v, now_ms);
}

/* As of novelty, nothing is counted for nobody. */
void ffd_event_anomaly(struct ffd_model *m, const struct ffd_row *row,
                       const struct ffd_outcome *o, uint64_t now_ms)
{
    struct ffp_buf *b = begin(m->d, FFP_T_anomaly);
    struct ffp_str name = ffd_stream_names_find(&m->names, row->origin.stream);
    uint64_t epoch, counter;
    size_t n;

    if (!b) {
        m->alarms.n = 0;
        return;
    }
    n = ffd_alarm(&m->alarms, now_ms);
    if (n == 0)
        return;
    ffd_frame_id_parts(row->id, &epoch, &counter);
    ffp_pack_map(b, 6);
    ffp_kv_str(b, "model", m->name);
    if (name.at)
        ffp_kv_strn(b, "stream", name.at, name.n);
    else
        ffp_kv_nil(b, "stream");
    ffd_kv_id(b, "id", epoch, counter);
    ffp_kv_double(b, "typicality", (double)o->typicality);
    ffp_kv_uint(b, "seq", o->seq);
    ffp_kv_uint(b, "anomalies", n);
    tell(m->d, FFP_T_anomaly);
}

/* ---- once a second ------------------------------------------------------ */

static void tell_stats(struct ffd_model *m)
{
    struct ffp_buf *b = begin(m->d, FFP_T_stats);

    if (!b)
        return;
    ffp_pack_map(b, 10);
    ffp_kv_str(b, "model", m->name);
    ffp_kv_uint(b, "seq", m->stats.seq);
    ffp_kv_uint(b, "step", m->stats.step);
    ffp_kv_str(b, "state", ffd_sleep_state_name(m->sleeper.state));
    ffp_kv_uint(b, "debt", m->sleeper.debt);
    ffp_kv_double(b, "frames_per_second", ffd_model_rate(m, ffd_now_us()));
    ffp_kv_number(b, "prequential_accuracy", m->stats.accuracy_window);
    ffp_kv_number(b, "prequential_fading", m->stats.accuracy_fading);
    ffp_kv_number(b, "bits", m->stats.bits_window);
    ffp_kv_uint(b, "inbox", m->inbox.waiting);
    tell(m->d, FFP_T_stats);
}

static void look_behind(struct ffd_conn *c, uint64_t now_ms)
{
    bool behind = ffd_conn_waiting(c) > FFP_MAX_SUBSCRIBER_BYTES;

    if (behind && !c->behind)
        c->behind_since_ms = now_ms;
    c->behind = behind;
    if (behind && now_ms - c->behind_since_ms >= FFP_MAX_SUBSCRIBER_MS)
        close_behind(c);
}

void ffd_events_tick(struct ffd_daemon *d, uint64_t now_ms)
{
    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        struct ffd_conn *c = d->conns.slot[i];

        if (c && c->topics)
            look_behind(c, now_ms);
    }
    for (struct ffd_model *m = d->models; m; m = m->next) {
        if (m->life == FFD_LIVE)
            tell_stats(m);
    }
}
