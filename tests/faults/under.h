/*
 * under.h -- which files are a shim's business: those under one directory.
 *
 * A descriptor's path is asked of the kernel each time (/proc/self/fd): a table
 * of our own would go stale, since libraries open and close inside libc, where
 * nothing can be interposed.
 */
#ifndef FFD_FAULTS_UNDER_H
#define FFD_FAULTS_UNDER_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define UNDER_PATH_MAX 1024

/* The part of an absolute path behind dir ("" for dir itself), or NULL. */
static inline const char *under(const char *dir, const char *path)
{
    size_t n = strlen(dir);

    if (n == 0 || strncmp(path, dir, n) != 0)
        return NULL;
    if (path[n] == '\0')
        return path + n;
    return path[n] == '/' ? path + n + 1 : NULL;
}

/* The same of an open file; its path is kept in `room`. A file that has no name
   any more is nobody's business. */
static inline const char *under_fd(const char *dir, int fd,
                                   char room[UNDER_PATH_MAX])
{
    char link[64];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, room, UNDER_PATH_MAX - 1);
    if (n < 0)
        return NULL;
    room[n] = '\0';
    if (strstr(room, " (deleted)"))
        return NULL;
    return under(dir, room);
}

#endif
