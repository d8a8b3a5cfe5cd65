#include "daemon/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/journal_dir.h"
#include "daemon/segment_parts.h"

/* An open of SQLite that leaves the rest to us: the connection is used by one
   thread at a time, if not always by the same. */
static int open_file(struct ffd_segment *s, const char *name, int flags,
                     char why[FFD_CONFIG_WHY_MAX])
{
    int rc = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    int is;

    if (rc == SQLITE_OK)
        return ffd_segment_harden(s, why);
    is = ffd_segment_fail(s, s->db ? sqlite3_extended_errcode(s->db) : rc,
                          "open", why);
    sqlite3_close(s->db);
    s->db = NULL;
    return is;
}

static void name_it(struct ffd_segment *s, const char *path)
{
    memset(s, 0, sizeof(*s));
    snprintf(s->path, sizeof(s->path), "%s", path);
}

void ffd_segment_close(struct ffd_segment *s, bool fold)
{
    if (!s->db)
        return;
    sqlite3_finalize(s->rows);
    s->rows = NULL;
    if (!fold)
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(s->db);
    s->db = NULL;
}

static int with_or_close(struct ffd_segment *s, int is)
{
    if (is != FFD_SEGMENT_OK)
        ffd_segment_close(s, false);
    return is;
}

static int take_name(const char *aside, const char *path,
                     char why[FFD_CONFIG_WHY_MAX])
{
    char dir[FFD_SEGMENT_PATH_MAX];
    char *slash;

    if (rename(aside, path) < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "cannot rename %.300s: %s", aside,
                 strerror(errno));
        return FFD_SEGMENT_FAILED;
    }
    snprintf(dir, sizeof(dir), "%s", path);
    slash = strrchr(dir, '/');
    snprintf(slash ? slash + 1 : dir, 2, "%s", slash ? "" : ".");
    return ffd_journal_flush(dir, why);
}

/* SQLite would try again to read only, and tell why that failed. */
static int make_file(const char *path, char why[FFD_CONFIG_WHY_MAX])
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

    if (fd >= 0) {
        close(fd);
        return FFD_SEGMENT_OK;
    }
    snprintf(why, FFD_CONFIG_WHY_MAX, "cannot create %.300s: %s%s", path,
             strerror(errno), ffd_segment_mend(errno));
    return FFD_SEGMENT_FAILED;
}

int ffd_segment_create(const char *path, char why[FFD_CONFIG_WHY_MAX])
{
    char aside[FFD_SEGMENT_PATH_MAX];
    struct ffd_segment s;
    int is;

    if (snprintf(aside, sizeof(aside), "%s.new", path) >= (int)sizeof(aside)) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "%.300s... is too long", path);
        return FFD_SEGMENT_FAILED;
    }
    unlink(aside); /* of one that was killed meanwhile */
    name_it(&s, aside);
    is = make_file(aside, why);
    if (is == FFD_SEGMENT_OK)
        is = open_file(&s, aside, SQLITE_OPEN_READWRITE, why);
    if (is == FFD_SEGMENT_OK)
        is = ffd_segment_lay_out(&s, why);
    ffd_segment_close(&s, true);
    if (is == FFD_SEGMENT_OK)
        is = ffd_journal_flush(aside, why);
    if (is == FFD_SEGMENT_OK)
        is = take_name(aside, path, why);
    if (is != FFD_SEGMENT_OK)
        unlink(aside);
    return is == FFD_SEGMENT_OK ? is : FFD_SEGMENT_FAILED;
}

/* Before the first look at the file, or SQLite would map shared memory. */
static int lock(const struct ffd_segment *s, char why[FFD_CONFIG_WHY_MAX])
{
    static const char sql[] = "PRAGMA locking_mode = EXCLUSIVE;"
                              "PRAGMA synchronous = FULL;"
                              "PRAGMA wal_autocheckpoint = 512;"; /* 4 MiB */
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? FFD_SEGMENT_OK
                           : ffd_segment_fail(s, rc, "lock", why);
}

int ffd_segment_open(struct ffd_segment *s, const char *path,
                     char why[FFD_CONFIG_WHY_MAX])
{
    int is;

    name_it(s, path);
    is = open_file(s, path, SQLITE_OPEN_READWRITE, why);
    if (is == FFD_SEGMENT_OK)
        is = lock(s, why);
    if (is == FFD_SEGMENT_OK)
        is = ffd_segment_check(s, why);
    return with_or_close(s, is);
}

/* As SQLite's URI: what has a meaning there, in hex. */
static void write_uri(char *out, size_t room, const char *path)
{
    size_t n = (size_t)snprintf(out, room, "file:");

    for (; *path && n + 32 < room; path++)
        n += (size_t)snprintf(out + n, room - n,
                              strchr("?#%", *path) ? "%%%02x" : "%c", *path);
    snprintf(out + n, room - n, "?immutable=1");
}

/* No log beside it: the file is all there is, and needs no lock. */
static int look_at_file(struct ffd_segment *s, char why[FFD_CONFIG_WHY_MAX])
{
    char uri[3 * FFD_SEGMENT_PATH_MAX + 32];

    write_uri(uri, sizeof(uri), s->path);
    return open_file(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, why);
}

/* With a log SQLite reads through it, which takes a lock to write. */
static int look_through_log(struct ffd_segment *s, char why[FFD_CONFIG_WHY_MAX])
{
    int is;

    if (eaccess(s->path, W_OK) < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "cannot read %.300s: it has a write ahead log, and SQLite "
                 "reads that only where it may write (%s); copy both files to "
                 "such a place",
                 s->path, strerror(errno));
        return FFD_SEGMENT_FAILED;
    }
    is = open_file(s, s->path, SQLITE_OPEN_READWRITE, why);
    return is == FFD_SEGMENT_OK ? lock(s, why) : is;
}

int ffd_segment_look(struct ffd_segment *s, const char *path,
                     char why[FFD_CONFIG_WHY_MAX])
{
    char log[FFD_SEGMENT_PATH_MAX + 8];
    struct stat st;
    int is;

    name_it(s, path);
    snprintf(log, sizeof(log), "%s-wal", path);
    is = stat(log, &st) == 0 && st.st_size > 0 ? look_through_log(s, why)
                                               : look_at_file(s, why);
    if (is == FFD_SEGMENT_OK)
        is = ffd_segment_check(s, why);
    return with_or_close(s, is);
}
