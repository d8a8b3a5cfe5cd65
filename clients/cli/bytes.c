#include "clients/cli/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/mem.h"

#define ROOM           (1u << 17)
#define LINE_MAX_BYTES (32u << 20)

int bytes_open(struct bytes *b, const char *path, char why[WHY_MAX])
{
    memset(b, 0, sizeof *b);
    int in = strcmp(path, "-") == 0;
    snprintf(b->name, sizeof b->name, "%s", in ? "standard input" : path);
    b->fd = in ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (b->fd < 0) {
        snprintf(why, WHY_MAX, "cannot open %s: %s", b->name, strerror(errno));
        return -1;
    }
    b->raw = must_alloc(ROOM, 1);
    return 0;
}

void bytes_release(struct bytes *b)
{
    if (b->raw)
        close(b->fd);
    if (b->gzipped)
        inflateEnd(&b->z);
    free(b->raw);
    free(b->room);
    free(b->line);
    memset(b, 0, sizeof *b);
}

static int refuse(const struct bytes *b, const char *what, char why[WHY_MAX])
{
    snprintf(why, WHY_MAX, "cannot read %s: %s", b->name, what);
    return -1;
}

/* More of the file behind what is left of it: 1, 0 at the end, -1. Ctrl-C is
   an end: who reads a terminal or a pipe may wait here for long. */
static int fetch(struct bytes *b, char why[WHY_MAX])
{
    ssize_t got;
    memmove(b->raw, b->raw + b->raw_at, b->raw_n - b->raw_at);
    b->raw_n -= b->raw_at;
    b->raw_at = 0;
    got = read(b->fd, b->raw + b->raw_n, ROOM - b->raw_n);
    if (got < 0 && errno == EINTR)
        return 0;
    if (got < 0)
        return refuse(b, strerror(errno), why);
    b->raw_n += (size_t)got;
    return got > 0;
}

/* Whether a member of a gzipped file begins here: 1, 0, -1. */
static int is_member(struct bytes *b, char why[WHY_MAX])
{
    while (b->raw_n - b->raw_at < 2) {
        if (b->raw_n > b->raw_at && b->raw[b->raw_at] != 0x1f)
            return 0;
        int got = fetch(b, why);
        if (got <= 0)
            return got;
    }
    return b->raw[b->raw_at] == 0x1f && b->raw[b->raw_at + 1] == 0x8b;
}

static int begin(struct bytes *b, char why[WHY_MAX])
{
    int gzipped = is_member(b, why);
    b->begun = true;
    if (gzipped <= 0)
        return gzipped;
    if (inflateInit2(&b->z, 16 + MAX_WBITS) != Z_OK)
        return refuse(b, strerror(ENOMEM), why);
    b->room = must_alloc(ROOM, 1);
    b->gzipped = b->member = true;
    return 0;
}

/* Unpack some of what is there; -1 where it makes no sense. */
static int unpack(struct bytes *b, char why[WHY_MAX])
{
    b->z.next_in = b->raw + b->raw_at;
    b->z.avail_in = (unsigned)(b->raw_n - b->raw_at);
    b->z.next_out = b->room;
    b->z.avail_out = ROOM;
    int rc = inflate(&b->z, Z_NO_FLUSH);
    b->raw_at = b->raw_n - b->z.avail_in;
    b->at = 0;
    b->n = ROOM - b->z.avail_out;
    if (rc == Z_STREAM_END)
        b->member = false;
    else if (rc != Z_OK && rc != Z_BUF_ERROR)
        return refuse(b, b->z.msg ? b->z.msg : "it is damaged", why);
    return 0;
}

static int some_gzipped(struct bytes *b, char why[WHY_MAX])
{
    for (;;) {
        if (!b->member) { /* what follows the last member is not looked at */
            int more = is_member(b, why);
            if (more <= 0)
                return more;
            inflateReset(&b->z);
            b->member = true;
        }
        if (unpack(b, why) < 0)
            return -1;
        if (b->n > 0)
            return 1;
        if (!b->member)
            continue;
        int got = fetch(b, why);
        if (got == 0)
            return refuse(b, "it is cut off", why);
        if (got < 0)
            return -1;
    }
}

/* See that something is to be given: 1, 0 at the end, -1. */
static int some(struct bytes *b, char why[WHY_MAX])
{
    if (b->at < b->n)
        return 1;
    if (!b->begun && begin(b, why) < 0)
        return -1;
    if (b->gzipped)
        return some_gzipped(b, why);
    if (b->raw_at == b->raw_n) {
        int got = fetch(b, why);
        if (got <= 0)
            return got;
    }
    b->at = b->raw_at;
    b->n = b->raw_at = b->raw_n;
    return 1;
}

static const uint8_t *here(const struct bytes *b)
{
    return (b->gzipped ? b->room : b->raw) + b->at;
}

long bytes_read(struct bytes *b, void *to, size_t n, char why[WHY_MAX])
{
    size_t got = 0;
    while (got < n) {
        int rc = some(b, why);
        if (rc < 0)
            return -1;
        if (rc == 0)
            break;
        size_t take = n - got < b->n - b->at ? n - got : b->n - b->at;
        memcpy((char *)to + got, here(b), take);
        b->at += take;
        got += take;
    }
    return (long)got;
}

static void line_add(struct bytes *b, size_t n, size_t more)
{
    while (b->line_room - n < more + 1) {
        b->line_room = b->line_room ? 2 * b->line_room : 8192;
        b->line = must_grow(b->line, b->line_room, 1);
    }
    memcpy(b->line + n, here(b), more);
    b->at += more;
}

int bytes_line(struct bytes *b, char **line, char why[WHY_MAX])
{
    size_t n = 0;
    int rc;
    while ((rc = some(b, why)) > 0) {
        const uint8_t *end = memchr(here(b), '\n', b->n - b->at);
        size_t more = end ? (size_t)(end - here(b)) + 1 : b->n - b->at;
        line_add(b, n, more);
        n += more;
        if (end)
            break;
        if (n > LINE_MAX_BYTES) {
            snprintf(why, WHY_MAX, "%s: a line is longer than 32 MiB", b->name);
            return -1;
        }
    }
    if (rc < 0 || n == 0)
        return rc;
    while (n > 0 && (b->line[n - 1] == '\n' || b->line[n - 1] == '\r'))
        n--;
    b->line[n] = '\0';
    *line = b->line;
    return 1;
}

bool bytes_ready(const struct bytes *b, int ms)
{
    struct pollfd p = {.fd = b->fd, .events = POLLIN};
    if (b->at < b->n || b->raw_at < b->raw_n)
        return true;
    return poll(&p, 1, ms) > 0;
}
