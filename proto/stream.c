#include "proto/stream.h"

#include <stdlib.h>
#include <string.h>

#include "proto/alloc.h"

/* The least room for a read: many small messages come at once. */
#define READ_BYTES ((size_t)16 * 1024)

void ffp_stream_init(struct ffp_stream *s, size_t cap)
{
    memset(s, 0, sizeof *s);
    s->cap = cap;
    s->walk = FFP_WALK_MORE;
    ffp_limit_init(&s->limit, cap);
}

void ffp_stream_release(struct ffp_stream *s)
{
    free(s->data);
    memset(s, 0, sizeof *s);
}

void ffp_stream_set_cap(struct ffp_stream *s, size_t cap)
{
    s->cap = cap;
    if (s->limit.seen == 0)
        ffp_limit_init(&s->limit, cap);
}

/* Free bytes wanted behind what is here of an unfinished message. */
static size_t wanted(const struct ffp_stream *s)
{
    size_t here = s->end - s->start;
    size_t most = here > READ_BYTES ? here : READ_BYTES;
    size_t need = ffp_limit_need(&s->limit);

    if (s->walked < s->end)
        return most; /* not looked at yet: what is needed is not known */
    if (need < READ_BYTES)
        return READ_BYTES;
    return need < most ? need : most;
}

int ffp_stream_reserve(struct ffp_stream *s, uint8_t **at, size_t *n)
{
    size_t here = s->end - s->start;
    size_t want = wanted(s);

    if (s->room - s->end < want && s->start > 0) {
        memmove(s->data, s->data + s->start, here);
        s->walked -= s->start;
        s->start = 0;
        s->end = here;
    }
    if (s->room - s->end < want) {
        uint8_t *data = ffp_realloc(s->data, s->end + want);

        if (!data)
            return -1;
        s->data = data;
        s->room = s->end + want;
    }
    *at = s->data + s->end;
    *n = s->room - s->end;
    return 0;
}

void ffp_stream_commit(struct ffp_stream *s, size_t n)
{
    s->end += n;
}

enum ffp_next ffp_stream_next(struct ffp_stream *s, const uint8_t **message,
                              size_t *n)
{
    size_t used = 0;

    if (s->walked == s->end && s->walk == FFP_WALK_MORE)
        return FFP_STREAM_MORE;
    s->walk = ffp_limit_feed(&s->limit, s->data + s->walked, s->end - s->walked,
                             &used);
    s->walked += used;
    if (s->walk == FFP_WALK_MORE)
        return FFP_STREAM_MORE;
    if (s->walk != FFP_WALK_DONE)
        return FFP_STREAM_REFUSED;
    *message = s->data + s->start;
    *n = s->walked - s->start;
    s->start = s->walked;
    s->walk = FFP_WALK_MORE;
    ffp_limit_init(&s->limit, s->cap);
    return FFP_STREAM_MESSAGE;
}

void ffp_stream_shrink(struct ffp_stream *s)
{
    if (s->start != s->end)
        return;
    free(s->data);
    s->data = NULL;
    s->room = s->start = s->end = s->walked = 0;
}
