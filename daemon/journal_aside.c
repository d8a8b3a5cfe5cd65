/* A journal that cannot be read to its end makes way for a new one. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon/journal_dir.h"

/* A name that nothing has; renaming onto an empty directory would succeed. */
static int find_name(const char *dir, int n, char *out, size_t room)
{
    struct stat st;

    for (int64_t at = time(NULL);; at++) {
        if (snprintf(out, room, "%.*s.corrupt-%" PRId64, n, dir, at) >=
            (int)room) {
            errno = ENAMETOOLONG;
            return -1;
        }
        if (lstat(out, &st) < 0)
            return errno == ENOENT ? 0 : -1;
    }
}

static int flush_above(const char *dir, int n, char why[FFD_CONFIG_WHY_MAX])
{
    char above[FFD_PATH_MAX + 32];
    char *slash;

    snprintf(above, sizeof(above), "%.*s", n, dir);
    slash = strrchr(above, '/');
    if (!slash)
        return ffd_journal_flush(".", why);
    slash[slash == above] = '\0'; /* "/" stays */
    return ffd_journal_flush(above, why);
}

int ffd_journal_set_aside(const char *dir, char why[FFD_CONFIG_WHY_MAX])
{
    char name[FFD_PATH_MAX + 32];
    int n = (int)strlen(dir);
    struct stat st;

    *why = '\0';
    while (n > 1 && dir[n - 1] == '/')
        n--;
    if (lstat(dir, &st) < 0 && errno == ENOENT)
        return 0;
    if (find_name(dir, n, name, sizeof(name)) < 0 || rename(dir, name) < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "cannot move %.300s aside: %s", dir,
                 strerror(errno));
        return -1;
    }
    if (flush_above(dir, n, why) < 0)
        return -1;
    snprintf(why, FFD_CONFIG_WHY_MAX, "%.500s", name);
    return 0;
}
