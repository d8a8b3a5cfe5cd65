/* A segment that is done with, to where the operator keeps such. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/journal_dir.h"
#include "daemon/snapshot_file.h"

#define COPY_BYTES ((size_t)1 << 20)

/* 0, or -1 and what could not be done. */
static int pour(int from, int to, const char **what)
{
    char *bytes = malloc(COPY_BYTES);
    ssize_t n = -1;

    *what = "read";
    while (bytes && (n = read(from, bytes, COPY_BYTES)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        if (ffd_file_write_all(to, bytes, (size_t)n) < 0) {
            *what = "copy";
            n = -1;
            break;
        }
    }
    free(bytes);
    if (n == 0 && fsync(to) < 0) {
        *what = "flush the copy of";
        n = -1;
    }
    return n == 0 ? 0 : -1;
}

/* The copy has its name only when all of it is on the disk. */
static int copy(const char *from, const char *to, char why[FFD_CONFIG_WHY_MAX])
{
    char aside[FFD_SEGMENT_PATH_MAX + 16];
    const char *what = "open";
    int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, rc = -1;

    snprintf(aside, sizeof(aside), "%s.new", to);
    if (in >= 0) {
        what = "copy";
        out = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    }
    if (out >= 0)
        rc = pour(in, out, &what);
    if (rc == 0 && (rc = rename(aside, to)) < 0)
        what = "rename the copy of";
    if (rc < 0) {
        ffd_file_fail(why, what, from);
        unlink(aside);
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return rc;
}

static int move(const char *from, const char *to, char why[FFD_CONFIG_WHY_MAX])
{
    if (rename(from, to) == 0)
        return 0;
    if (errno != EXDEV)
        return ffd_file_fail(why, "move", from);
    return copy(from, to, why);
}

/* A log that was renamed goes back to its file; one that was copied is still
   there. */
static void move_back(const char *to_log, const char *log)
{
    if (rename(to_log, log) < 0)
        unlink(to_log);
}

static void fold(const char *path)
{
    char why[FFD_CONFIG_WHY_MAX];
    struct ffd_segment s;

    if (ffd_segment_open(&s, path, why) == FFD_SEGMENT_OK)
        ffd_segment_close(&s, true);
}

static int free_path(const char *archive, uint64_t number,
                     char out[FFD_SEGMENT_PATH_MAX],
                     char why[FFD_CONFIG_WHY_MAX])
{
    uint64_t *numbers, highest;
    size_t n;

    if (ffd_journal_list(archive, &numbers, &n, &highest, why) < 0)
        return -1;
    free(numbers);
    ffd_journal_path(out, archive, number > highest ? number : highest + 1);
    return 0;
}

int ffd_journal_archive(const char *path, uint64_t number, const char *archive,
                        char why[FFD_CONFIG_WHY_MAX])
{
    char to[FFD_SEGMENT_PATH_MAX];
    char log[FFD_SEGMENT_PATH_MAX + 8], to_log[FFD_SEGMENT_PATH_MAX + 8];

    if (mkdir(archive, 0750) < 0 && errno != EEXIST)
        return ffd_file_fail(why, "create", archive);
    if (free_path(archive, number, to, why) < 0)
        return -1;
    snprintf(log, sizeof(log), "%s-wal", path);
    snprintf(to_log, sizeof(to_log), "%s-wal", to);
    if (access(log, F_OK) == 0)
        fold(path);
    if (access(log, F_OK) == 0 && move(log, to_log, why) < 0)
        return -1;
    if (move(path, to, why) < 0) {
        move_back(to_log, log);
        return -1;
    }
    if (ffd_journal_flush(archive, why) < 0)
        return -1;
    return ffd_journal_unlink(path, why); /* what was copied, not moved */
}
