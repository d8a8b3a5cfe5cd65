#include "daemon/model_dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/snapshot_file.h"

#define DROPS_A_SECOND 1000 /* of one name; more is a defect */

void ffd_model_dir(const char *state, const char *name, char out[FFD_PATH_MAX])
{
    ffd_path(out, "%s/models/%s", state, name);
}

void ffd_model_dir_file(const char *dir, const struct ffd_version *v,
                        char out[FFD_PATH_MAX])
{
    char file[FFD_VERSION_FILE_MAX];

    ffd_version_file(v, file);
    ffd_path(out, "%s/%s", dir, file);
}

/* ---- written ------------------------------------------------------------- */

static bool same_version(const struct ffd_version *a,
                         const struct ffd_version *b)
{
    return a->record == b->record && strcmp(a->name, b->name) == 0;
}

static void remove_version(const char *dir, const struct ffd_version *v)
{
    char path[FFD_PATH_MAX];

    ffd_model_dir_file(dir, v, path);
    unlink(path); /* if it cannot be, it is tried after the next */
}

/* Never the one just written. */
static void prune(const char *dir, const struct ffd_version *written,
                  const struct ffd_version_policy *policy)
{
    char why[FFD_CONFIG_WHY_MAX];
    struct ffd_version *v;
    bool *remove;
    size_t n, kept = 0;

    if (ffd_version_list(dir, &v, &n, why) < 0)
        return;
    for (size_t i = 0; i < n; i++) {
        if (same_version(&v[i], written) && v[i].time != written->time)
            remove_version(dir, &v[i]);
        else
            v[kept++] = v[i];
    }
    remove = calloc(kept ? kept : 1, sizeof(*remove));
    if (remove)
        ffd_version_plan(v, kept, policy, remove);
    for (size_t i = 0; remove && i < kept; i++) {
        if (remove[i] && !same_version(&v[i], written))
            remove_version(dir, &v[i]);
    }
    free(remove);
    free(v);
}

/* 1: another record has the name. */
static int name_is_free(const char *dir, const struct ffd_version *v,
                        char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_version *list;
    size_t n;
    int rc;

    if (!v->name[0])
        return 0;
    rc = ffd_version_list(dir, &list, &n, why);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].name, v->name) == 0 && list[i].record != v->record)
            rc = 1;
    }
    free(list);
    return rc;
}

int ffd_model_dir_put(const char *dir, const struct ffd_version *v,
                      const uint8_t *bytes, size_t n,
                      const struct ffd_version_policy *policy, char hash[33],
                      char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_PATH_MAX];
    int rc = ffd_dir_make(dir, why);

    if (rc == 0)
        rc = name_is_free(dir, v, why);
    if (rc != 0)
        return rc;
    ffd_model_dir_file(dir, v, path);
    if (ffd_snapshot_write(path, bytes, n, hash, why) < 0)
        return -1;
    prune(dir, v, policy);
    return 0;
}

/* A snapshot, or one that was set aside: what its name says. */
static bool is_snapshot(const char *file, struct ffd_version *v)
{
    char name[FFD_VERSION_FILE_MAX];
    const char *tail = strstr(file, FFD_VERSION_SUFFIX);
    size_t n = tail ? (size_t)(tail - file) + strlen(FFD_VERSION_SUFFIX) : 0;

    if (n == 0 || n >= sizeof(name))
        return false;
    memcpy(name, file, n);
    name[n] = '\0';
    return ffd_version_parse(name, v);
}

int ffd_model_dir_forget(const char *dir, const struct ffd_version *v,
                         size_t *n, char why[FFD_CONFIG_WHY_MAX])
{
    DIR *d = ffd_dir_open(dir);
    struct ffd_version is;
    struct dirent *e;
    int rc = d ? 0 : -1;

    *n = 0;
    errno = 0;
    while (rc == 0 && (e = readdir(d))) {
        if (!is_snapshot(e->d_name, &is) || is.record >= v->record)
            continue;
        rc = unlinkat(dirfd(d), e->d_name, 0);
        *n += rc == 0;
    }
    if (rc == 0)
        rc = fsync(dirfd(d));
    if (rc < 0)
        snprintf(why, FFD_CONFIG_WHY_MAX, "cannot empty %.300s: %s", dir,
                 strerror(errno));
    if (d)
        closedir(d);
    return rc;
}

int ffd_model_dir_unname(const char *dir, const struct ffd_version *v,
                         char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_version *list, plain = *v;
    char from[FFD_PATH_MAX], to[FFD_PATH_MAX];
    size_t n;
    bool newest;

    if (ffd_version_list(dir, &list, &n, why) < 0)
        return -1;
    newest = n > 0 && list[0].record == v->record;
    for (size_t i = 0; i < n; i++) { /* another holds the same */
        if (list[i].record == v->record && strcmp(list[i].name, v->name) != 0)
            newest = false;
    }
    free(list);
    ffd_model_dir_file(dir, v, from);
    if (!newest) {
        ffd_file_remove(from);
        return 0;
    }
    plain.name[0] = '\0';
    ffd_model_dir_file(dir, &plain, to);
    return ffd_file_rename(from, to, why);
}

/* ---- gone ---------------------------------------------------------------- */

void ffd_model_dir_clear(const char *dir)
{
    DIR *d = ffd_dir_open(dir);
    struct dirent *e;

    while (d && (e = readdir(d)))
        unlinkat(dirfd(d), e->d_name, 0); /* . and .. it refuses */
    if (d)
        closedir(d);
    rmdir(dir);
}

int ffd_model_dir_drop(const char *state, const char *name,
                       char why[FFD_CONFIG_WHY_MAX])
{
    char dir[FFD_PATH_MAX], aside[FFD_PATH_MAX];
    long long now = (long long)time(NULL);

    ffd_model_dir(state, name, dir);
    /* One dropped in the same second may not be gone yet. */
    for (int i = 0; i < DROPS_A_SECOND; i++) {
        ffd_path(aside, "%s/models/.dropped-%s-%lld-%d", state, name, now, i);
        if (access(aside, F_OK) < 0)
            break;
    }
    if (access(dir, F_OK) < 0 && errno == ENOENT)
        return 0;
    if (ffd_file_rename(dir, aside, why) < 0)
        return -1;
    ffd_model_dir_clear(aside);
    return 0;
}
