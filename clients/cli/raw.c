/*
 * raw.c -- frames exactly as they go over the wire, one after another: what
 * `ffmpeg ... -f rawvideo -` writes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"
#include "clients/cli/source.h"

struct raw {
    struct source base;
    struct bytes in;
    size_t frame_bytes, at;
    bool sound; /* pieces of one, of which the last may be short */
    int label;
};

static int raw_next(struct source *base, void *frame, struct mark *mark,
                    char why[WHY_MAX])
{
    struct raw *s = (struct raw *)base;
    long got = bytes_read(&s->in, frame, s->frame_bytes, why);
    if (got <= 0)
        return (int)got;
    if ((size_t)got < s->frame_bytes && s->sound) {
        memset((char *)frame + got, 0, s->frame_bytes - (size_t)got);
    } else if ((size_t)got < s->frame_bytes) {
        snprintf(why, WHY_MAX,
                 "%s ends in the middle of frame %zu: the model takes %zu "
                 "bytes a frame, and %ld were left",
                 s->in.name, s->at, s->frame_bytes, got);
        return -1;
    }
    *mark = MARK_NONE;
    mark->label = s->label;
    s->at++;
    return 1;
}

static void raw_free(struct source *base)
{
    struct raw *s = (struct raw *)base;
    bytes_release(&s->in);
    free(s);
}

struct source *raw_open(const char *path, const char *label,
                        const struct ffc_model *shape,
                        const struct stream_shape *streams, struct names *names,
                        char why[WHY_MAX])
{
    struct raw *s = must_alloc(1, sizeof *s);
    s->base.next = raw_next;
    s->base.free = raw_free;
    s->base.count = COUNT_UNKNOWN;
    s->base.live = &s->in;
    s->sound = streams && streams->rate > 0;
    s->frame_bytes = shape->frame_bytes;
    s->label = label ? names_put(names, label, strlen(label)) : -1;
    if (bytes_open(&s->in, path, why) < 0) {
        raw_free(&s->base);
        return NULL;
    }
    return &s->base;
}
