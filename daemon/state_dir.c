#include "daemon/state_dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/model_dir.h"
#include "daemon/snapshot_file.h"
#include "proto/text.h"

#define DROPPED "models/.dropped-"
#define IMPORT  "import-"
#define PART    ".part"

void ffd_state_part(const char *state, const char *name, char out[FFD_PATH_MAX])
{
    ffd_path(out, "%s/" IMPORT "%s" PART, state, name);
}

static bool between(const char *text, const char *head, const char *tail)
{
    size_t n = strlen(text), h = strlen(head), t = strlen(tail);

    return n > h + t && strncmp(text, head, h) == 0 &&
           strcmp(text + n - t, tail) == 0;
}

bool ffd_state_is_flat(const char *file, char name[FFP_MODEL_MAX + 1])
{
    size_t n = strlen(file), tail = strlen(FFD_VERSION_SUFFIX);

    if (!between(file, "", FFD_VERSION_SUFFIX) || n - tail > FFP_MODEL_MAX)
        return false;
    memcpy(name, file, n - tail);
    name[n - tail] = '\0';
    return ffp_model_name_valid(name, n - tail);
}

/* ---- the layout before --------------------------------------------------- */

static uint64_t record_of(const char *path)
{
    char why[FFD_CONFIG_WHY_MAX];
    struct ff_snapshot_about about;

    /* What cannot be read is recovery's matter. */
    return ffd_snapshot_about(path, &about, why) == 0 ? about.record : 0;
}

/* The specification first: if that is as far as it gets, the snapshot is still
   found the next time. */
static int move_flat(const char *state, const char *name,
                     char why[FFD_CONFIG_WHY_MAX])
{
    char dir[FFD_PATH_MAX], from[FFD_PATH_MAX], to[FFD_PATH_MAX];
    struct ffd_version v = {0};
    struct stat st;

    ffd_model_dir(state, name, dir);
    if (ffd_dir_make(dir, why) < 0)
        return -1;
    ffd_path(from, "%s/%s.yaml", state, name);
    ffd_path(to, "%s/" FFD_SPEC_FILE, dir);
    if (access(from, F_OK) == 0 && ffd_file_rename(from, to, why) < 0)
        return -1;
    ffd_path(from, "%s/%s" FFD_VERSION_SUFFIX, state, name);
    v.record = record_of(from);
    v.time = stat(from, &st) == 0 ? (uint64_t)st.st_mtime : 0;
    ffd_model_dir_file(dir, &v, to);
    ffd_log(FFD_LOG_NOTICE, "%s is now %s", from, to);
    return ffd_file_rename(from, to, why);
}

/* ---- left over ----------------------------------------------------------- */

/* What a start never looks at: dropped models, imports nobody finished, and
   half-written files. */
static void remove_left_over(const char *state, const char *file)
{
    char path[FFD_PATH_MAX];

    ffd_path(path, "%s/%s", state, file);
    if (strncmp(file, DROPPED, strlen(DROPPED)) == 0)
        ffd_model_dir_clear(path);
    else if (between(file, IMPORT, PART) || between(file, "", ".new"))
        ffd_file_remove(path);
    else
        return;
    ffd_log(FFD_LOG_NOTICE, "%s was left over; removed", path);
}

static int each_file(const char *state, const char *sub,
                     int (*each)(const char *state, const char *file,
                                 char why[FFD_CONFIG_WHY_MAX]),
                     char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_PATH_MAX], file[FFD_PATH_MAX];
    struct dirent *e;
    DIR *d;
    int rc = 0;

    ffd_path(path, "%s/%s", state, sub);
    d = ffd_dir_open(path);
    if (!d) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "cannot read %.300s: %s", path,
                 strerror(errno));
        return -1;
    }
    while (rc == 0 && (e = readdir(d))) {
        ffd_path(file, "%s%s", sub, e->d_name);
        rc = each(state, file, why);
    }
    closedir(d);
    return rc;
}

static int look_at(const char *state, const char *file,
                   char why[FFD_CONFIG_WHY_MAX])
{
    char name[FFP_MODEL_MAX + 1];

    if (ffd_state_is_flat(file, name))
        return move_flat(state, name, why);
    remove_left_over(state, file);
    return 0;
}

int ffd_state_prepare(const char *state, char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_PATH_MAX];

    ffd_path(path, "%s/models", state);
    if (ffd_dir_make(path, why) < 0 || each_file(state, "", look_at, why) < 0)
        return -1;
    return each_file(state, "models/", look_at, why);
}
