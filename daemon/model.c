#include "daemon/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/follow.h"
#include "daemon/shape.h"

#define INBOX_BYTES ((size_t)16 * 1024 * 1024) /* inbox: auto */
#define INBOX_LEAST 64
#define INBOX_MOST  4096

#define RATE_IDLE_US ((uint64_t)10 * 1000000)

void ffd_model_type(struct ffd_model *m)
{
    struct ffd_shape in = ffd_shape_in(&m->config.spec);
    struct ffd_shape seen = ffd_shape_seen(&m->config.spec);

    m->type = ffd_frame_type(&in);
    m->asked = ffd_frame_type(&seen);
}

struct ffd_model *ffd_model_new(struct ffd_daemon *d, const char *name,
                                const struct ffd_model_config *config)
{
    struct ffd_model *m = calloc(1, sizeof(*m)), **at = &d->models;

    if (!m)
        return NULL;
    m->d = d;
    snprintf(m->name, sizeof(m->name), "%s", name);
    m->config = *config;
    ffd_model_type(m);
    ffd_symbols_init(&m->symbols);
    m->life = FFD_CREATING;
    m->home = true;
    ffp_buf_init(&m->work.reply, FFP_MAX_OUTPUT_BYTES);
    ffp_buf_init(&m->portrait.text, FFP_MAX_OUTPUT_BYTES);
    ffd_history_init(&m->history);
    ffd_histogram_init(&m->predict_us);
    ffd_histogram_init(&m->learn_us);
    /* In order of name, so that lists of them read well. */
    while (*at && strcmp((*at)->name, name) < 0)
        at = &(*at)->next;
    m->next = *at;
    *at = m;
    d->n_models++;
    return m;
}

static size_t inbox_size(const struct ffd_model *m, size_t frame_bytes)
{
    size_t n = INBOX_BYTES / frame_bytes;

    if (m->config.inbox)
        return (size_t)m->config.inbox;
    return n < INBOX_LEAST ? INBOX_LEAST : n > INBOX_MOST ? INBOX_MOST : n;
}

int ffd_model_live(struct ffd_model *m, struct ff_model *ff)
{
    const struct ff_spec *spec = ff_model_spec(ff);
    size_t bytes = ff_spec_sample_bytes(spec);
    const struct ff_view *view;

    m->spare = malloc(bytes);
    m->marks.last = calloc(FFP_MAX_CONNECTIONS, sizeof(*m->marks.last));
    if (!m->spare || !m->marks.last ||
        (spec->stream.anomaly > 0 &&
         ffd_stream_names_init(&m->names, spec->stream.keys) < 0) ||
        ffd_inbox_init(&m->inbox, inbox_size(m, bytes), bytes) < 0 ||
        ffd_predictor_init(&m->predictor, ff) < 0) {
        ff_model_free(ff);
        return -1;
    }
    m->ff = ff;
    m->life = FFD_LIVE;
    m->record = ff_model_record(ff);
    m->recorded = m->committed =
        m->record - m->work.records.count - m->records.count;
    ff_model_stats(ff, &m->stats);
    view = ff_view_acquire(ff);
    m->published_seq = ff_view_seq(view);
    ff_view_release(view);
    m->rate_since_us = ffd_now_us();
    m->unpublished = m->published_seq != m->stats.seq;
    m->marks.in = m->marks.settled = 1;
    m->marks.published = !m->unpublished;
    ffd_sleeper_init(&m->sleeper, m->config.spec.sleep.every,
                     m->config.spec.sleep.exhausted, m->config.quiet_ms,
                     ffd_now_ms(m->d));
    ffd_sleeper_learned(&m->sleeper, m->stats.debt);
    ffd_periodic_begin(m);
    ffd_follow_link(m->d);
    return 0;
}

void ffd_model_leave(struct ffd_model *m, const char *why)
{
    struct ffd_model *leader = m->leader;
    size_t budget = FFD_INTAKE_BUDGET;

    m->life = FFD_DROPPING;
    ffd_follow_link(m->d);
    ffd_model_refuse_waiting(m, FFP_UNKNOWN_MODEL, why);
    ffd_hand_refuse(m, FFP_UNKNOWN_MODEL, why);
    if (!leader)
        return;
    ffd_intake_run_waiting(leader, &budget);
    ffd_follow_took(leader);
}

void ffd_model_free(struct ffd_model *m)
{
    struct ffd_model **at = &m->d->models;

    ffd_model_refuse_waiting(m, FFP_UNKNOWN_MODEL, "the model was dropped");
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    m->d->n_models--;
    ffd_follow_link(m->d);
    m->d->memory -= m->inbox_memory;
    while (m->ops) {
        struct ffd_op *op = m->ops;

        m->ops = op->next;
        free(op);
    }
    ffd_stream_names_release(&m->names);
    ffd_predictor_release(&m->predictor);
    ffd_inbox_release(&m->inbox);
    ffp_buf_release(&m->work.reply);
    ffp_buf_release(&m->portrait.text);
    ffd_records_release(&m->work.records);
    ffd_records_release(&m->records);
    free(m->block);
    ff_model_free(m->ff);
    free(m->marks.last);
    free(m->spare);
    free(m->spec_text);
    free(m);
}

struct ffd_model *ffd_model_find(struct ffd_daemon *d, const char *name,
                                 size_t n)
{
    for (struct ffd_model *m = d->models; m; m = m->next) {
        if (strlen(m->name) == n && memcmp(m->name, name, n) == 0)
            return m;
    }
    return NULL;
}

int ffd_model_ask_first(struct ffd_model *m, const struct ffd_op *op)
{
    struct ffd_op *own = malloc(sizeof(*own));

    if (!own)
        return -1;
    *own = *op;
    own->next = m->ops;
    if (!m->ops)
        m->ops_tail = own;
    m->ops = own;
    ffd_scheduler_want(m);
    return 0;
}

int ffd_model_ask(struct ffd_model *m, const struct ffd_op *op)
{
    struct ffd_op *own = malloc(sizeof(*own));

    if (!own)
        return -1;
    *own = *op;
    own->next = NULL;
    if (m->ops)
        m->ops_tail->next = own;
    else
        m->ops = own;
    m->ops_tail = own;
    ffd_scheduler_want(m);
    return 0;
}

/* What was asked for while the baton was out, now written down and done; or
   it waits until there is memory to write it, and the journal takes it. */
static void do_tune(struct ffd_model *m, struct ffd_records *r)
{
    if (ffd_record_spec(r, m->ff, FFD_RECORD_TUNE, &m->config.spec) < 0)
        return;
    if (ff_model_tune(m->ff, &m->config.spec) != FF_OK)
        ffd_log(FFD_LOG_ERROR, "model %s: its options could not be changed",
                m->name);
    m->tune = false;
}

static void do_forgive(struct ffd_model *m, struct ffd_records *r)
{
    if (ffd_record_plain(r, m->ff, FFD_RECORD_FORGIVE) < 0)
        return;
    ff_sleep_forgive(m->ff);
    ff_model_stats(m->ff, &m->stats);
    ffd_sleeper_wake(&m->sleeper, ffd_now_ms(m->d));
    m->forgive = false;
}

static void do_owe(struct ffd_model *m, struct ffd_records *r)
{
    if (ffd_record_owe(r, m->ff, m->owe) < 0)
        return;
    ff_sleep_owe(m->ff, m->owe);
    ff_model_stats(m->ff, &m->stats);
    ffd_sleeper_command(&m->sleeper, m->stats.debt);
    m->owe = 0;
}

void ffd_model_at_home(struct ffd_model *m)
{
    struct ffd_records *r = ffd_commit_keeps(m->d) ? &m->records : NULL;

    if (!m->home || m->life != FFD_LIVE ||
        (!m->tune && !m->forgive && !m->owe && m->records.count == 0) ||
        !ffd_commit_open(m->d) || ffd_commit_ready(m) < 0)
        return;
    if (m->tune)
        do_tune(m, r);
    if (m->forgive)
        do_forgive(m, r);
    if (m->owe)
        do_owe(m, r);
    ffd_commit_take(m, &m->records);
    m->record = ff_model_record(m->ff);
}

/* Compared as text, so that nobody need list the options twice. Without memory
   for that, tuning again does no harm. */
bool ffd_model_is_tuned(const struct ffd_model *m)
{
    char *is = NULL, *should = NULL;
    bool same = ff_spec_to_text(&m->config.spec, &should) == FF_OK &&
                ff_spec_to_text(ff_model_spec(m->ff), &is) == FF_OK &&
                strcmp(is, should) == 0;

    free(is);
    free(should);
    return same;
}

void ffd_model_want_snapshot(struct ffd_model *m)
{
    const struct ffd_op save = {.kind = FFD_OP_SAVE};
    /* What needs the model for itself waits for room in the journal, and the
       journal for the snapshot. */
    bool first = m->home && m->d->commit.full && ffd_hand_holds(m);

    if (m->life != FFD_LIVE || m->save.busy || !ffd_model_unsaved(m))
        return;
    for (const struct ffd_op *op = m->ops; op && !first; op = op->next) {
        if (op->kind == FFD_OP_SAVE)
            return;
    }
    if ((first ? ffd_model_ask_first(m, &save) : ffd_model_ask(m, &save)) < 0)
        ffd_log(FFD_LOG_ERROR, "model %s: no memory to save it", m->name);
}

void ffd_model_retune(struct ffd_model *m,
                      const struct ffd_model_config *config)
{
    m->config = *config;
    m->tune = m->tune || !ffd_model_is_tuned(m);
    ffd_sleeper_tune(&m->sleeper, config->spec.sleep.every,
                     config->spec.sleep.exhausted, config->quiet_ms);
    ffd_model_at_home(m);
    ffd_scheduler_want(m);
}

void ffd_model_remember(struct ffd_model *m)
{
    const struct ff_stats *s = &m->stats;
    const struct ffd_point p = {
        .time = ffd_unix_s(),
        .seq = s->seq,
        .slept = s->replayed + s->confused + s->dreamt,
        .accuracy = s->accuracy_window,
        .fading = s->accuracy_fading,
        .frames_per_second = ffd_model_rate(m, ffd_now_us()),
        .inbox = m->inbox.waiting,
        .debt = m->sleeper.debt,
    };

    ffd_history_add(&m->history, &p);
}

void ffd_model_mark(struct ffd_model *m, const char *kind, const char *format,
                    ...)
{
    char text[FFD_HISTORY_TEXT];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ffd_history_mark(&m->history, ffd_unix_s(), m->stats.seq, kind, text);
}

void ffd_model_lost(struct ffd_model *m, enum ffd_loss_reason reason, size_t n)
{
    static const char *const words[] = {
        [FFD_LOST_BUSY] = "refused (overload: reject)",
        [FFD_LOST_OLDEST] = "dropped (overload: drop_oldest)",
        [FFD_LOST_SAMPLED] = "dropped (overload: sample)",
        [FFD_LOST_BAD] = "refused (not finite, or its label cannot be learned)",
    };
    char key[FFP_MODEL_MAX + 8];

    m->lost[reason] += n;
    snprintf(key, sizeof(key), "%s/%d", m->name, (int)reason);
    ffd_log_some(FFD_LOG_NOTICE, key, ffd_now_ms(m->d),
                 "model %s: frames %s: %llu so far", m->name, words[reason],
                 (unsigned long long)m->lost[reason]);
}

void ffd_model_learned(struct ffd_model *m, size_t n, uint64_t now_us)
{
    uint64_t passed = now_us - m->rate_since_us;

    m->learned += n;
    if (m->rate_frames == 0 && passed > RATE_IDLE_US) {
        /* A stream begins; the silence before it is not its rate. */
        m->frames_per_second = 0;
        m->rate_since_us = m->work.began_us;
        passed = now_us - m->rate_since_us;
    }
    m->rate_frames += n;
    if (passed < 1000000)
        return;
    m->frames_per_second = (double)m->rate_frames * 1e6 / (double)passed;
    m->rate_since_us = now_us;
    m->rate_frames = 0;
}

double ffd_model_rate(const struct ffd_model *m, uint64_t now_us)
{
    uint64_t passed = now_us - m->rate_since_us;

    if (passed < 2000000)
        return m->frames_per_second;
    /* Nothing closed the window: what came in it so far. */
    return (double)m->rate_frames * 1e6 / (double)passed;
}

void ffd_model_took(struct ffd_model *m, uint64_t conn)
{
    m->marks.last[conn % FFP_MAX_CONNECTIONS] =
        (struct ffd_last_in){conn, ++m->marks.in};
}

uint64_t ffd_model_fresh_after(const struct ffd_model *m, uint64_t conn)
{
    const struct ffd_last_in *own = &m->marks.last[conn % FFP_MAX_CONNECTIONS];

    return own->conn == conn && own->after > m->marks.settled
               ? own->after
               : m->marks.settled;
}

size_t ffd_model_bytes(const struct ffd_model *m)
{
    return ff_model_bytes(m->ff) + ffd_stream_names_bytes(&m->names);
}

void ffd_model_account(struct ffd_model *m)
{
    size_t now = ffd_inbox_bytes(&m->inbox);

    m->d->memory += now;
    m->d->memory -= m->inbox_memory;
    m->inbox_memory = now;
}

bool ffd_model_idle(const struct ffd_model *m)
{
    return m->home && !m->queued && !m->ops && m->inbox.waiting == 0 &&
           !m->intakes.head && !m->questions.head && !m->fresh.head &&
           !m->now.head && !m->writing.head && !m->predictor.busy &&
           !m->save.busy && m->looks == 0 && m->fit == FFD_FIT_NONE;
}

static void fit_on_pool(uv_work_t *req)
{
    struct ffd_model *m = req->data;

    ff_fit_run(m->ff); /* what came of it, ff_fit_install tells */
}

static void next_fit(struct ffd_daemon *d);

static void fit_on_home(uv_work_t *req, int status)
{
    struct ffd_model *m = req->data;

    (void)status; /* nothing cancels it */
    m->fit = FFD_FIT_READY;
    m->d->scheduler.fitting = false;
    next_fit(m->d);
    ffd_scheduler_want(m);
    ffd_stop_look(m->d);
}

static void next_fit(struct ffd_daemon *d)
{
    struct ffd_scheduler *s = &d->scheduler;
    struct ffd_model *m = s->fit_head;

    if (s->fitting || !m)
        return;
    s->fit_head = m->next_fit;
    s->fitting = true;
    uv_queue_work(&d->loop, &m->fit_req, fit_on_pool, fit_on_home);
}

void ffd_model_fit(struct ffd_model *m)
{
    struct ffd_scheduler *s = &m->d->scheduler;

    m->fit = FFD_FIT_RUNS;
    m->fit_req.data = m;
    m->next_fit = NULL;
    if (s->fit_head)
        s->fit_tail->next_fit = m;
    else
        s->fit_head = m;
    s->fit_tail = m;
    next_fit(m->d);
}

static void refuse_calls(struct ffd_model *m, struct ffd_calls *q,
                         enum ffp_code code, const char *why)
{
    struct ffd_call *call;

    while ((call = ffd_calls_pop(q))) {
        /* Once it has a ticket, that is answered, not the call. */
        if (!call->request.notification && !call->intake.ticket)
            ffd_answer_error(m->d, call->conn, call->request.msgid, code, "%s",
                             why);
        ffd_call_end(m->d, call);
    }
}

void ffd_model_refuse_waiting(struct ffd_model *m, enum ffp_code code,
                              const char *why)
{
    struct ffd_ticket *last = NULL;

    /* A ticket whose frames are not all in yet. */
    if (m->intakes.head && m->intakes.head->intake.ticket) {
        last = m->intakes.head->intake.ticket;
        last->n -= m->intakes.head->intake.n - m->intakes.head->intake.next;
    }
    refuse_calls(m, &m->intakes, code, why);
    refuse_calls(m, &m->questions, code, why);
    refuse_calls(m, &m->fresh, code, why);
    refuse_calls(m, &m->now, code, why);
    refuse_calls(m, &m->writing, code, why);
    while (m->inbox.waiting > 0) {
        struct ffd_row row = ffd_inbox_drop_oldest(&m->inbox);
        struct ffd_ticket *t = row.ticket;

        if (!t)
            continue;
        t->dropped++;
        if (++t->settled < t->n)
            continue;
        if (t == last)
            last = NULL;
        ffd_answer_error(m->d, t->conn, t->msgid, code, "%s", why);
        ffd_conn_end(m->d, t->conn);
        ffd_ticket_free(m->d, t);
    }
    if (last && last->settled == last->n) {
        ffd_answer_error(m->d, last->conn, last->msgid, code, "%s", why);
        ffd_conn_end(m->d, last->conn);
        ffd_ticket_free(m->d, last);
    }
}
