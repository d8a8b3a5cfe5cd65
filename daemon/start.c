#include "daemon/start.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon/daemon.h"
#include "daemon/follow.h"
#include "daemon/model.h"
#include "daemon/snapshot_file.h"
#include "proto/text.h"

#define SUFFIX ".safetensors"

/* ---- the epoch ----------------------------------------------------------- */

/* Ids of frames are "<epoch>:<counter>". The epoch grows at every start and is
   on the disk before the first id is given, so that no id is given twice. */
static int next_epoch(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_PATH_MAX + 8], text[32] = "";
    uint8_t *bytes = NULL;
    size_t n = 0;
    char *end;
    int rc;

    snprintf(path, sizeof(path), "%s/epoch", d->config.state);
    rc = ffd_file_read(path, &bytes, &n, why);
    if (rc < 0)
        return -1;
    if (rc == 0) {
        memcpy(text, bytes, n < sizeof(text) ? n : sizeof(text) - 1);
        d->epoch = strtoull(text, &end, 10);
        if (n == 0 || n >= sizeof(text) || *end != '\n' || d->epoch == 0) {
            snprintf(why, FFD_CONFIG_WHY_MAX,
                     "%.300s does not hold a number; write one there that is "
                     "larger than any epoch so far",
                     path);
            free(bytes);
            return -1;
        }
    }
    free(bytes);
    d->epoch++;
    rc = snprintf(text, sizeof(text), "%" PRIu64 "\n", d->epoch);
    return ffd_file_write(path, text, (size_t)rc, why);
}

int ffd_start_state(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    if (mkdir(d->config.state, 0750) < 0 && errno != EEXIST) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "cannot make the state directory %.300s: %s", d->config.state,
                 strerror(errno));
        return -1;
    }
    return next_epoch(d, why);
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
    char path[FFD_PATH_MAX + FFP_MODEL_MAX + 8], file[FFP_MODEL_MAX + 8];
    uint8_t *bytes = NULL;
    size_t n = 0;
    int rc;

    snprintf(file, sizeof(file), "%s.yaml", name);
    snprintf(path, sizeof(path), "%s/%s", d->config.state, file);
    rc = ffd_file_read(path, &bytes, &n, why);
    if (rc == 0)
        rc = ffd_model_config_parse(config, file, (const char *)bytes, n, why);
    free(bytes);
    return rc;
}

static void set_aside(const char *path, const char *reason)
{
    char aside[2 * FFD_PATH_MAX];

    snprintf(aside, sizeof(aside), "%s.corrupt-%lld", path,
             (long long)time(NULL));
    ffd_log(FFD_LOG_ERROR, "%s: %s; set aside as %s", path, reason, aside);
    if (rename(path, aside) < 0)
        ffd_log(FFD_LOG_ERROR, "cannot rename %s: %s", path, strerror(errno));
}

/* The model of a snapshot: 0 and it; 1: none that can be used. */
static int load(struct ffd_daemon *d, const char *name, struct ff_model **out,
                char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_PATH_MAX + FFP_MODEL_MAX + 16], reason[FF_WHY_MAX] = "";
    uint8_t *bytes = NULL;
    size_t n = 0;
    int rc, status;

    ffd_notify_progress("Loading model %s", name);
    snprintf(path, sizeof(path), "%s/%s" SUFFIX, d->config.state, name);
    rc = ffd_file_read(path, &bytes, &n, why);
    if (rc != 0)
        return rc;
    status = ff_model_load(out, bytes, n, reason);
    free(bytes);
    if (status == FF_OK)
        return 0;
    if (status == FF_ECORRUPT) {
        set_aside(path, reason[0] ? reason : ff_strerror(status));
        return 1;
    }
    snprintf(why, FFD_CONFIG_WHY_MAX, "%.200s: %.250s", path,
             reason[0] ? reason : ff_strerror(status));
    return -1;
}

static int add(struct ffd_daemon *d, const char *name, struct ff_model *ff,
               const struct ffd_model_config *config, bool stored,
               char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_model *m;
    char reason[FFD_CONFIG_WHY_MAX];

    if (ffd_follow_check_all(d, name, config, reason) < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "models.%s.%.250s, or remove %s.yaml and %s" SUFFIX
                 " from the state directory if it was made by create_model",
                 name, reason, name, name);
        ff_model_free(ff);
        return -1;
    }
    m = ffd_model_new(d, name, config);
    if (!m) {
        ff_model_free(ff);
    } else if (ffd_model_live(m, ff) == 0) {
        if (stored) {
            m->saved_seq = m->stats.seq;
            m->saved_step = m->stats.step;
        } else {
            m->saved_step = UINT64_MAX; /* never saved */
        }
        ffd_log(FFD_LOG_NOTICE, "model %s: %s, seq %" PRIu64 ", %zu bytes",
                name, stored ? "loaded" : "new", m->stats.seq,
                ff_model_bytes(ff));
        return 0;
    }
    snprintf(why, FFD_CONFIG_WHY_MAX, "model %s: out of memory", name);
    return -1;
}

/* A snapshot goes on with the configuration's runtime options. */
static int adopt(const char *name, struct ff_model *ff,
                 const struct ffd_model_config *config,
                 char why[FFD_CONFIG_WHY_MAX])
{
    char reason[FF_WHY_MAX];

    if (!ff_spec_same_structure(ff_model_spec(ff), &config->spec, reason)) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "models.%s.%s; the snapshot in the state directory is of the "
                 "old structure: restore the value, or remove %s" SUFFIX
                 " there",
                 name, reason, name);
        return -1;
    }
    if (ff_model_tune(ff, &config->spec) == FF_OK)
        return 0;
    snprintf(why, FFD_CONFIG_WHY_MAX, "model %s: its options cannot be set",
             name);
    return -1;
}

static int start_one(struct ffd_daemon *d, const char *name,
                     char why[FFD_CONFIG_WHY_MAX])
{
    const struct ffd_model_config *given = configured(d, name);
    struct ffd_model_config config;
    struct ff_model *ff = NULL;
    int found = load(d, name, &ff, why), kept = 1;

    if (found < 0)
        return -1;
    ffd_model_config_init(&config);
    if (given)
        config = *given;
    else
        kept = stored_config(d, name, &config, why);
    if (kept < 0)
        goto fail;
    if (found == 0 && (given || kept == 0)) {
        if (adopt(name, ff, &config, why) < 0)
            goto fail;
    } else if (found == 0) {
        config.spec = *ff_model_spec(ff);
    } else if (!given && kept != 0) {
        return 0; /* only a damaged snapshot: nothing says what to make */
    } else if (ff_model_new(&ff, &config.spec) != FF_OK) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "model %s: no memory for it", name);
        return -1;
    }
    return add(d, name, ff, &config, found == 0, why);
fail:
    ff_model_free(ff);
    return -1;
}

/* Whether a file of the state directory is a model's; name gets it. */
static bool is_snapshot(const char *file, char name[FFP_MODEL_MAX + 1])
{
    size_t n = strlen(file), tail = strlen(SUFFIX);

    if (n <= tail || n - tail > FFP_MODEL_MAX ||
        strcmp(file + n - tail, SUFFIX) != 0)
        return false;
    memcpy(name, file, n - tail);
    name[n - tail] = '\0';
    return ffp_model_name_valid(name, n - tail);
}

int ffd_start_models(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    char name[FFP_MODEL_MAX + 1];
    struct dirent *e;
    DIR *dir;
    int rc = 0;

    for (size_t i = 0; i < d->config.n_models && rc == 0; i++)
        rc = start_one(d, d->config.models[i].name, why);
    if (rc < 0)
        return rc;
    dir = opendir(d->config.state);
    if (!dir) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "cannot read %.300s: %s",
                 d->config.state, strerror(errno));
        return -1;
    }
    while (rc == 0 && (e = readdir(dir))) {
        if (is_snapshot(e->d_name, name) &&
            !ffd_model_find(d, name, strlen(name)))
            rc = start_one(d, name, why);
    }
    closedir(dir);
    return rc;
}
