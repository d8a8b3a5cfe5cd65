#include "daemon/recover_snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/model_dir.h"
#include "daemon/snapshot_file.h"
#include "lib/ff.h"

#define ASIDE ".new"

enum ffd_snapshot_state ffd_snapshot_try(const char *path, struct ff_model **ff,
                                         char why[FFD_CONFIG_WHY_MAX])
{
    char reason[FF_WHY_MAX] = "";
    uint8_t *bytes = NULL;
    size_t n = 0;
    int rc = ffd_file_read(path, &bytes, &n, why);

    *ff = NULL;
    if (rc > 0)
        return FFD_SNAPSHOT_GONE;
    if (rc < 0) /* EIO: the disk has lost it */
        return errno == EIO ? FFD_SNAPSHOT_DAMAGED : FFD_SNAPSHOT_REFUSED;
    rc = ff_model_load(ff, bytes, n, reason);
    free(bytes);
    if (rc == FF_OK)
        return FFD_SNAPSHOT_GOOD;
    snprintf(why, FFD_CONFIG_WHY_MAX, "%.200s: %.250s", path,
             reason[0] ? reason : ff_strerror(rc));
    return rc == FF_ECORRUPT ? FFD_SNAPSHOT_DAMAGED : FFD_SNAPSHOT_REFUSED;
}

static void set_aside(const char *path, const char *reason)
{
    char aside[FFD_PATH_MAX], why[FFD_CONFIG_WHY_MAX];

    ffd_path(aside, "%s.corrupt-%lld", path, (long long)time(NULL));
    ffd_log(FFD_LOG_ERROR, "%s; set aside as %s", reason, aside);
    if (ffd_file_rename(path, aside, why) < 0)
        ffd_log(FFD_LOG_ERROR, "%s", why);
}

static bool ends_with(const char *text, const char *tail)
{
    size_t n = strlen(text), k = strlen(tail);

    return n >= k && strcmp(text + n - k, tail) == 0;
}

static void remove_half_written(const char *dir)
{
    DIR *d = ffd_dir_open(dir);
    struct dirent *e;

    while (d && (e = readdir(d))) {
        if (!ends_with(e->d_name, ASIDE))
            continue;
        unlinkat(dirfd(d), e->d_name, 0);
        ffd_log(FFD_LOG_NOTICE, "%s/%s was not finished; removed", dir,
                e->d_name);
    }
    if (d)
        closedir(d);
}

static int try_each(const char *dir, const struct ffd_version *v, size_t n,
                    struct ffd_recovered *out, char why[FFD_CONFIG_WHY_MAX])
{
    for (size_t i = 0; i < n && !out->ff; i++) {
        char path[FFD_PATH_MAX];

        ffd_model_dir_file(dir, &v[i], path);
        switch (ffd_snapshot_try(path, &out->ff, why)) {
        case FFD_SNAPSHOT_GOOD:
            out->found = true;
            out->from = v[i];
            out->record = ff_model_record(out->ff);
            break;
        case FFD_SNAPSHOT_DAMAGED:
            set_aside(path, why);
            out->quarantined++;
            break;
        case FFD_SNAPSHOT_GONE:
            break;
        case FFD_SNAPSHOT_REFUSED:
            return -1;
        }
    }
    return 0;
}

int ffd_recover_snapshot(const char *state, const char *name,
                         struct ffd_recovered *out,
                         char why[FFD_CONFIG_WHY_MAX])
{
    char dir[FFD_PATH_MAX];
    struct ffd_version *v;
    size_t n;
    int rc;

    memset(out, 0, sizeof(*out));
    ffd_model_dir(state, name, dir);
    remove_half_written(dir);
    if (ffd_version_list(dir, &v, &n, why) < 0)
        return -1;
    rc = try_each(dir, v, n, out, why);
    free(v);
    if (rc < 0 || out->quarantined == 0)
        return rc;
    if (out->ff)
        ffd_log(FFD_LOG_ERROR,
                "model %s: %zu damaged snapshots were set aside; it goes on "
                "from an older one, of record %llu",
                name, out->quarantined, (unsigned long long)out->record);
    else
        ffd_log(FFD_LOG_ERROR,
                "model %s: every snapshot was damaged and is set aside (%zu)",
                name, out->quarantined);
    return 0;
}
