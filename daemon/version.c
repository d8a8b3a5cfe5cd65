#include "daemon/version.h"
#include "daemon/snapshot_file.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/text.h"

#define RECORD_DIGITS 20
#define HOUR          3600u
#define DAY           86400u

/* ---- names --------------------------------------------------------------- */

/* A whole number and what follows it; false if there is none, or it is too
   great. */
static bool take_number(const char **at, size_t *digits, uint64_t *out)
{
    const char *p = *at;
    uint64_t v = 0;

    for (; *p >= '0' && *p <= '9'; p++) {
        unsigned digit = (unsigned)(*p - '0');

        if (v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *digits = (size_t)(p - *at);
    *at = p;
    *out = v;
    return *digits > 0;
}

bool ffd_version_parse(const char *file, struct ffd_version *out)
{
    struct ffd_version v = {0};
    const char *at = file, *end;
    size_t digits, n;

    if (!take_number(&at, &digits, &v.record) || digits != RECORD_DIGITS ||
        *at++ != '.' || !take_number(&at, &digits, &v.time))
        return false;
    if (strcmp(at, FFD_VERSION_SUFFIX) != 0) {
        if (*at++ != '.')
            return false;
        end = strchr(at, '.');
        n = end ? (size_t)(end - at) : 0;
        if (!end || strcmp(end, FFD_VERSION_SUFFIX) != 0 ||
            !ffp_snapshot_name_valid(at, n))
            return false;
        memcpy(v.name, at, n);
    }
    *out = v;
    return true;
}

void ffd_version_file(const struct ffd_version *v,
                      char out[FFD_VERSION_FILE_MAX])
{
    snprintf(out, FFD_VERSION_FILE_MAX, "%020" PRIu64 ".%" PRIu64 "%s%s%s",
             v->record, v->time, v->name[0] ? "." : "", v->name,
             FFD_VERSION_SUFFIX);
}

void ffd_version_text(const struct ffd_version *v,
                      char out[FFD_VERSION_NAME_MAX + 1])
{
    if (v->name[0])
        memcpy(out, v->name, sizeof(v->name));
    else
        snprintf(out, FFD_VERSION_NAME_MAX + 1, "%" PRIu64, v->record);
}

/* ---- lists --------------------------------------------------------------- */

static int newest_first(const void *a, const void *b)
{
    const struct ffd_version *x = a, *y = b;

    if (x->record != y->record)
        return x->record < y->record ? 1 : -1;
    if (x->time != y->time)
        return x->time < y->time ? 1 : -1;
    return strcmp(x->name, y->name);
}

void ffd_version_sort(struct ffd_version *v, size_t n)
{
    if (n > 0)
        qsort(v, n, sizeof(*v), newest_first);
}

/* Room for one more. */
static int grow(struct ffd_version **v, size_t n)
{
    struct ffd_version *more;

    if (n % 16 != 0)
        return 0;
    more = realloc(*v, (n + 16) * sizeof(**v));
    if (!more)
        return -1;
    *v = more;
    return 0;
}

int ffd_version_list(const char *dir, struct ffd_version **out, size_t *n,
                     char why[FFD_CONFIG_WHY_MAX])
{
    DIR *d = ffd_dir_open(dir);
    struct ffd_version v;
    struct dirent *e;
    struct stat st;
    int rc = 0;

    *out = NULL;
    *n = 0;
    if (!d && errno == ENOENT)
        return 0;
    if (!d) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "cannot read %.300s: %s", dir,
                 strerror(errno));
        return -1;
    }
    while (rc == 0 && (e = readdir(d))) {
        if (!ffd_version_parse(e->d_name, &v))
            continue;
        if (fstatat(dirfd(d), e->d_name, &st, 0) == 0)
            v.bytes = (uint64_t)st.st_size;
        rc = grow(out, *n);
        if (rc == 0)
            (*out)[(*n)++] = v;
    }
    closedir(d);
    if (rc < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "no memory for the list of %.300s",
                 dir);
        free(*out);
        *out = NULL;
        *n = 0;
    }
    ffd_version_sort(*out, *n);
    return rc;
}

const struct ffd_version *ffd_version_find(const struct ffd_version *v,
                                           size_t n, const char *text,
                                           size_t text_n)
{
    const struct ffd_version *found = NULL;

    for (size_t i = 0; i < n; i++) {
        char record[FFD_VERSION_NAME_MAX + 1];

        if (!text)
            return &v[i];
        if (v[i].name[0] && strlen(v[i].name) == text_n &&
            memcmp(v[i].name, text, text_n) == 0)
            return &v[i];
        snprintf(record, sizeof(record), "%" PRIu64, v[i].record);
        if (strlen(record) == text_n && memcmp(record, text, text_n) == 0 &&
            (!found || !v[i].name[0]))
            found = &v[i];
    }
    return found;
}

/* ---- which stay ---------------------------------------------------------- */

/* Unmark the newest unnamed one of each stretch of so many seconds, for the
   first `most` stretches. */
static void keep_one_each(const struct ffd_version *v, size_t n,
                          uint64_t seconds, uint64_t most, bool *remove)
{
    uint64_t last = UINT64_MAX;

    for (size_t i = 0; i < n && most > 0; i++) {
        if (v[i].name[0] || v[i].time / seconds == last)
            continue;
        last = v[i].time / seconds;
        remove[i] = false;
        most--;
    }
}

static void obey_limit(const struct ffd_version *v, size_t n, uint64_t limit,
                       bool *remove)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        bytes += remove[i] ? 0 : v[i].bytes;
    for (size_t i = n; i-- > 1 && bytes > limit;) {
        if (remove[i] || v[i].name[0])
            continue;
        remove[i] = true;
        bytes -= v[i].bytes;
    }
}

void ffd_version_plan(const struct ffd_version *v, size_t n,
                      const struct ffd_version_policy *policy, bool *remove)
{
    uint64_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        remove[i] = i > 0 && !v[i].name[0];
        if (!v[i].name[0] && kept++ < policy->keep)
            remove[i] = false;
    }
    keep_one_each(v, n, HOUR, policy->hourly, remove);
    keep_one_each(v, n, DAY, policy->daily, remove);
    if (policy->limit > 0)
        obey_limit(v, n, policy->limit, remove);
}
