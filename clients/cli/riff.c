#include "clients/cli/riff.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

#define PCM        1
#define EXTENSIBLE 0xfffe /* the format is in the chunk's bytes 24 and 25 */
#define TO_THE_END 0xffffffff
#define FMT_BYTES  40 /* of fmt that are looked at, at most */

static uint32_t u16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32(const uint8_t *p)
{
    return u16(p) | u16(p + 2) << 16;
}

static int refuse(const struct bytes *b, const char *what, char why[WHY_MAX])
{
    snprintf(why, WHY_MAX, "%s: %s", b->name, what);
    return -1;
}

static int fill(struct bytes *b, void *to, size_t n, char why[WHY_MAX])
{
    long got = bytes_read(b, to, n, why);
    if (got < 0)
        return -1;
    return (size_t)got == n ? 0 : refuse(b, "the WAV file is cut off", why);
}

static int skip(struct bytes *b, size_t n, char why[WHY_MAX])
{
    uint8_t some[4096];
    while (n > 0) {
        size_t take = n < sizeof some ? n : sizeof some;
        if (fill(b, some, take, why) < 0)
            return -1;
        n -= take;
    }
    return 0;
}

static int read_fmt(struct riff *r, struct bytes *b, size_t size,
                    char why[WHY_MAX])
{
    uint8_t f[FMT_BYTES] = {0};
    size_t take = size < sizeof f ? size : sizeof f;
    if (size < 16)
        return refuse(b, "the WAV file's fmt chunk is too short", why);
    if (fill(b, f, take, why) < 0 || skip(b, size - take + size % 2, why) < 0)
        return -1;
    uint32_t format = u16(f), bits = u16(f + 14);
    if (format == EXTENSIBLE && take >= 26)
        format = u16(f + 24);
    r->channels = u16(f + 2);
    r->rate = u32(f + 4);
    if (format != PCM || bits != 16) {
        snprintf(why, WHY_MAX,
                 "%s holds format %u of %u bits, and it must be PCM of 16 "
                 "bits; ffmpeg -i FILE -c:a pcm_s16le OUT.wav makes it",
                 b->name, (unsigned)format, (unsigned)bits);
        return -1;
    }
    if (r->channels == 0 || r->rate == 0 || u16(f + 12) != 2 * r->channels)
        return refuse(b, "the WAV file's fmt chunk makes no sense", why);
    return 0;
}

/* The whole of the data chunk, all channels. */
static int read_data(struct riff *r, struct bytes *b, size_t size,
                     char why[WHY_MAX])
{
    bool to_the_end = size == TO_THE_END;
    size_t frame = 2 * r->channels, room = 0, have = 0;
    uint8_t *data = NULL;
    if (!to_the_end && size % frame)
        return refuse(b, "the WAV file's data is no whole number of frames",
                      why);
    while (to_the_end || have < size) {
        if (have == RIFF_BYTES_MAX) {
            free(data);
            return refuse(b, "the recording is longer than 1 GiB", why);
        }
        room = room ? 2 * room : 1u << 16;
        data = must_grow(data, room, 1);
        size_t want = room < size ? room - have : size - have;
        long got = bytes_read(b, data + have, want, why);
        if (got < 0 || ((size_t)got < want && !to_the_end)) {
            free(data);
            return got < 0 ? -1 : refuse(b, "the WAV file is cut off", why);
        }
        have += (size_t)got;
        if ((size_t)got < want)
            break;
    }
    r->n = have / frame;
    r->pcm = must_alloc(r->n, sizeof *r->pcm);
    for (size_t i = 0; i < r->n; i++)
        r->pcm[i] = (int16_t)u16(data + i * frame);
    free(data);
    return 0;
}

static int read_chunks(struct riff *r, struct bytes *b, char why[WHY_MAX])
{
    uint8_t head[12];
    long got = bytes_read(b, head, sizeof head, why);
    if (got < 0)
        return -1;
    if ((size_t)got < sizeof head || memcmp(head, "RIFF", 4) != 0 ||
        memcmp(head + 8, "WAVE", 4) != 0)
        return refuse(b, "not a WAV file", why);
    for (;;) {
        if (fill(b, head, 8, why) < 0)
            return -1;
        size_t size = u32(head + 4);
        if (memcmp(head, "fmt ", 4) == 0) {
            if (read_fmt(r, b, size, why) < 0)
                return -1;
        } else if (memcmp(head, "data", 4) == 0) {
            return r->rate ? read_data(r, b, size, why)
                           : refuse(b, "the WAV file has data before fmt", why);
        } else if (skip(b, size + size % 2, why) < 0) {
            return -1;
        }
    }
}

int riff_read(struct riff *r, const char *path, char why[WHY_MAX])
{
    struct bytes b;
    memset(r, 0, sizeof *r);
    int rc = bytes_open(&b, path, why);
    if (rc == 0)
        rc = read_chunks(r, &b, why);
    bytes_release(&b);
    return rc;
}

void riff_release(struct riff *r)
{
    free(r->pcm);
    memset(r, 0, sizeof *r);
}
