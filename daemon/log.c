#include "daemon/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL_MS 1000
#define MORE_MAX    48 /* bytes of "(and N more like it)" */

static const struct {
    const char *word;
    int priority; /* of syslog(3) */
} levels[] = {
    [FFD_LOG_ERROR] = {"error", 3},   [FFD_LOG_WARNING] = {"warning", 4},
    [FFD_LOG_NOTICE] = {"notice", 5}, [FFD_LOG_INFO] = {"info", 6},
    [FFD_LOG_DEBUG] = {"debug", 7},
};

static bool to_journal;
static atomic_int wanted = FFD_LOG_INFO;
static struct ffd_log_limit limit;

void ffd_log_init(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char here[64];
    struct stat st;

    to_journal = false;
    if (!stream || fstat(STDERR_FILENO, &st) != 0)
        return;
    snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev,
             (uintmax_t)st.st_ino);
    to_journal = strcmp(stream, here) == 0;
}

void ffd_log_set_level(enum ffd_log_level level)
{
    atomic_store(&wanted, (int)level);
}

/* Bytes of the line's beginning. */
static size_t preamble(char *line, size_t size, enum ffd_log_level level)
{
    struct timespec now;
    struct tm tm;
    char stamp[32];
    int n;

    if (to_journal) {
        n = snprintf(line, size, "<%d>", levels[level].priority);
    } else {
        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &tm);
        strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
        n = snprintf(line, size, "%s.%03ldZ ffd %s: ", stamp,
                     now.tv_nsec / 1000000L, levels[level].word);
    }
    return n > 0 ? (size_t)n : 0;
}

static void put(enum ffd_log_level level, uint64_t swallowed,
                const char *format, va_list ap)
{
    char line[FFD_LOG_LINE_MAX], more[MORE_MAX] = "";
    size_t n = preamble(line, sizeof(line), level);
    size_t room = sizeof(line) - MORE_MAX - 1 - n;
    int m = vsnprintf(line + n, room, format, ap);

    if (m > 0)
        n += (size_t)m < room ? (size_t)m : room - 1;
    if (swallowed)
        snprintf(more, sizeof(more), " (and %" PRIu64 " more like it)",
                 swallowed);
    memcpy(line + n, more, strlen(more));
    n += strlen(more);
    /* What a peer sent may be in here: one fact, one line. */
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    }
    line[n++] = '\n';
    /* One write, so that lines of several threads do not mix. A log that
       cannot be written is nobody's error to handle. */
    while (write(STDERR_FILENO, line, n) < 0 && errno == EINTR)
        continue;
}

void ffd_log(enum ffd_log_level level, const char *format, ...)
{
    va_list ap;

    if ((int)level > atomic_load(&wanted))
        return;
    va_start(ap, format);
    put(level, 0, format, ap);
    va_end(ap);
}

void ffd_log_some(enum ffd_log_level level, const char *key, uint64_t now_ms,
                  const char *format, ...)
{
    uint64_t swallowed;
    va_list ap;

    if ((int)level > atomic_load(&wanted) ||
        !ffd_log_limit_pass(&limit, key, now_ms, &swallowed))
        return;
    va_start(ap, format);
    put(level, swallowed, format, ap);
    va_end(ap);
}

/* FNV-1a: short keys, no library. */
static uint64_t hash(const char *key)
{
    uint64_t h = 14695981039346656037ULL;

    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211ULL;
    return h;
}

bool ffd_log_limit_pass(struct ffd_log_limit *l, const char *key,
                        uint64_t now_ms, uint64_t *swallowed)
{
    uint64_t h = hash(key);
    struct ffd_log_slot *s =
        &l->slot[h % (sizeof(l->slot) / sizeof(l->slot[0]))];

    *swallowed = 0;
    if (now_ms < s->until_ms) {
        s->swallowed++;
        return false;
    }
    if (s->key == h)
        *swallowed = s->swallowed;
    s->key = h;
    s->swallowed = 0;
    s->until_ms = now_ms + INTERVAL_MS;
    return true;
}
