#include "proto/buf.h"

#include <stdlib.h>
#include <string.h>

#include "proto/alloc.h"

#define FIRST_BYTES 512

void *(*ffp_realloc)(void *p, size_t n) = realloc;

void ffp_buf_init(struct ffp_buf *b, size_t cap)
{
    memset(b, 0, sizeof *b);
    b->cap = cap;
}

void ffp_buf_release(struct ffp_buf *b)
{
    free(b->data);
    memset(b, 0, sizeof *b);
}

void ffp_buf_clear(struct ffp_buf *b)
{
    ffp_buf_cut(b, 0);
}

void ffp_buf_cut(struct ffp_buf *b, size_t n)
{
    b->n = n;
    b->failed = false;
}

void ffp_buf_shift(struct ffp_buf *b, size_t n)
{
    b->n -= n;
    if (n > 0 && b->n > 0)
        memmove(b->data, b->data + n, b->n);
}

/* Room for n more bytes, at least doubled, so that appending is linear. */
static int grow(struct ffp_buf *b, size_t n)
{
    size_t room = b->room ? b->room * 2 : FIRST_BYTES;
    uint8_t *data = NULL;

    if (n > b->cap - b->n)
        return -1;
    if (room < b->n + n)
        room = b->n + n;
    if (room > b->cap)
        room = b->cap;
    data = ffp_realloc(b->data, room);
    if (!data)
        return -1;
    b->data = data;
    b->room = room;
    return 0;
}

int ffp_buf_add(struct ffp_buf *b, const void *bytes, size_t n)
{
    if (b->failed)
        return -1;
    if (n == 0)
        return 0;
    if (n > b->room - b->n && grow(b, n) != 0) {
        b->failed = true;
        return -1;
    }
    memcpy(b->data + b->n, bytes, n);
    b->n += n;
    return 0;
}

int ffp_buf_text(struct ffp_buf *b, const char *text)
{
    return ffp_buf_add(b, text, strlen(text));
}

int ffp_buf_digits(struct ffp_buf *b, uint64_t v)
{
    char text[20]; /* of UINT64_MAX */
    size_t at = sizeof text;

    do {
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    return ffp_buf_add(b, text + at, sizeof text - at);
}

int ffp_buf_write(void *buf, const char *bytes, size_t n)
{
    return ffp_buf_add(buf, bytes, n);
}

uint8_t *ffp_buf_take(struct ffp_buf *b, size_t *n)
{
    uint8_t *data = b->data;

    *n = b->n;
    b->data = NULL;
    b->n = b->room = 0;
    b->failed = false;
    return data;
}
