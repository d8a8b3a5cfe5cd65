/*
 * shim_power.c -- writes down what is done to the files of a directory.
 *
 *   LD_PRELOAD=shim_power.so FFD_POWER_DIR=DIR FFD_POWER_LOG=FILE ffd ...
 *
 * Each call is done and then appended to FILE, under one lock, so that the
 * order of the log is the order in which things happened. Only flushing is done
 * without the lock; its record, written when it returned, says where the log
 * ended when it began: what came later need not be on the disk. power.py reads
 * the log and builds what a power cut could have left.
 *
 * A record, little-endian: u32 bytes of all, u8 kind, u64 a, u64 b, u16 and u16
 * bytes of two paths, the paths (from DIR on), then data.
 *
 *   W write     a offset; data        T truncate  a size
 *   C create    (a file that was not there)
 *   D mkdir     R rename (two paths)  U unlink
 *   S sync      a: end of the log when it began; of a file or a directory
 *   M marker    the driver's own, through nobody's shim
 *
 * What is mapped is not seen: SQLite's -shm, which it makes anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "tests/faults/under.h"

#define EXPORT __attribute__((visibility("default")))

static const char *dir;
static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("FFD_POWER_LOG");

    dir = getenv("FFD_POWER_DIR");
    if (dir && path)
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, path,
                              O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void append(char kind, uint64_t a, const char *path, const char *path2,
                   const struct iovec *data, int n_data)
{
    uint16_t n1 = (uint16_t)strlen(path), n2 = (uint16_t)strlen(path2);
    uint64_t b = 0;
    uint8_t head[25];
    struct iovec v[16] = {
        {head, sizeof head}, {(void *)path, n1}, {(void *)path2, n2}};
    uint32_t all = (uint32_t)sizeof head + n1 + n2;

    for (int i = 0; i < n_data && i < 13; i++) {
        v[3 + i] = data[i];
        all += (uint32_t)data[i].iov_len;
    }
    memcpy(head, &all, 4);
    head[4] = (uint8_t)kind;
    memcpy(head + 5, &a, 8);
    memcpy(head + 13, &b, 8);
    memcpy(head + 21, &n1, 2);
    memcpy(head + 23, &n2, 2);
    if (syscall(SYS_writev, log_fd, v, 3 + n_data) != (long)all)
        _exit(99); /* a log with a gap proves nothing */
}

/* The path of a descriptor that is our business, or NULL. */
static const char *watched(int fd, char room[UNDER_PATH_MAX])
{
    return log_fd < 0 ? NULL : under_fd(dir, fd, room);
}

static const char *watched_path(const char *path)
{
    return log_fd < 0 ? NULL : under(dir, path);
}

/* Do it and write it down, with errno as it left it. */
#define RECORDED(result, call, ...)                                            \
    do {                                                                       \
        int error;                                                             \
                                                                               \
        pthread_mutex_lock(&lock);                                             \
        (result) = (call);                                                     \
        error = errno;                                                         \
        if ((result) >= 0)                                                     \
            append(__VA_ARGS__);                                               \
        pthread_mutex_unlock(&lock);                                           \
        errno = error;                                                         \
    } while (0)

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
    char room[UNDER_PATH_MAX];
    const char *path = watched(fd, room);
    struct iovec v = {(void *)bytes, n};
    long done;

    if (!path)
        return syscall(SYS_pwrite64, fd, bytes, n, at);
    RECORDED(done, syscall(SYS_pwrite64, fd, bytes, n, at), 'W', (uint64_t)at,
             path, "", (v.iov_len = (size_t)done, &v), 1);
    return done;
}

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    return pwrite64(fd, bytes, n, at);
}

/* Where a write that has just been done began. */
static uint64_t began(int fd, long done)
{
    return (uint64_t)(lseek(fd, 0, SEEK_CUR) - done);
}

EXPORT ssize_t write(int fd, const void *bytes, size_t n)
{
    char room[UNDER_PATH_MAX];
    const char *path = watched(fd, room);
    struct iovec v = {(void *)bytes, n};
    long done;

    if (!path)
        return syscall(SYS_write, fd, bytes, n);
    RECORDED(done, syscall(SYS_write, fd, bytes, n), 'W', began(fd, done), path,
             "", (v.iov_len = (size_t)done, &v), 1);
    return done;
}

EXPORT ssize_t writev(int fd, const struct iovec *v, int n)
{
    char room[UNDER_PATH_MAX];

    /* As the kernel may: only the first. */
    if (watched(fd, room) && n > 0)
        return write(fd, v[0].iov_base, v[0].iov_len);
    return syscall(SYS_writev, fd, v, n);
}

static int sync_fd(int fd, long call)
{
    char room[UNDER_PATH_MAX];
    const char *path = watched(fd, room);
    off_t end;
    long rc;

    if (!path)
        return (int)syscall(call, fd);
    pthread_mutex_lock(&lock);
    end = lseek(log_fd, 0, SEEK_END);
    pthread_mutex_unlock(&lock);
    rc = syscall(call, fd);
    RECORDED(rc, rc, 'S', (uint64_t)end, path, "", NULL, 0);
    return (int)rc;
}

EXPORT int fsync(int fd)
{
    return sync_fd(fd, SYS_fsync);
}

EXPORT int fdatasync(int fd)
{
    return sync_fd(fd, SYS_fdatasync);
}

EXPORT int ftruncate64(int fd, off64_t size)
{
    char room[UNDER_PATH_MAX];
    const char *path = watched(fd, room);
    long rc;

    if (!path)
        return (int)syscall(SYS_ftruncate, fd, size);
    RECORDED(rc, syscall(SYS_ftruncate, fd, size), 'T', (uint64_t)size, path,
             "", NULL, 0);
    return (int)rc;
}

EXPORT int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

EXPORT int rename(const char *from, const char *to)
{
    const char *a = watched_path(from), *b = watched_path(to);
    long rc;

    if (!a || !b)
        return (int)syscall(SYS_rename, from, to);
    RECORDED(rc, syscall(SYS_rename, from, to), 'R', 0, a, b, NULL, 0);
    return (int)rc;
}

EXPORT int unlink(const char *path)
{
    const char *p = watched_path(path);
    long rc;

    if (!p)
        return (int)syscall(SYS_unlink, path);
    RECORDED(rc, syscall(SYS_unlink, path), 'U', 0, p, "", NULL, 0);
    return (int)rc;
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    const char *p = watched_path(path);
    long rc;

    if (!p)
        return (int)syscall(SYS_mkdir, path, mode);
    RECORDED(rc, syscall(SYS_mkdir, path, mode), 'D', 0, p, "", NULL, 0);
    return (int)rc;
}

static int open_at(const char *path, int flags, mode_t mode)
{
    const char *p = watched_path(path);
    int error;
    bool was;
    long fd;

    if (!p || !(flags & (O_CREAT | O_TRUNC)))
        return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_mutex_lock(&lock);
    was = access(path, F_OK) == 0;
    fd = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    error = errno;
    if (fd >= 0 && !was)
        append('C', 0, p, "", NULL, 0);
    else if (fd >= 0 && flags & O_TRUNC)
        append('T', 0, p, "", NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return (int)fd;
}

#define OPEN(name)                                                             \
    EXPORT int name(const char *path, int flags, ...)                          \
    {                                                                          \
        mode_t mode = 0;                                                       \
        va_list ap;                                                            \
                                                                               \
        va_start(ap, flags);                                                   \
        if (flags & O_CREAT)                                                   \
            mode = va_arg(ap, mode_t);                                         \
        va_end(ap);                                                            \
        return open_at(path, flags, mode);                                     \
    }
/* NOLINTBEGIN(clang-analyzer-valist.Uninitialized): it is initialised */
OPEN(open)
OPEN(open64)
/* NOLINTEND(clang-analyzer-valist.Uninitialized) */
