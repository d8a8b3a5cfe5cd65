#include "daemon/start.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/daemon.h"
#include "daemon/epoch.h"
#include "daemon/follow.h"
#include "daemon/journal.h"
#include "daemon/model.h"
#include "daemon/model_dir.h"
#include "daemon/recover.h"
#include "daemon/recover_snapshot.h"
#include "daemon/snapshot_file.h"
#include "daemon/state_dir.h"
#include "proto/text.h"

int ffd_start_state(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    if (mkdir(d->config.state, 0750) < 0 && errno != EEXIST) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "cannot make the state directory %.300s: %s", d->config.state,
                 strerror(errno));
        return -1;
    }
    return ffd_epoch_next(d->config.state, &d->epoch, why);
}

/* ---- models -------------------------------------------------------------- */

static const struct ffd_model_config *configured(const struct ffd_daemon *d,
                                                 const char *name)
{
    for (size_t i = 0; i < d->config.n_models; i++) {
        if (strcmp(d->config.models[i].name, name) == 0)
            return &d->config.models[i].config;
    }
    return NULL;
}

/* What a peer's create_model said, kept beside the snapshot: the options that
   are the daemon's and not the learner's. */
static int stored_config(struct ffd_daemon *d, const char *name,
                         struct ffd_model_config *config,
                         char why[FFD_CONFIG_WHY_MAX])
{
    char dir[FFD_PATH_MAX], path[FFD_PATH_MAX];
    char file[FFP_MODEL_MAX + sizeof("/" FFD_SPEC_FILE)];
    uint8_t *bytes = NULL;
    size_t n = 0;
    int rc;

    ffd_model_dir(d->config.state, name, dir);
    ffd_path(path, "%s/" FFD_SPEC_FILE, dir);
    snprintf(file, sizeof(file), "%s/" FFD_SPEC_FILE, name);
    rc = ffd_file_read(path, &bytes, &n, why);
    if (rc == 0)
        rc = ffd_model_config_parse(config, file, (const char *)bytes, n, why);
    free(bytes);
    return rc;
}

/* Where a model begins: its snapshot, and what came after. */
struct found {
    struct ffd_recovered snapshot;
    struct ffd_redone go; /* how the journal went on */
};

/* One that neither a snapshot nor the journal knows, and its first record. */
static int make(struct ffd_model *m)
{
    struct ffd_records *r = ffd_commit_keeps(m->d) ? &m->records : NULL;
    struct ff_model *ff = NULL;

    if (ff_model_new(&ff, &m->config.spec) != FF_OK)
        return -1;
    if (ffd_record_spec(r, ff, FFD_RECORD_CREATE, &m->config.spec) < 0) {
        ff_model_free(ff);
        return -1;
    }
    return ffd_model_live(m, ff);
}

/* The same numbers go on, but other kernels round otherwise. */
static void compare_core(const struct ffd_model *m, const char *path)
{
    struct ff_snapshot_about about;
    char why[FFD_CONFIG_WHY_MAX];

    if (ffd_snapshot_about(path, &about, why) == 0 && about.core[0] &&
        strcmp(about.core, ff_core()) != 0)
        ffd_log(FFD_LOG_WARNING,
                "model %s: its snapshot is of a machine with BLAS kernels for "
                "%s, here they are for %s; it goes on, but digests do not "
                "compare",
                m->name, about.core, ff_core());
}

static void note_snapshot(struct ffd_model *m, const struct ffd_recovered *r)
{
    char dir[FFD_PATH_MAX], path[FFD_PATH_MAX];

    m->saved.quarantined = r->quarantined;
    m->saved_record = r->found ? r->record : FFD_NEVER_SAVED;
    if (!r->found)
        return;
    ffd_version_text(&r->from, m->saved.version);
    ffd_version_text(&r->from, m->saved.recovered);
    ffd_model_dir(m->d->config.state, m->name, dir);
    ffd_model_dir_file(dir, &r->from, path);
    compare_core(m, path);
}

static int add(struct ffd_daemon *d, const char *name,
               const struct ffd_model_config *config, const struct found *from,
               char why[FFD_CONFIG_WHY_MAX])
{
    struct ff_model *ff = from->go.ff;
    struct ffd_model *m;
    char reason[FFD_CONFIG_WHY_MAX];

    if (ffd_follow_check_all(d, name, config, reason) < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "models.%s.%.250s, or remove models/%s from the state "
                 "directory if it was made by create_model",
                 name, reason, name);
        ff_model_free(ff);
        return -1;
    }
    m = ffd_model_new(d, name, config);
    if (!m) {
        ff_model_free(ff);
    } else if ((ff ? ffd_model_live(m, ff) : make(m)) == 0) {
        note_snapshot(m, &from->snapshot);
        m->fit = from->go.fit_ready ? FFD_FIT_READY : FFD_FIT_NONE;
        m->forgetting.owed = from->go.forgot; /* see ffd_recover_end */
        m->tune = !ffd_model_is_tuned(m);
        m->recovered = from->go.records;
        ffd_log(FFD_LOG_NOTICE, "model %s: %s, seq %" PRIu64 ", %zu bytes",
                name, ff ? "loaded" : "new", m->stats.seq, ffd_model_bytes(m));
        return 0;
    }
    snprintf(why, FFD_CONFIG_WHY_MAX, "model %s: out of memory", name);
    return -1;
}

/* A snapshot goes on with the configuration's runtime options. */
static int adopt(const char *name, const struct ff_model *ff,
                 const struct ffd_model_config *config,
                 char why[FFD_CONFIG_WHY_MAX])
{
    char reason[FF_WHY_MAX];

    if (!ff_spec_same_structure(ff_model_spec(ff), &config->spec, reason)) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "models.%s.%s; the snapshot in the state directory is of the "
                 "old structure: restore the value, or remove models/%s "
                 "there",
                 name, reason, name);
        return -1;
    }
    return 0;
}

/* What the daemon is told of a model: by its configuration, else by what
   create_model brought, else by the model itself. 1: nothing says. */
static int options(struct ffd_daemon *d, const char *name,
                   const struct ff_model *ff, struct ffd_model_config *config,
                   char why[FFD_CONFIG_WHY_MAX])
{
    const struct ffd_model_config *given = configured(d, name);
    int kept = 0;

    ffd_model_config_init(config);
    if (given)
        *config = *given;
    else
        kept = stored_config(d, name, config, why);
    if (kept < 0)
        return -1;
    if (kept == 0)
        return ff ? adopt(name, ff, config, why) : 0;
    if (ff)
        config->spec = *ff_model_spec(ff);
    return ff ? 0 : 1;
}

static int start_one(struct ffd_daemon *d, const char *name,
                     char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_model_config config;
    struct found from = {0};
    int rc;

    ffd_notify_progress("Loading model %s", name);
    if (ffd_recover_snapshot(d->config.state, name, &from.snapshot, why) < 0)
        return -1;
    from.go.ff = from.snapshot.ff;
    if (ffd_recover(d, name, &from.go, why) < 0)
        return -1;
    d->damaged = d->damaged || from.go.damaged;
    rc = options(d, name, from.go.ff, &config, why);
    if (rc == 0)
        return add(d, name, &config, &from, why);
    ff_model_free(from.go.ff);
    if (rc < 0)
        return -1;
    ffd_log(FFD_LOG_ERROR,
            "model %s: it has a directory, but no snapshot that can be used "
            "and no " FFD_SPEC_FILE ", and the configuration does not name "
            "it: it is not there",
            name);
    return 0;
}

/* One that has no directory yet, and that the configuration names no more: its
   journal knows it. */
static int start_journalled(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_PATH_MAX], **names = NULL;
    size_t n = 0;
    int rc;

    ffd_path(path, "%s/journal", d->config.state);
    rc = ffd_journal_models(path, &names, &n, why);
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(names[i]);

        if (rc == 0 && ffp_model_name_valid(names[i], length) &&
            !ffd_model_find(d, names[i], length))
            rc = start_one(d, names[i], why);
        free(names[i]);
    }
    free(names);
    return rc;
}

int ffd_start_models(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_PATH_MAX];
    struct dirent *e;
    DIR *dir;
    int rc = 0;

    if (ffd_state_prepare(d->config.state, why) < 0)
        return -1;
    for (size_t i = 0; i < d->config.n_models && rc == 0; i++)
        rc = start_one(d, d->config.models[i].name, why);
    if (rc < 0)
        return rc;
    ffd_path(path, "%s/models", d->config.state);
    dir = ffd_dir_open(path);
    if (!dir) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "cannot read %.300s: %s", path,
                 strerror(errno));
        return -1;
    }
    while (rc == 0 && (e = readdir(dir))) {
        size_t n = strlen(e->d_name);

        if (ffp_model_name_valid(e->d_name, n) &&
            !ffd_model_find(d, e->d_name, n))
            rc = start_one(d, e->d_name, why);
    }
    closedir(dir);
    return rc < 0 ? rc : start_journalled(d, why);
}
