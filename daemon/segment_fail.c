/* What SQLite refuses, as sentences. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/segment_parts.h"

/* Everything else says something of what is in the file. */
static bool is_of_the_disk(int code)
{
    if (code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_CORRUPTFS)
        return false;
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
    case SQLITE_INTERRUPT:
    case SQLITE_IOERR:
    case SQLITE_LOCKED:
    case SQLITE_MISUSE:
    case SQLITE_NOMEM:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_READONLY:
        return true;
    default:
        return false;
    }
}

/* sqlite3_system_errno() misses what fails in a COMMIT; the files know. */
static int errno_of_files(sqlite3 *db)
{
    sqlite3_file *log = NULL;
    int error = 0;

    sqlite3_file_control(db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log);
    if (log && log->pMethods)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
    if (!error)
        sqlite3_file_control(db, NULL, SQLITE_FCNTL_LAST_ERRNO, &error);
    return error ? error : sqlite3_system_errno(db);
}

static int system_errno(const struct ffd_segment *s, int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL: /* told without errno */
        return ENOSPC;
    case SQLITE_NOMEM:
        return ENOMEM;
    case SQLITE_IOERR:
        return s->db ? errno_of_files(s->db) : 0;
    case SQLITE_CANTOPEN:
        return s->db ? sqlite3_system_errno(s->db) : 0;
    default:
        return 0;
    }
}

const char *ffd_segment_mend(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return "; make room there";
    case EROFS:
        return "; the file system must be mounted to write";
    case EIO:
        return "; the disk fails, the kernel's log says more";
    case EACCES:
    case EPERM:
        return "; its owner must be the user that ffd runs as";
    default:
        return "";
    }
}

static const char *mend_of(int code, int error)
{
    if ((code & 0xff) == SQLITE_BUSY)
        return "; another process has it open";
    return ffd_segment_mend(error);
}

int ffd_segment_fail(const struct ffd_segment *s, int code, const char *doing,
                     char why[FFD_CONFIG_WHY_MAX])
{
    int error = system_errno(s, code);

    snprintf(why, FFD_CONFIG_WHY_MAX, "cannot %s %.300s: %s%s", doing, s->path,
             error ? strerror(error) : sqlite3_errstr(code),
             mend_of(code, error));
    return is_of_the_disk(code) ? FFD_SEGMENT_FAILED : FFD_SEGMENT_DAMAGED;
}

int ffd_segment_damage(const struct ffd_segment *s,
                       char why[FFD_CONFIG_WHY_MAX], const char *format, ...)
{
    int n = snprintf(why, FFD_CONFIG_WHY_MAX, "%.300s: ", s->path);
    va_list args;

    va_start(args, format);
    vsnprintf(why + n, FFD_CONFIG_WHY_MAX - (size_t)n, format, args);
    va_end(args);
    return FFD_SEGMENT_DAMAGED;
}
