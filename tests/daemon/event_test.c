/*
 * Events as connections get them: a daemon that has a loop, and connections
 * that have buffers and no socket.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/model.h"
#include "proto/client.h"
#include "proto/object.h"
#include "proto/stream.h"
#include "tests/daemon/support.h"

#define TOPIC(name) (1u << FFP_T_##name)
#define BEHIND      ((size_t)FFP_MAX_SUBSCRIBER_BYTES + 1)

static struct ffd_daemon *begin(void)
{
    struct ffd_daemon *d = calloc(1, sizeof(*d));

    assert_non_null(d);
    assert_int_equal(uv_loop_init(&d->loop), 0);
    assert_int_equal(ffd_events_start(d), 0);
    d->epoch = 3;
    return d;
}

static struct ffd_model *add_model(struct ffd_daemon *d, const char *name)
{
    struct ffd_model_config config;
    struct ffd_model *m;

    ffd_model_config_init(&config);
    m = ffd_model_new(d, name, &config);
    assert_non_null(m);
    m->life = FFD_LIVE;
    m->stats.seq = 1200;
    m->stats.step = 40;
    m->stats.accuracy_window = 0.5;
    m->stats.accuracy_fading = (double)NAN;
    m->stats.bits_window = (double)NAN;
    return m;
}

static struct ffd_conn *add_conn(struct ffd_daemon *d, unsigned topics)
{
    struct ffd_conn *c = calloc(1, sizeof(*c));
    size_t slot = d->conns.open++;

    assert_non_null(c);
    assert_int_equal(uv_pipe_init(&d->loop, &c->uv.pipe, 0), 0);
    c->uv.handle.data = c;
    c->d = d;
    c->number = FFP_MAX_CONNECTIONS + slot;
    ffp_stream_init(&c->in, FFP_MAX_MESSAGE_BYTES);
    ffp_decoder_init(&c->decoder);
    ffp_buf_init(&c->out, FFP_MAX_OUTPUT_BYTES);
    ffp_buf_init(&c->writing, FFP_MAX_OUTPUT_BYTES);
    d->conns.slot[slot] = c;
    ffd_events_set(c, topics);
    return c;
}

static void end(struct ffd_daemon *d)
{
    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        if (d->conns.slot[i])
            ffd_conn_close(d->conns.slot[i]);
    }
    while (d->models)
        ffd_model_free(d->models);
    ffd_events_stop(d);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&d->loop), 0);
    assert_int_equal(d->conns.open, 0);
    ffd_events_release(d);
    free(d);
}

/* An event's values as text: "sleep model=m state=asleep ..." */
static void say_value(char *out, size_t room, const msgpack_object *o)
{
    struct ffp_str s;
    uint64_t u;
    double v;

    if (ffp_as_text(o, &s))
        snprintf(out, room, "%.*s", (int)s.n, s.at);
    else if (ffp_as_uint(o, &u))
        snprintf(out, room, "%llu", (unsigned long long)u);
    else if (ffp_as_double(o, &v))
        snprintf(out, room, "%g", v);
    else
        snprintf(out, room, "%s", ffp_is_nil(o) ? "nil" : "?");
}

/* All that waits for a connection, a line an event; it is taken. */
static const char *told(struct ffd_conn *c)
{
    static char out[4096];
    struct ffp_decoder decoder;
    struct ffp_response r;
    size_t at = 0, used = 0, n = 0;

    out[0] = '\0';
    ffp_decoder_init(&decoder);
    while (at < c->out.n) {
        struct ffp_limit l;
        const msgpack_object *payload;
        char value[512];

        ffp_limit_init(&l, FFP_MAX_MESSAGE_BYTES);
        assert_int_equal(
            ffp_limit_feed(&l, c->out.data + at, c->out.n - at, &used),
            FFP_WALK_DONE);
        assert_int_equal(ffp_receive(&decoder, c->out.data + at, used, &r),
                         FFP_NOTIFIED);
        assert_true(ffp_str_is(r.method, "event"));
        say_value(value, sizeof value, ffp_at(r.result, 0));
        n += (size_t)snprintf(out + n, sizeof out - n, "%s", value);
        payload = ffp_at(r.result, 1);
        for (size_t i = 0; i < ffp_size(payload); i++) {
            say_value(value, sizeof value, &payload->via.map.ptr[i].key);
            n += (size_t)snprintf(out + n, sizeof out - n, " %s=", value);
            say_value(value, sizeof value, &payload->via.map.ptr[i].val);
            n += (size_t)snprintf(out + n, sizeof out - n, "%s", value);
        }
        n += (size_t)snprintf(out + n, sizeof out - n, "\n");
        at += used;
    }
    ffp_buf_clear(&c->out);
    ffp_decoder_release(&decoder);
    return out;
}

/* An answer without a label comes home to a model that takes half of all that
   is ordinary for strange. */
static void strange(struct ffd_model *m, float typicality, uint64_t now_ms)
{
    const int none = -1;

    m->config.novelty = 0.5F;
    ffd_event_novelty(m, &typicality, &none, 1, now_ms);
}

void event_reaches_those_who_have_its_topic(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *drift = add_conn(d, TOPIC(drift));
    struct ffd_conn *both = add_conn(d, TOPIC(drift) | TOPIC(novelty));
    struct ffd_conn *none = add_conn(d, 0);

    (void)state;
    strange(m, 0.5F, 0);
    ffd_event_drift(m, "adwin", 0.25);
    assert_int_equal(none->out.n, 0);
    assert_false(none->told);
    assert_true(drift->told && both->told);
    assert_string_equal(told(drift),
                        "drift model=m seq=1200 detector=adwin error=0.25\n");
    assert_string_equal(told(both),
                        "novelty model=m typicality=0.5 label=nil frames=1\n"
                        "drift model=m seq=1200 detector=adwin error=0.25\n");
    end(d);
}

void those_told_are_in_order_whoever_leaves(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *c[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        c[i] = add_conn(d, TOPIC(drift));
    ffd_event_drift(m, "adwin", 1);
    ffd_event_drift(m, "adwin", 1); /* each stands in it once */
    ffd_conn_close(c[1]);
    assert_ptr_equal(d->conns.told, c[0]);
    assert_ptr_equal(c[0]->next_told, c[2]);
    ffd_conn_close(c[3]);
    assert_ptr_equal(d->conns.told_end, c[2]);
    ffd_conn_close(c[0]);
    assert_ptr_equal(d->conns.told, c[2]);
    assert_null(c[2]->next_told);
    ffd_conn_close(c[2]);
    assert_null(d->conns.told);
    assert_null(d->conns.told_end);
    end(d);
}

void event_of_drift_names_detector_and_error(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *c = add_conn(d, TOPIC(drift));

    (void)state;
    ffd_event_drift(m, "page-hinkley", 0.75);
    assert_string_equal(
        told(c), "drift model=m seq=1200 detector=page-hinkley error=0.75\n");
    end(d);
}

void event_of_drift_before_any_label_has_no_error(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *c = add_conn(d, TOPIC(drift));

    (void)state;
    ffd_event_drift(m, "level_adwin", (double)NAN);
    assert_string_equal(
        told(c), "drift model=m seq=1200 detector=level_adwin error=nil\n");
    end(d);
}

void event_of_novelty_comes_once_in_100_ms(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m"), *other = add_model(d, "o");
    struct ffd_conn *c = add_conn(d, TOPIC(novelty));

    (void)state;
    strange(m, 0.5F, 7000);
    strange(m, 0.25F, 7000 + FFD_NOVELTY_MS - 1);
    strange(m, 0.375F, 7000 + FFD_NOVELTY_MS - 1);
    strange(other, 0.5F, 7000 + FFD_NOVELTY_MS - 1);
    assert_string_equal(told(c),
                        "novelty model=m typicality=0.5 label=nil frames=1\n"
                        "novelty model=o typicality=0.5 label=nil frames=1\n");
    strange(m, 0.5F, 7000 + FFD_NOVELTY_MS);
    assert_string_equal(told(c),
                        "novelty model=m typicality=0.25 label=nil frames=3\n");
    end(d);
}

void novelty_is_not_counted_for_nobody(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *c = add_conn(d, TOPIC(novelty));

    (void)state;
    strange(m, 0.5F, 0);
    strange(m, 0.25F, 1);
    told(c);
    ffd_events_set(c, 0);
    strange(m, 0.125F, 500);
    ffd_events_set(c, TOPIC(novelty));
    strange(m, 0.5F, 600);
    assert_string_equal(told(c),
                        "novelty model=m typicality=0.5 label=nil frames=1\n");
    end(d);
}

void event_of_novelty_names_the_strangest_and_its_label(void **state)
{
    const float typicality[] = {0.25F, 0.5F, 0.125F, 1};
    const int label[] = {0, -1, 1, 0};
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *c = add_conn(d, TOPIC(novelty));
    struct ff_spec spec;
    char why[FF_WHY_MAX];
    int class_;

    (void)state;
    ff_spec_init(&spec);
    spec.shape[0] = 4;
    spec.shape[1] = spec.shape[2] = 1;
    spec.layers = 1;
    spec.units[0] = 8;
    spec.memory = 8;
    assert_int_equal(ff_spec_check(&spec, why), FF_OK);
    assert_int_equal(ff_model_new(&m->ff, &spec), FF_OK);
    assert_int_equal(ff_label_bind(m->ff, "six", 3, &class_), FF_OK);
    assert_int_equal(ff_label_bind(m->ff, "seven", 5, &class_), FF_OK);
    m->config.novelty = 0.5F;
    ffd_event_novelty(m, typicality, label, 4, 0);
    assert_string_equal(
        told(c), "novelty model=m typicality=0.125 label=seven frames=3\n");
    end(d);
}

void event_of_a_snapshot_says_what_save_says(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *c = add_conn(d, TOPIC(snapshot));

    (void)state;
    snprintf(m->save.path, sizeof(m->save.path), "/state/m.safetensors");
    m->save.seq = 7;
    m->save.step = 2;
    m->save.n = 4096;
    ffd_event_snapshot(m);
    assert_string_equal(told(c), "snapshot model=m path=/state/m.safetensors "
                                 "seq=7 step=2 bytes=4096\n");
    end(d);
}

void event_of_sleep_comes_once_a_change(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *c = add_conn(d, TOPIC(sleep));

    (void)state;
    ffd_sleeper_init(&m->sleeper, 512, 2048, 200, 0);
    ffd_events_turn(d);
    assert_string_equal(told(c), "");
    ffd_sleeper_command(&m->sleeper, 600);
    ffd_events_turn(d);
    ffd_events_turn(d);
    assert_string_equal(told(c), "sleep model=m state=asleep debt=600 step=40 "
                                 "seq=1200\n");
    ffd_sleeper_slept(&m->sleeper, 300);
    ffd_events_turn(d);
    assert_string_equal(told(c), "");
    ffd_sleeper_slept(&m->sleeper, 0);
    ffd_events_turn(d);
    assert_string_equal(told(c),
                        "sleep model=m state=awake debt=0 step=40 seq=1200\n");
    end(d);
}

void stats_come_at_each_tick_for_each_model(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *c = add_conn(d, TOPIC(stats));
    struct ffd_conn *other = add_conn(d, TOPIC(sleep));
    const char *all;

    (void)state;
    add_model(d, "n")->life = FFD_CREATING; /* nothing to tell of it yet */
    add_model(d, "o");
    m->inbox.waiting = 5;
    m->rate_since_us = ffd_now_us();
    ffd_events_tick(d, 1000);
    all = told(c);
    assert_non_null(strstr(all, "stats model=m seq=1200 step=40 state=awake "
                                "debt=0 frames_per_second=0 "
                                "prequential_accuracy=0.5 "
                                "prequential_fading=nil bits=nil inbox=5\n"));
    assert_non_null(strstr(all, "stats model=o "));
    assert_null(strstr(all, "model=n "));
    assert_int_equal(other->out.n, 0);
    m->inbox.waiting = 0;
    end(d);
}

void events_end_with_the_subscription(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *c = add_conn(d, TOPIC(drift) | TOPIC(stats));
    struct ffd_conn *gone = add_conn(d, TOPIC(drift));

    (void)state;
    assert_int_equal(d->events.subscribers, 2);
    assert_true(uv_is_active((uv_handle_t *)&d->events.timer));
    ffd_events_set(c, TOPIC(stats));
    ffd_conn_close(gone);
    assert_int_equal(d->events.subscribers, 1);
    assert_int_equal(d->events.topics[FFP_T_drift], 0);
    ffd_event_drift(m, "adwin", 1);
    assert_int_equal(c->out.n, 0);
    ffd_events_set(c, 0);
    assert_int_equal(d->events.subscribers, 0);
    assert_false(uv_is_active((uv_handle_t *)&d->events.timer));
    end(d);
}

/* More than may wait for it for long. */
static void fill(struct ffd_conn *c, size_t n)
{
    uint8_t *much = calloc(1, n);

    assert_non_null(much);
    assert_int_equal(ffp_buf_add(&c->out, much, n), 0);
    free(much);
}

void subscriber_that_is_behind_for_a_minute_is_closed(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_conn *c = add_conn(d, TOPIC(sleep));
    struct ffd_conn *asks = add_conn(d, 0);

    (void)state;
    fill(c, BEHIND);
    fill(asks, BEHIND); /* of answers only, for which other limits hold */
    ffd_events_tick(d, 5000);
    ffd_events_tick(d, 5000 + FFP_MAX_SUBSCRIBER_MS - 1);
    assert_false(c->closing);
    ffd_events_tick(d, 5000 + FFP_MAX_SUBSCRIBER_MS);
    assert_true(c->closing);
    assert_false(asks->closing);
    assert_int_equal(d->refused[FFP_TOO_LARGE], 1);
    end(d);
}

void subscriber_that_catches_up_in_time_stays(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_conn *c = add_conn(d, TOPIC(sleep));

    (void)state;
    fill(c, BEHIND);
    ffd_events_tick(d, 0);
    ffp_buf_cut(&c->out, BEHIND - 1);
    ffd_events_tick(d, FFP_MAX_SUBSCRIBER_MS - 1000);
    fill(c, 1);
    ffd_events_tick(d, FFP_MAX_SUBSCRIBER_MS);
    ffd_events_tick(d, 2 * FFP_MAX_SUBSCRIBER_MS - 1);
    assert_false(c->closing);
    end(d);
}

void event_that_breaks_the_limit_of_output_closes(void **state)
{
    struct ffd_daemon *d = begin();
    struct ffd_model *m = add_model(d, "m");
    struct ffd_conn *full = add_conn(d, TOPIC(drift));
    struct ffd_conn *c = add_conn(d, TOPIC(drift));
    size_t event;

    (void)state;
    ffd_event_drift(m, "adwin", 1);
    event = c->out.n;
    ffp_buf_clear(&c->out);
    fill(full, FFP_MAX_OUTPUT_BYTES - 2 * event);
    ffd_event_drift(m, "adwin", 1); /* the last that fits */
    assert_false(full->closing);
    assert_int_equal(full->out.n, FFP_MAX_OUTPUT_BYTES);
    ffd_event_drift(m, "adwin", 1);
    assert_true(full->closing);
    assert_int_equal(full->out.n, FFP_MAX_OUTPUT_BYTES);
    assert_int_equal(c->out.n, 2 * event);
    end(d);
}
