/*
 * text.c -- a text as symbols: each byte is one, and its own label.
 */
#include <stdlib.h>

#include "clients/cli/mem.h"
#include "clients/cli/source.h"

struct text {
    struct source base;
    struct bytes in;
};

static int text_next(struct source *base, void *frame, struct mark *mark,
                     char why[WHY_MAX])
{
    struct text *s = (struct text *)base;
    *mark = MARK_NONE;
    return (int)bytes_read(&s->in, frame, 1, why);
}

static void text_free(struct source *base)
{
    struct text *s = (struct text *)base;
    bytes_release(&s->in);
    free(s);
}

struct source *text_open(const char *path, char why[WHY_MAX])
{
    struct text *s = must_alloc(1, sizeof *s);
    s->base.next = text_next;
    s->base.free = text_free;
    s->base.count = COUNT_UNKNOWN;
    s->base.live = &s->in;
    if (bytes_open(&s->in, path, why) < 0) {
        text_free(&s->base);
        return NULL;
    }
    return &s->base;
}
