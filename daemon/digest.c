#include "daemon/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log.h"
#include "lib/ff.h"

int ffd_digest_line(const char *name, const struct ff_model *m, char out[256])
{
    struct ff_stats stats;
    char hash[33];

    if (ff_model_digest(m, hash) != FF_OK)
        return -1;
    ff_model_stats(m, &stats);
    snprintf(out, 256, "%.64s %" PRIu64 " %" PRIu64 " %" PRIu64 " %s", name,
             ff_model_record(m), stats.seq, stats.step, hash);
    return 0;
}

/* One write: lines of several models do not mix, and a kill leaves whole ones
   but for the last. */
void ffd_digest_tell(const char *path, const char *name,
                     const struct ff_model *m)
{
    char line[256 + 1];
    ssize_t wrote = -1;
    size_t n;
    int fd;

    if (ffd_digest_line(name, m, line) < 0) {
        ffd_log(FFD_LOG_ERROR, "model %s: no memory for its digest", name);
        return;
    }
    n = strlen(line);
    line[n++] = '\n';
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd >= 0) {
        wrote = write(fd, line, n);
        close(fd);
    }
    if (wrote != (ssize_t)n)
        ffd_log(FFD_LOG_ERROR, "a digest cannot be written to %s: %s", path,
                strerror(errno));
}
