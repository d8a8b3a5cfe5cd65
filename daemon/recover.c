#include "daemon/recover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/digest.h"
#include "daemon/journal.h"
#include "daemon/model.h"
#include "daemon/model_dir.h"
#include "daemon/record.h"
#include "daemon/snapshot_file.h"

struct replaying {
    struct ffd_replay p;
    const char *name, *digests;
    uint64_t done;
    bool forgot;
    enum ffd_applied applied;
    char why[FF_WHY_MAX];
};

/* The step, if anybody wants to know. */
static uint64_t step_of(const struct replaying *r)
{
    struct ff_stats stats = {0};

    if (r->digests[0] && r->p.ff)
        ff_model_stats(r->p.ff, &stats);
    return stats.step;
}

static int again(void *ctx, const struct ffd_journal_row *row)
{
    struct replaying *r = ctx;
    uint64_t before = step_of(r);

    r->applied = ffd_record_apply(&r->p, row->n, row->body, row->bytes, r->why);
    if (r->applied != FFD_APPLIED)
        return 1;
    r->done++;
    r->forgot = r->forgot || row->body[0] == FFD_RECORD_FORGET;
    if (r->digests[0] && ffd_digest_due(before, step_of(r)))
        ffd_digest_tell(r->digests, r->name, r->p.ff);
    ffd_notify_progress("Recovering model %s: %" PRIu64 " records", r->name,
                        r->done);
    return 0;
}

static void say(const struct replaying *r, const struct ffd_redone *out,
                const struct ffd_journal_found *found, uint64_t ms)
{
    struct ff_stats stats = {0};

    if (out->ff)
        ff_model_stats(out->ff, &stats);
    if (r->done > 0)
        ffd_log(FFD_LOG_NOTICE,
                "model %s: %" PRIu64 " records (%.1f MB) of the journal done "
                "again in %.1f s; seq %" PRIu64 ", step %" PRIu64,
                r->name, r->done, (double)found->bytes / 1e6,
                (double)ms / 1000.0, stats.seq, stats.step);
    if (out->damaged)
        ffd_log(FFD_LOG_ERROR,
                "model %s: the journal is damaged behind record %" PRIu64
                ": %s; what came after it is lost",
                r->name, out->ff ? ff_model_record(out->ff) : 0,
                r->applied == FFD_APPLIED ? found->what : r->why);
}

static void journal_dir(const struct ffd_daemon *d, char out[FFD_PATH_MAX])
{
    ffd_path(out, "%s/journal", d->config.state);
}

int ffd_recover(const struct ffd_daemon *d, const char *name,
                struct ffd_redone *r, char why[FFD_CONFIG_WHY_MAX])
{
    struct replaying state = {
        .p = {.ff = r->ff}, .name = name, .digests = d->config.digests};
    struct ffd_journal_found found = {0};
    uint64_t after = r->ff ? ff_model_record(r->ff) : 0;
    uint64_t began = uv_hrtime();
    char dir[FFD_PATH_MAX];
    int rc;

    journal_dir(d, dir);
    rc = ffd_journal_read(dir, name, after, again, &state, &found, why);
    r->ff = state.p.ff;
    r->fit_ready = state.p.fit_ready;
    r->records = state.done;
    r->forgot = state.forgot;
    if (rc >= 0 && state.applied == FFD_APPLY_NO_MEMORY) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "model %s: no memory to do its journal again", name);
        rc = -1;
    }
    if (rc < 0) {
        ff_model_free(r->ff);
        r->ff = NULL;
        return -1;
    }
    /* Answers are to be of what it is now: a fit or a slice of sleep that came
       last changed it, and no frame did. No view is being read yet. */
    if (r->ff && r->records > 0)
        (void)ff_publish(r->ff);
    r->damaged = found.damaged || state.applied == FFD_APPLY_DAMAGED;
    say(&state, r, &found, (uv_hrtime() - began) / 1000000);
    return 0;
}

/* ---- damage -------------------------------------------------------------- */

/* A fit on its way is not in a snapshot: it is taken in first. */
static void take_fit_in(struct ffd_model *m)
{
    if (m->fit == FFD_FIT_NONE)
        return;
    ff_fit_install(m->ff);
    m->fit = FFD_FIT_NONE;
    ff_model_set_record(m->ff, ff_model_record(m->ff) + 1);
    m->record = m->recorded = m->committed = ff_model_record(m->ff);
}

static int put_snapshot(struct ffd_model *m, char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_version v = {.time = (uint64_t)time(NULL)};
    char dir[FFD_PATH_MAX], hash[33];
    uint8_t *bytes = NULL;
    size_t n = 0;
    int rc;

    take_fit_in(m);
    v.record = m->record;
    ffd_model_dir(m->d->config.state, m->name, dir);
    if (ff_model_save(m->ff, &bytes, &n) != FF_OK) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "model %s: no memory for a snapshot",
                 m->name);
        return -1;
    }
    rc = ffd_dir_make(dir, why);
    if (rc == 0)
        rc = ffd_model_dir_put(dir, &v, bytes, n,
                               &m->d->config.snapshots.policy, hash, why);
    free(bytes);
    if (rc != 0)
        return -1;
    m->saved_record = v.record;
    ffd_version_text(&v, m->saved.version);
    return 0;
}

static int put_snapshots(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    for (struct ffd_model *m = d->models; m; m = m->next) {
        if ((m->saved_record != m->record || m->fit != FFD_FIT_NONE) &&
            put_snapshot(m, why) < 0)
            return -1;
    }
    return 0;
}

static int set_aside(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    char dir[FFD_PATH_MAX];

    journal_dir(d, dir);
    if (put_snapshots(d, why) < 0 || ffd_journal_set_aside(dir, why) < 0)
        return -1;
    ffd_log(FFD_LOG_ERROR,
            "the journal was damaged; it is set aside as %s, and every model "
            "has a new snapshot",
            why);
    return 0;
}

int ffd_recover_open(struct ffd_daemon *d, uint64_t segment_bytes,
                     struct ffd_journal **out, char why[FFD_CONFIG_WHY_MAX])
{
    char dir[FFD_PATH_MAX];
    int rc;

    journal_dir(d, dir);
    rc = ffd_journal_open(out, dir, segment_bytes, why);
    if (rc <= 0)
        return rc;
    ffd_log(FFD_LOG_ERROR, "the journal is damaged: %s", why);
    if (set_aside(d, why) < 0)
        return -1;
    return ffd_journal_open(out, dir, segment_bytes, why) == 0 ? 0 : -1;
}

/* All that is in it is in snapshots now. */
static int end_journal(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    const char *archive = d->config.journal_archive;
    struct ffd_journal *j;
    int rc;

    if (put_snapshots(d, why) < 0 || ffd_recover_open(d, 1, &j, why) < 0)
        return -1;
    rc = ffd_journal_prune(j, NULL, 0, 0, archive[0] ? archive : NULL, why);
    ffd_journal_close(j);
    return rc;
}

/* A label was being forgotten when all ended: no snapshot and no record before
   it may stay. */
static int end_forgetting(struct ffd_model *m, char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_version v = {0};
    char dir[FFD_PATH_MAX], mark[FFD_PATH_MAX];
    struct ffd_journal *j;
    size_t n;
    int rc;

    ffd_model_dir(m->d->config.state, m->name, dir);
    ffd_path(mark, "%s/" FFD_FORGET_FILE, dir);
    if (!m->forgetting.owed && access(mark, F_OK) < 0)
        return 0;
    m->forgetting.owed = false;
    if (put_snapshot(m, why) < 0)
        return -1;
    v.record = m->saved_record;
    if (ffd_model_dir_forget(dir, &v, &n, why) < 0 ||
        ffd_recover_open(m->d, 1, &j, why) < 0)
        return -1;
    rc = ffd_journal_erase(j, m->name, v.record, why);
    ffd_journal_close(j);
    if (rc == 0)
        ffd_file_remove(mark);
    return rc;
}

int ffd_recover_end(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    char dir[FFD_PATH_MAX], **names = NULL;
    size_t n = 0;
    int rc = 0;

    if (d->damaged && set_aside(d, why) < 0)
        return -1;
    for (struct ffd_model *m = d->models; m; m = m->next) {
        if (end_forgetting(m, why) < 0)
            return -1;
    }
    if (ffd_commit_keeps(d))
        return 0;
    journal_dir(d, dir);
    if (ffd_journal_models(dir, &names, &n, why) < 0)
        return -1;
    if (n > 0)
        rc = end_journal(d, why);
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
    return rc;
}
