#include "daemon/commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/home.h"
#include "daemon/model.h"
#include "daemon/recover.h"
#include "daemon/snapshot_file.h"
#include "daemon/ticket.h"

#define GROUP_MS  100
#define RETRY_MS  1000
#define AGAIN_MS  5000 /* for a snapshot that could not be written */
#define BYTES_MAX ((size_t)32 * 1024 * 1024) /* not yet on the disk */

/* ---- what others ask ----------------------------------------------------- */

bool ffd_commit_keeps(const struct ffd_daemon *d)
{
    return d->config.durability != FFD_DURABILITY_OFF;
}

bool ffd_commit_open(const struct ffd_daemon *d)
{
    const struct ffd_commit *c = &d->commit;

    return !c->failing && !c->full && c->bytes < BYTES_MAX;
}

bool ffd_commit_sound(const struct ffd_daemon *d, const char **why)
{
    const struct ffd_commit *c = &d->commit;

    *why = c->failing ? c->why
           : c->full  ? "the journal has reached its limit (journal.limit) "
                        "until a snapshot is written"
                      : "";
    return !c->failing && !c->full;
}

bool ffd_commit_holds(const struct ffd_model *m, uint64_t record)
{
    return !ffd_commit_keeps(m->d) || record <= m->committed;
}

bool ffd_commit_idle(const struct ffd_daemon *d)
{
    const struct ffd_commit *c = &d->commit;

    return !c->busy && (c->failing ||
                        (!c->waiting && !c->erase && !c->prune && !c->durable));
}

void ffd_commit_hurry(struct ffd_daemon *d)
{
    d->commit.hurry = true;
}

void ffd_commit_saved(struct ffd_daemon *d)
{
    d->commit.prune = ffd_commit_keeps(d);
}

void ffd_commit_refuse(struct ffd_daemon *d)
{
    struct ffd_commit *c = &d->commit;

    while (c->durable) {
        struct ffd_ticket *t = c->durable;

        c->durable = t->next;
        ffd_answer_error(d, t->conn, t->msgid, FFP_STORAGE,
                         "it was learned, but the server stops and the disk "
                         "does not take it: %.300s",
                         c->why);
        ffd_conn_end(d, t->conn);
        ffd_ticket_free(d, t);
    }
    c->durable_tail = &c->durable;
}

/* ---- handing over -------------------------------------------------------- */

int ffd_commit_ready(struct ffd_model *m)
{
    if (!m->block && ffd_commit_keeps(m->d))
        m->block = calloc(1, sizeof(*m->block));
    return m->block || !ffd_commit_keeps(m->d) ? 0 : -1;
}

void ffd_commit_take(struct ffd_model *m, struct ffd_records *records)
{
    struct ffd_commit *c = &m->d->commit;
    struct ffd_block *b = m->block;

    if (records->count == 0)
        return;
    m->block = NULL;
    b->m = m;
    b->records = *records;
    b->last = m->recorded + records->count;
    *records = (struct ffd_records){0};
    m->recorded = b->last;
    m->unsaved += b->records.n;
    *c->tail = b;
    c->tail = &b->next;
    c->bytes += b->records.room;
    c->queued++;
    m->d->memory += b->records.room;
}

static void free_block(struct ffd_commit *c, struct ffd_block *b)
{
    c->bytes -= b->records.room;
    b->m->d->memory -= b->records.room;
    ffd_records_release(&b->records);
    free(b);
}

void ffd_commit_await(struct ffd_daemon *d, struct ffd_ticket *t)
{
    struct ffd_commit *c = &d->commit;

    t->next = NULL;
    t->after = c->queued;
    *c->durable_tail = t;
    c->durable_tail = &t->next;
    if (d->config.durability == FFD_DURABILITY_FULL)
        c->hurry = true;
}

bool ffd_commit_forsake(struct ffd_model *m)
{
    struct ffd_commit *c = &m->d->commit;
    struct ffd_block **at = &c->waiting;

    for (struct ffd_block *b = c->out; b; b = b->next) {
        if (b->m == m)
            return false;
    }
    while (*at) {
        struct ffd_block *b = *at;

        if (b->m != m) {
            at = &b->next;
            continue;
        }
        *at = b->next;
        free_block(c, b);
    }
    c->tail = at;
    return true;
}

int ffd_commit_erase(struct ffd_model *m, uint64_t upto, const char *mark)
{
    struct ffd_erasure *e = calloc(1, sizeof(*e));

    if (!e)
        return -1;
    if (mark)
        snprintf(e->mark, sizeof(e->mark), "%s", mark);
    e->m = m;
    e->upto = upto;
    e->next = m->d->commit.erase;
    m->d->commit.erase = e;
    return 0;
}

/* ---- on the pool --------------------------------------------------------- */

static size_t count_rows(const struct ffd_block *b)
{
    size_t n = 0;

    for (; b; b = b->next)
        n += b->records.count;
    return n;
}

static void append(struct ffd_commit *c)
{
    size_t n = count_rows(c->out), i = 0;
    struct ffd_journal_row *rows;

    if (n == 0)
        return;
    rows = calloc(n, sizeof(*rows));
    if (!rows) {
        c->rc = -1;
        snprintf(c->out_why, sizeof(c->out_why), "no memory for %zu records",
                 n);
        return;
    }
    for (const struct ffd_block *b = c->out; b; b = b->next) {
        struct ffd_journal_row *row = &rows[i];

        for (size_t at = 0; ffd_records_next(&b->records, &at, &row->n,
                                             &row->body, &row->bytes);
             row = &rows[++i])
            row->model = b->m->name;
    }
    c->rc = ffd_journal_append(c->journal, rows, n, c->out_why);
    free(rows);
}

static void erase(struct ffd_commit *c, struct ffd_erasure *e)
{
    if (c->journal)
        e->rc = ffd_journal_erase(c->journal, e->m->name, e->upto, e->why);
    if (e->rc == 0 && e->mark[0])
        ffd_file_remove(e->mark);
}

static void on_pool(uv_work_t *req)
{
    struct ffd_daemon *d = req->data;
    struct ffd_commit *c = &d->commit;

    c->rc = c->prune_rc = 0;
    append(c);
    for (struct ffd_erasure *e = c->erase_out; e; e = e->next)
        erase(c, e);
    if (c->pruning)
        c->prune_rc =
            ffd_journal_prune(c->journal, c->covers, c->n_covers, c->limit / 2,
                              c->archive[0] ? c->archive : NULL, c->prune_why);
    if (c->journal)
        c->out_bytes = ffd_journal_bytes(c->journal);
}

/* ---- home ---------------------------------------------------------------- */

static void answer_durable(struct ffd_daemon *d)
{
    struct ffd_commit *c = &d->commit;

    while (c->durable && c->durable->after <= c->done) {
        struct ffd_ticket *t = c->durable;

        c->durable = t->next;
        if (!c->durable)
            c->durable_tail = &c->durable;
        ffd_ticket_answer(d, t);
    }
}

static void appended(struct ffd_daemon *d)
{
    struct ffd_commit *c = &d->commit;
    struct ffd_block *next;

    for (struct ffd_block *b = c->out; b; b = next) {
        next = b->next;
        b->m->committed = b->last;
        c->records += b->records.count;
        free_block(c, b);
    }
    c->commits += c->out != NULL;
    c->out = NULL;
    c->done = c->out_queued;
    if (c->failing) {
        ffd_notify_say(d, "");
        ffd_log(FFD_LOG_NOTICE,
                "the journal is written again, after %.1f s; models learn",
                (double)(ffd_now_ms(d) - c->failing_since_ms) / 1000.0);
    }
    c->failing = false;
    answer_durable(d);
}

/* Back where they came from, before all that came since. */
static void refused(struct ffd_daemon *d)
{
    struct ffd_commit *c = &d->commit;
    struct ffd_block **end = &c->out;

    while (*end)
        end = &(*end)->next;
    *end = c->waiting;
    c->waiting = c->out;
    c->out = NULL;
    for (c->tail = &c->waiting; *c->tail;)
        c->tail = &(*c->tail)->next;
    memcpy(c->why, c->out_why, sizeof(c->why));
    c->failures++;
    if (!c->failing)
        c->failing_since_ms = ffd_now_ms(d);
    c->failing = true;
    ffd_notify_say(d, "the journal cannot be written: nothing is learned");
    ffd_log_some(FFD_LOG_ERROR, "journal", ffd_now_ms(d),
                 "the journal cannot be written: %s; models do not learn until "
                 "it can, tried every second",
                 c->why);
}

static void erased(struct ffd_daemon *d)
{
    struct ffd_erasure *e = d->commit.erase_out, *next;

    d->commit.erase_out = NULL;
    for (; e; e = next) {
        next = e->next;
        ffd_model_erased(e->m, e->rc, e->why);
        free(e);
    }
}

/* One that failed is not tried again with every commit. */
static bool may_ask(const struct ffd_model *m, uint64_t now_ms)
{
    return m->save.busy || m->save.rc == 0 ||
           now_ms - m->saved.at_ms >= AGAIN_MS;
}

/* A quarter of the limit that no snapshot holds is enough to ask for new ones,
   so that segments can go; at the limit nothing is learned until they have. */
static void look_at_limit(struct ffd_daemon *d)
{
    struct ffd_commit *c = &d->commit;
    uint64_t unsaved = 0;
    bool was = c->full;

    c->full = c->journal_bytes >= d->config.journal_limit;
    if (c->full && !was)
        ffd_log(FFD_LOG_WARNING,
                "the journal has reached its limit, %.0f MiB; models do not "
                "learn until snapshots let go of a part of it",
                (double)d->config.journal_limit / (1024.0 * 1024.0));
    for (const struct ffd_model *m = d->models; m; m = m->next)
        unsaved += m->life == FFD_LIVE ? m->unsaved : 0;
    if (!c->full && unsaved < d->config.journal_limit / 4)
        return;
    for (struct ffd_model *m = d->models; m; m = m->next) {
        if (may_ask(m, ffd_now_ms(d)))
            ffd_model_want_snapshot(m);
    }
}

static void pruned(struct ffd_daemon *d)
{
    struct ffd_commit *c = &d->commit;

    c->pruning = false;
    free(c->covers);
    free(c->names);
    c->covers = NULL;
    c->names = NULL;
    if (c->prune_rc != 0)
        ffd_log_some(FFD_LOG_WARNING, "prune", ffd_now_ms(d),
                     "a part of the journal that is not needed stays: %s",
                     c->prune_why);
}

static void on_home(uv_work_t *req, int status)
{
    struct ffd_daemon *d = req->data;
    struct ffd_commit *c = &d->commit;

    (void)status; /* nothing cancels it */
    c->busy = false;
    c->journal_bytes = c->out_bytes;
    if (c->rc == 0)
        appended(d);
    else
        refused(d);
    if (c->pruning)
        pruned(d);
    look_at_limit(d);
    erased(d);
    ffd_save_look(d);
    for (struct ffd_model *m = d->models; m; m = m->next) {
        ffd_model_at_home(m); /* what could not be written down before */
        ffd_scheduler_want(m);
    }
    ffd_stop_look(d);
}

/* ---- out ----------------------------------------------------------------- */

/* What the newest snapshots hold, by name, since models may go meanwhile. */
static void list_covers(struct ffd_daemon *d)
{
    struct ffd_commit *c = &d->commit;
    size_t n = 0;

    c->covers = calloc(d->n_models ? d->n_models : 1, sizeof(*c->covers));
    c->names = calloc(d->n_models ? d->n_models : 1, FFP_MODEL_MAX + 1);
    c->pruning = c->covers && c->names;
    for (struct ffd_model *m = d->models; m && c->pruning; m = m->next, n++) {
        char *name = c->names + n * (FFP_MODEL_MAX + 1);

        memcpy(name, m->name, strlen(m->name) + 1);
        c->covers[n] = (struct ffd_journal_cover){
            name, m->saved_record == FFD_NEVER_SAVED ? 0 : m->saved_record};
    }
    c->n_covers = n;
    c->prune = false;
}

static void send_out(struct ffd_daemon *d)
{
    struct ffd_commit *c = &d->commit;

    uv_timer_stop(&c->timer);
    c->hurry = false;
    c->busy = true;
    c->out = c->waiting;
    c->waiting = NULL;
    c->tail = &c->waiting;
    c->out_queued = c->queued;
    c->erase_out = c->erase;
    c->erase = NULL;
    if (c->prune)
        list_covers(d);
    c->req.data = d;
    uv_queue_work(&d->loop, &c->req, on_pool, on_home);
}

static void on_timer(uv_timer_t *timer)
{
    struct ffd_daemon *d = timer->data;

    /* At the limit nothing is written that would ask for it. */
    d->commit.prune = d->commit.prune || d->commit.full;
    if (!d->commit.busy)
        send_out(d);
}

void ffd_commit_pump(struct ffd_daemon *d)
{
    struct ffd_commit *c = &d->commit;
    bool work = c->waiting || c->erase || c->prune || c->durable;
    uint64_t wait = c->failing || !work ? RETRY_MS : GROUP_MS;

    if (c->busy || (!work && !c->full))
        return;
    if (work && !c->failing &&
        (c->hurry || c->erase || c->bytes >= BYTES_MAX / 2 ||
         d->phase != FFD_SERVING))
        send_out(d);
    else if (!uv_is_active((uv_handle_t *)&c->timer) &&
             !uv_is_closing((uv_handle_t *)&c->timer))
        uv_timer_start(&c->timer, on_timer, wait, 0);
}

/* ---- beginning and end --------------------------------------------------- */

static uint64_t segment_bytes(uint64_t limit)
{
    const uint64_t least = (uint64_t)256 * 1024, most = (uint64_t)64 << 20;
    uint64_t n = limit / 8;

    return n < least ? least : n > most ? most : n;
}

int ffd_commit_start(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_commit *c = &d->commit;

    c->tail = &c->waiting;
    c->durable_tail = &c->durable;
    c->timer.data = d;
    uv_timer_init(&d->loop, &c->timer);
    c->limit = d->config.journal_limit;
    memcpy(c->archive, d->config.journal_archive, sizeof(c->archive));
    if (d->config.durability == FFD_DURABILITY_OFF)
        return 0;
    if (ffd_recover_open(d, segment_bytes(d->config.journal_limit), &c->journal,
                         why) < 0)
        return -1;
    c->journal_bytes = c->out_bytes = ffd_journal_bytes(c->journal);
    return 0;
}

void ffd_commit_stop(struct ffd_daemon *d)
{
    uv_close((uv_handle_t *)&d->commit.timer, NULL);
}

void ffd_commit_release(struct ffd_daemon *d)
{
    struct ffd_commit *c = &d->commit;

    if (c->waiting)
        ffd_log(FFD_LOG_ERROR,
                "%zu bytes of what was learned last are not in the journal",
                c->bytes);
    while (c->waiting) {
        struct ffd_block *b = c->waiting;

        c->waiting = b->next;
        free_block(c, b);
    }
    while (c->erase) {
        struct ffd_erasure *e = c->erase;

        c->erase = e->next;
        free(e);
    }
    ffd_journal_close(c->journal);
    c->journal = NULL;
}
