#include "clients/cli/bytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/mem.h"

#define STEP (1u << 20) /* zlib counts in unsigned int */

int bytes_open(struct bytes *b, const char *path, char why[WHY_MAX])
{
    memset(b, 0, sizeof *b);
    int in = strcmp(path, "-") == 0;
    snprintf(b->name, sizeof b->name, "%s", in ? "standard input" : path);
    errno = 0;
    if (in) {
        int fd = dup(STDIN_FILENO);
        b->file = fd < 0 ? NULL : gzdopen(fd, "rb");
        if (!b->file && fd >= 0)
            close(fd);
    } else {
        b->file = gzopen(path, "rb");
    }
    if (!b->file) {
        snprintf(why, WHY_MAX, "cannot open %s: %s", b->name,
                 strerror(errno ? errno : ENOMEM));
        return -1;
    }
    gzbuffer(b->file, 1u << 17);
    return 0;
}

void bytes_release(struct bytes *b)
{
    if (b->file)
        gzclose(b->file);
    free(b->line);
    memset(b, 0, sizeof *b);
}

/* Whether reading stopped for a reason other than the end. */
static int damaged(struct bytes *b, char why[WHY_MAX])
{
    int code;
    int saved = errno;
    const char *text = gzerror(b->file, &code);
    if (code == Z_OK || code == Z_STREAM_END)
        return 0;
    snprintf(why, WHY_MAX, "cannot read %s: %s", b->name,
             code == Z_ERRNO ? strerror(saved) : text);
    return 1;
}

long bytes_read(struct bytes *b, void *to, size_t n, char why[WHY_MAX])
{
    size_t got = 0;
    while (got < n) {
        size_t want = n - got < STEP ? n - got : STEP;
        int r = gzread(b->file, (char *)to + got, (unsigned)want);
        if (r < 0 || (r == 0 && damaged(b, why))) {
            if (r < 0)
                (void)damaged(b, why);
            return -1;
        }
        if (r == 0)
            break;
        got += (size_t)r;
    }
    return (long)got;
}

int bytes_line(struct bytes *b, char **line, char why[WHY_MAX])
{
    size_t n = 0;
    for (;;) {
        if (b->room - n < 4096) {
            b->room = b->room ? 2 * b->room : 8192;
            b->line = must_grow(b->line, b->room, 1);
        }
        if (!gzgets(b->file, b->line + n, (int)(b->room - n)))
            break;
        n += strlen(b->line + n);
        if (n > 0 && b->line[n - 1] == '\n')
            break;
        if (b->room > (64u << 20)) {
            snprintf(why, WHY_MAX, "%s: a line is longer than 32 MiB", b->name);
            return -1;
        }
    }
    if (n == 0)
        return damaged(b, why) ? -1 : 0;
    while (n > 0 && (b->line[n - 1] == '\n' || b->line[n - 1] == '\r'))
        n--;
    b->line[n] = '\0';
    *line = b->line;
    return 1;
}
