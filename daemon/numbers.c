#include "daemon/numbers.h"

#include <sys/resource.h>

#include "daemon/daemon.h"
#include "daemon/keys.h"
#include "daemon/model.h"
#include "daemon/shape.h"
#include "proto/pack.h"

static void pack_labels(struct ffp_buf *b, const struct ffd_model *m)
{
    struct ffd_classes classes;

    ffd_classes_find(&classes, m->ff);
    ffp_pack_str(b, "labels");
    ffd_pack_labels(b, m->ff, &classes);
}

/* A choice in the configuration's own word. */
static void kv_word(struct ffp_buf *b, enum ffd_section section,
                    const char *key, const struct ffd_model *m)
{
    ffp_kv_str(b, key, ffd_key_word(section, key, &m->config));
}

static void pack_input(struct ffp_buf *b, const struct ff_spec *spec)
{
    struct ffd_shape shape = ffd_shape_in(spec);

    ffp_pack_str(b, "input");
    ffp_pack_map(b, 2);
    ffd_kv_shape(b, &shape);
}

static void pack_stream(struct ffp_buf *b, const struct ffd_model *m)
{
    const struct ff_spec *spec = &m->config.spec;
    struct ffd_shape seen = ffd_shape_seen(spec);

    ffp_pack_str(b, "stream");
    if (spec->stream.keys == 0) {
        ffp_pack_nil(b);
        return;
    }
    ffp_pack_map(b, 15);
    ffp_pack_str(b, "frame");
    ffp_pack_map(b, 2);
    ffd_kv_shape(b, &seen);
    kv_word(b, FFD_SECTION_STREAM, "features", m);
    kv_word(b, FFD_SECTION_STREAM, "missing", m);
    ffp_kv_uint(b, "length", spec->stream.length);
    ffp_kv_uint(b, "stride", spec->stream.stride);
    ffp_kv_uint(b, "decimate", spec->stream.decimate);
    ffp_kv_uint(b, "rate",
                spec->stream.sound == FF_SOUND_NONE ? 0 : spec->stream.rate);
    ffp_kv_uint(b, "keys", spec->stream.keys);
    ffp_kv_uint(b, "kept", m->stats.streams);
    ffp_kv_uint(b, "gone", m->stats.streams_gone);
    ffp_kv_uint(b, "windows", m->stats.windows);
    ffp_kv_uint(b, "anomalies", m->stats.anomalies);
    ffp_kv_number(b, "bits", m->stats.bits_window);
    ffp_kv_number(b, "bits_fading", m->stats.bits_fading);
    ffp_kv_number(b, "bits_all", m->stats.bits_all);
}

static void pack_layers(struct ffp_buf *b, const struct ff_stats *s)
{
    ffp_pack_str(b, "layers");
    ffp_pack_array(b, s->layers);
    for (size_t l = 0; l < s->layers; l++) {
        const struct ff_layer_stats *layer = &s->layer[l];

        ffp_pack_map(b, 4);
        ffp_kv_number(b, "skipped", (double)layer->skipped);
        ffp_kv_number(b, "goodness_real", (double)layer->goodness_real);
        ffp_kv_number(b, "goodness_dream", (double)layer->goodness_dream);
        ffp_kv_uint(b, "silent_units", layer->silent_units);
    }
}

static void kv_version(struct ffp_buf *b, const char *key, const char *version)
{
    ffp_kv_str(b, key, version[0] ? version : NULL);
}

static void pack_snapshot(struct ffp_buf *b, const struct ffd_saved *s)
{
    ffp_pack_str(b, "snapshot");
    ffp_pack_map(b, 3);
    kv_version(b, "version", s->version);
    kv_version(b, "recovered_from", s->recovered);
    ffp_kv_uint(b, "quarantined", s->quarantined);
}

void ffd_pack_status(struct ffp_buf *b, const struct ffd_model *m,
                     const char *digest)
{
    const struct ff_spec *spec = &m->config.spec;
    const struct ff_stats *s = &m->stats;
    double rate = ffd_model_rate(m, ffd_now_us());

    ffp_pack_map(b, 39);
    ffp_kv_str(b, "model", m->name);
    ffp_kv_str(b, "follows", m->config.follows[0] ? m->config.follows : NULL);
    kv_word(b, FFD_SECTION_MODEL, "objective", m);
    kv_word(b, FFD_SECTION_MODEL, "goodness", m);
    kv_word(b, FFD_SECTION_MODEL, "answer", m);
    pack_input(b, spec);
    pack_stream(b, m);
    ffp_kv_uint(b, "classes", spec->classes);
    pack_labels(b, m);
    ffp_kv_uint(b, "seq", s->seq);
    ffp_kv_uint(b, "step", s->step);
    ffp_kv_uint(b, "record", m->record);
    ffp_kv_str(b, "digest", digest);
    ffp_kv_str(b, "state", ffd_sleep_state_name(m->sleeper.state));
    ffp_kv_uint(b, "debt", m->sleeper.debt);
    ffp_kv_number(b, "prequential_accuracy", s->accuracy_window);
    ffp_kv_number(b, "prequential_fading", s->accuracy_fading);
    ffp_kv_uint(b, "inbox", m->inbox.waiting);
    kv_word(b, FFD_SECTION_MODEL, "overload", m);
    ffp_kv_double(b, "frames_per_second", rate);
    ffp_kv_uint(b, "remembered", s->remembered);
    ffp_kv_uint(b, "replayed", s->replayed);
    ffp_kv_uint(b, "confused", s->confused);
    ffp_kv_uint(b, "dreamt", s->dreamt);
    ffp_kv_uint(b, "labelled", s->labelled);
    ffp_kv_uint(b, "late", s->late);
    ffp_kv_uint(b, "missed", s->missed);
    ffp_kv_uint(b, "pending", s->pending);
    ffp_kv_uint(b, "pseudo", s->pseudo);
    ffp_kv_uint(b, "held_out", s->held_out);
    ffp_kv_uint(b, "fits", s->fits);
    ffp_kv_bool(b, "fitting", m->fit != FFD_FIT_NONE);
    ffp_kv_uint(b, "error_alarms", s->error_alarms);
    ffp_kv_uint(b, "level_alarms", s->level_alarms);
    ffp_kv_uint(b, "drifted", s->drifted);
    ffp_kv_uint(b, "published_seq", m->published_seq);
    ffp_kv_uint(b, "bytes", ffd_model_bytes(m));
    pack_snapshot(b, &m->saved);
    pack_layers(b, s);
}

/* ---- stats --------------------------------------------------------------- */

static void kv_histogram(struct ffp_buf *b, const char *key,
                         const struct ffd_histogram *h)
{
    ffp_pack_str(b, key);
    ffp_pack_map(b, 5);
    ffp_kv_uint(b, "count", h->count);
    ffp_kv_uint(b, "p50", ffd_histogram_at(h, 0.5));
    ffp_kv_uint(b, "p99", ffd_histogram_at(h, 0.99));
    ffp_kv_uint(b, "p99.9", ffd_histogram_at(h, 0.999));
    ffp_kv_uint(b, "max", h->max_us);
}

static void pack_model(struct ffp_buf *b, const struct ffd_model *m)
{
    const struct ff_stats *s = &m->stats;

    ffp_pack_map(b, 28);
    ffp_kv_uint(b, "seq", s->seq);
    ffp_kv_uint(b, "step", s->step);
    ffp_kv_uint(b, "learned", m->learned);
    ffp_kv_uint(b, "labelled", s->labelled);
    ffp_kv_uint(b, "replayed", s->replayed);
    ffp_kv_uint(b, "confused", s->confused);
    ffp_kv_uint(b, "dreamt", s->dreamt);
    ffp_kv_uint(b, "error_alarms", s->error_alarms);
    ffp_kv_uint(b, "level_alarms", s->level_alarms);
    ffp_kv_uint(b, "streams", s->streams);
    ffp_kv_uint(b, "streams_gone", s->streams_gone);
    ffp_kv_uint(b, "windows", s->windows);
    ffp_kv_uint(b, "anomalies", s->anomalies);
    ffp_kv_number(b, "bits", s->bits_window);
    ffp_kv_number(b, "bits_fading", s->bits_fading);
    ffp_kv_number(b, "bits_all", s->bits_all);
    ffp_kv_uint(b, "dropped",
                m->lost[FFD_LOST_OLDEST] + m->lost[FFD_LOST_SAMPLED]);
    ffp_kv_uint(b, "refused", m->lost[FFD_LOST_BUSY] + m->lost[FFD_LOST_BAD]);
    ffp_pack_str(b, "lost");
    ffp_pack_map(b, FFD_LOST_REASONS);
    ffp_kv_uint(b, "busy", m->lost[FFD_LOST_BUSY]);
    ffp_kv_uint(b, "oldest", m->lost[FFD_LOST_OLDEST]);
    ffp_kv_uint(b, "sampled", m->lost[FFD_LOST_SAMPLED]);
    ffp_kv_uint(b, "bad", m->lost[FFD_LOST_BAD]);
    kv_histogram(b, "predict_us", &m->predict_us);
    kv_histogram(b, "learn_us", &m->learn_us);
    ffp_kv_uint(b, "inbox", m->inbox.waiting);
    ffp_kv_uint(b, "debt", m->sleeper.debt);
    ffp_kv_str(b, "state", ffd_sleep_state_name(m->sleeper.state));
    ffp_kv_number(b, "prequential_accuracy", s->accuracy_window);
    ffp_kv_number(b, "prequential_fading", s->accuracy_fading);
    ffp_kv_double(b, "frames_per_second", ffd_model_rate(m, ffd_now_us()));
    ffp_kv_uint(b, "bytes", ffd_model_bytes(m));
}

static void pack_journal(struct ffp_buf *b, const struct ffd_daemon *d)
{
    const struct ffd_commit *c = &d->commit;
    const char *why;
    bool sound = ffd_commit_sound(d, &why);

    ffp_pack_str(b, "journal");
    if (!ffd_commit_keeps(d)) {
        ffp_pack_nil(b);
        return;
    }
    ffp_pack_map(b, 7);
    ffp_kv_str(b, "durability",
               ffd_key_word(FFD_SECTION_TOP, "durability", &d->config));
    ffp_kv_uint(b, "bytes", c->journal_bytes);
    ffp_kv_uint(b, "waiting_bytes", c->bytes);
    ffp_kv_uint(b, "commits", c->commits);
    ffp_kv_uint(b, "records", c->records);
    ffp_kv_uint(b, "failures", c->failures);
    ffp_kv_str(b, "trouble", sound ? NULL : why);
}

static void pack_refused(struct ffp_buf *b, const struct ffd_daemon *d)
{
    size_t n = 0;

    for (int code = 0; code < FFP_CODES; code++)
        n += d->refused[code] > 0;
    ffp_pack_str(b, "refused");
    ffp_pack_map(b, n);
    for (int code = 0; code < FFP_CODES; code++) {
        if (d->refused[code] > 0)
            ffp_kv_uint(b, ffp_code_name((enum ffp_code)code),
                        d->refused[code]);
    }
}

static void pack_daemon(struct ffp_buf *b, const struct ffd_daemon *d)
{
    size_t rss = 0;

    uv_resident_set_memory(&rss);
    ffp_pack_map(b, 19);
    ffp_kv_str(b, "version", FFD_VERSION);
    ffp_kv_double(b, "uptime_s",
                  (double)(ffd_now_ms(d) - d->started_ms) / 1000.0);
    ffp_kv_uint(b, "epoch", d->epoch);
    ffp_kv_uint(b, "connections", d->conns.open);
    ffp_kv_uint(b, "connections_accepted", d->conns.accepted);
    ffp_kv_uint(b, "connections_refused", d->conns.refused);
    ffp_kv_uint(b, "tls_handshakes", d->guard.handshakes);
    ffp_kv_uint(b, "tls_failures", d->guard.failed);
    ffp_kv_uint(b, "subscribers", d->events.subscribers);
    ffp_kv_uint(b, "requests", d->requests);
    ffp_kv_uint(b, "requests_in_flight", d->conns.in_flight);
    ffp_kv_uint(b, "notifications", d->notifications);
    ffp_kv_uint(b, "notifications_ignored", d->ignored);
    ffp_pack_str(b, "http");
    ffp_pack_map(b, 4);
    ffp_kv_uint(b, "connections", ffd_http_connections(d));
    ffp_kv_uint(b, "readers", d->http.n_readers);
    ffp_kv_uint(b, "requests", d->http.requests);
    ffp_kv_uint(b, "refused", d->http.refused);
    kv_histogram(b, "loop_lag_us", &d->lag_us);
    ffp_kv_uint(b, "memory_bytes", d->memory);
    ffp_kv_uint(b, "rss_bytes", rss);
    pack_journal(b, d);
    pack_refused(b, d);
}

void ffd_pack_stats(struct ffp_buf *b, const struct ffd_daemon *d,
                    const struct ffd_model *only)
{
    size_t n = 0;

    for (const struct ffd_model *m = d->models; m; m = m->next)
        n += m->life == FFD_LIVE && (!only || m == only);
    ffp_pack_map(b, 2);
    ffp_pack_str(b, "daemon");
    pack_daemon(b, d);
    ffp_pack_str(b, "models");
    ffp_pack_map(b, n);
    for (const struct ffd_model *m = d->models; m; m = m->next) {
        if (m->life != FFD_LIVE || (only && m != only))
            continue;
        ffp_pack_str(b, m->name);
        pack_model(b, m);
    }
}

/* ---- models -------------------------------------------------------------- */

static void pack_about(struct ffp_buf *b, const struct ffd_model *m)
{
    ffp_pack_map(b, 5);
    ffp_kv_str(b, "name", m->name);
    kv_word(b, FFD_SECTION_MODEL, "objective", m);
    pack_input(b, &m->config.spec);
    pack_labels(b, m);
    ffp_kv_uint(b, "step", m->stats.step);
}

void ffd_pack_models(struct ffp_buf *b, const struct ffd_daemon *d)
{
    size_t n = 0;

    for (const struct ffd_model *m = d->models; m; m = m->next)
        n += m->life == FFD_LIVE;
    ffp_pack_array(b, n);
    for (const struct ffd_model *m = d->models; m; m = m->next) {
        if (m->life == FFD_LIVE)
            pack_about(b, m);
    }
}
