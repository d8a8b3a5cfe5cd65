#include "daemon/journal_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/snapshot_file.h"

#define DIGITS 10

void ffd_journal_path(char out[FFD_SEGMENT_PATH_MAX], const char *dir,
                      uint64_t number)
{
    snprintf(out, FFD_SEGMENT_PATH_MAX, "%.*s/%010" PRIu64 ".db",
             FFD_PATH_MAX - 1, dir, number);
}

/* NNNNNNNNNN.db and whatever stands behind; 0 for anything else. */
static uint64_t number_of(const char *name, const char **rest)
{
    size_t digits = strspn(name, "0123456789");

    if (digits != DIGITS || strncmp(name + digits, ".db", 3) != 0)
        return 0;
    *rest = name + digits + 3;
    return strtoull(name, NULL, 10);
}

struct list {
    uint64_t *numbers;
    size_t n, room;
    uint64_t highest;
};

static int add(struct list *l, uint64_t number)
{
    if (l->n == l->room) {
        size_t room = l->room ? 2 * l->room : 16;
        uint64_t *more = realloc(l->numbers, room * sizeof(*more));

        if (!more)
            return -1;
        l->numbers = more;
        l->room = room;
    }
    l->numbers[l->n++] = number;
    return 0;
}

static int add_name(struct list *l, const char *name)
{
    const char *rest = "";
    uint64_t number = number_of(name, &rest);

    if (number == 0)
        return 0;
    if (number > l->highest)
        l->highest = number;
    return *rest ? 0 : add(l, number);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static int read_names(DIR *d, struct list *l)
{
    const struct dirent *e;

    errno = 0;
    while ((e = readdir(d)))
        if (add_name(l, e->d_name) < 0)
            return -1;
    return errno ? -1 : 0;
}

int ffd_journal_list(const char *dir, uint64_t **numbers, size_t *n,
                     uint64_t *highest, char why[FFD_CONFIG_WHY_MAX])
{
    struct list l = {0};
    DIR *d = ffd_dir_open(dir);
    int rc = 0;

    *numbers = NULL;
    *n = 0;
    *highest = 0;
    if (!d && errno == ENOENT)
        return 0;
    if (!d || read_names(d, &l) < 0)
        rc = ffd_file_fail(why, "read", dir);
    if (d)
        closedir(d);
    if (rc < 0) {
        free(l.numbers);
        return -1;
    }
    if (l.n)
        qsort(l.numbers, l.n, sizeof(*l.numbers), by_number);
    *numbers = l.numbers;
    *n = l.n;
    *highest = l.highest;
    return 0;
}

static const char *const suffixes[] = {"-wal", ""};

uint64_t ffd_journal_file_bytes(const char *path)
{
    char name[FFD_SEGMENT_PATH_MAX + 8];
    uint64_t bytes = 0;
    struct stat st;

    for (size_t i = 0; i < 2; i++) {
        snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
        if (stat(name, &st) == 0)
            bytes += (uint64_t)st.st_size;
    }
    return bytes;
}

int ffd_journal_flush(const char *path, char why[FFD_CONFIG_WHY_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = 0;

    if (fd < 0 || fsync(fd) < 0)
        rc = ffd_file_fail(why, "flush", path);
    if (fd >= 0)
        close(fd);
    return rc;
}

int ffd_journal_unlink(const char *path, char why[FFD_CONFIG_WHY_MAX])
{
    char name[FFD_SEGMENT_PATH_MAX + 8];

    for (size_t i = 0; i < 2; i++) {
        snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
        if (unlink(name) < 0 && errno != ENOENT)
            return ffd_file_fail(why, "remove", name);
    }
    return 0;
}
