#include "daemon/snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_MAX ((uint64_t)16 << 20)

void ffd_path(char out[FFD_PATH_MAX], const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(out, FFD_PATH_MAX, format, ap);
    va_end(ap);
}

int ffd_file_fail(char why[FFD_CONFIG_WHY_MAX], const char *what,
                  const char *path)
{
    snprintf(why, FFD_CONFIG_WHY_MAX, "cannot %s %.300s: %s", what, path,
             strerror(errno));
    return -1;
}

int ffd_file_write_all(int fd, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;

    while (n > 0) {
        ssize_t done = write(fd, at, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

/* The bytes, on the disk, under a name of their own. */
static int write_aside(const char *aside, const void *bytes, size_t n,
                       char why[FFD_CONFIG_WHY_MAX])
{
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    int rc = 0;

    if (fd < 0)
        return ffd_file_fail(why, "create", aside);
    if (ffd_file_write_all(fd, bytes, n) < 0)
        rc = ffd_file_fail(why, "write", aside);
    else if (fsync(fd) < 0)
        rc = ffd_file_fail(why, "flush", aside);
    if (close(fd) < 0 && rc == 0)
        rc = ffd_file_fail(why, "close", aside);
    return rc;
}

static int flush_directory(const char *path, char why[FFD_CONFIG_WHY_MAX])
{
    const char *slash = strrchr(path, '/');
    char dir[FFD_PATH_MAX] = ".";
    int fd, rc = 0;

    if (slash)
        snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path + 1), path);
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ffd_file_fail(why, "open", dir);
    if (fsync(fd) < 0)
        rc = ffd_file_fail(why, "flush", dir);
    close(fd);
    return rc;
}

/* What is on the disk is what was meant. */
static int verify(const char *aside, char hash[33],
                  char why[FFD_CONFIG_WHY_MAX])
{
    char found[FF_WHY_MAX];
    uint8_t *bytes;
    size_t n;
    int rc = ffd_file_read(aside, &bytes, &n, why);

    if (rc != 0)
        return -1;
    if (ff_snapshot_verify(bytes, n, hash, found) != FF_OK) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "%.200s does not verify: %s", aside,
                 found);
        rc = -1;
    }
    free(bytes);
    return rc;
}

static int put(const char *path, const void *bytes, size_t n, char *hash,
               char why[FFD_CONFIG_WHY_MAX])
{
    char aside[FFD_PATH_MAX + 8];
    int rc;

    snprintf(aside, sizeof(aside), "%s.new", path);
    rc = write_aside(aside, bytes, n, why);
    if (rc == 0 && hash)
        rc = verify(aside, hash, why);
    if (rc == 0 && rename(aside, path) < 0)
        rc = ffd_file_fail(why, "rename", aside);
    if (rc == 0)
        return flush_directory(path, why);
    unlink(aside);
    return rc;
}

int ffd_file_write(const char *path, const void *bytes, size_t n,
                   char why[FFD_CONFIG_WHY_MAX])
{
    return put(path, bytes, n, NULL, why);
}

int ffd_snapshot_write(const char *path, const void *bytes, size_t n,
                       char hash[33], char why[FFD_CONFIG_WHY_MAX])
{
    return put(path, bytes, n, hash, why);
}

static int read_all(int fd, uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t got = read(fd, bytes, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        bytes += got;
        n -= (size_t)got;
    }
    return 0;
}

int ffd_file_read(const char *path, uint8_t **bytes, size_t *n,
                  char why[FFD_CONFIG_WHY_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    int rc = 0, error = 0;

    *bytes = NULL;
    *n = 0;
    if (fd < 0 && errno == ENOENT)
        return 1;
    if (fd < 0)
        return ffd_file_fail(why, "open", path);
    if (fstat(fd, &st) < 0) {
        error = errno;
        rc = ffd_file_fail(why, "look at", path);
        goto out;
    }
    *n = (size_t)st.st_size;
    *bytes = malloc(*n ? *n : 1);
    errno = *bytes ? EIO : ENOMEM;
    if (!*bytes || read_all(fd, *bytes, *n) < 0) {
        error = errno;
        rc = ffd_file_fail(why, "read", path);
        free(*bytes);
        *bytes = NULL;
    }
out:
    close(fd);
    errno = error;
    return rc;
}

void ffd_file_remove(const char *path)
{
    char why[FFD_CONFIG_WHY_MAX];

    if (unlink(path) == 0)
        flush_directory(path, why);
}

int ffd_file_rename(const char *from, const char *to,
                    char why[FFD_CONFIG_WHY_MAX])
{
    if (rename(from, to) < 0)
        return ffd_file_fail(why, "rename", from);
    return flush_directory(to, why);
}

DIR *ffd_dir_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (fd >= 0 && !d) {
        error = errno;
        close(fd);
        errno = error;
    }
    return d;
}

int ffd_dir_make(const char *path, char why[FFD_CONFIG_WHY_MAX])
{
    if (mkdir(path, 0750) == 0)
        return flush_directory(path, why);
    return errno == EEXIST ? 0 : ffd_file_fail(why, "make the directory", path);
}

/* The length of the header, and the header; owned. */
static uint8_t *read_header(int fd, size_t *n)
{
    uint8_t size[8], *bytes;
    uint64_t header = 0;

    if (read_all(fd, size, sizeof(size)) < 0)
        return NULL;
    for (size_t i = sizeof(size); i-- > 0;)
        header = header << 8 | size[i];
    if (header > HEADER_MAX)
        return NULL;
    *n = sizeof(size) + (size_t)header;
    bytes = malloc(*n);
    if (!bytes)
        return NULL;
    memcpy(bytes, size, sizeof(size));
    if (read_all(fd, bytes + sizeof(size), (size_t)header) == 0)
        return bytes;
    free(bytes);
    return NULL;
}

int ffd_snapshot_about(const char *path, struct ff_snapshot_about *out,
                       char why[FFD_CONFIG_WHY_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
    char reason[FF_WHY_MAX] = "it cannot be read";
    uint8_t *bytes;
    size_t n;

    if (fd < 0 && errno == ENOENT)
        return 1;
    if (fd < 0)
        return ffd_file_fail(why, "open", path);
    bytes = read_header(fd, &n);
    close(fd);
    if (bytes && ff_snapshot_about(bytes, n, out, NULL, reason) == FF_OK)
        rc = 0;
    else
        snprintf(why, FFD_CONFIG_WHY_MAX, "%.200s: %.250s", path, reason);
    free(bytes);
    return rc;
}
