/*
 * buf.h -- bytes on their way out: grows to a hard cap and no further.
 *
 * The first write that does not fit, or for which there is no memory, is
 * dropped whole and sets `failed`; every later write is dropped too. So one
 * may encode a whole answer and look once, at the end. To take back an answer
 * that failed, remember `n` before it and call ffp_buf_cut.
 */
#ifndef FFP_BUF_H
#define FFP_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ffp_buf {
    uint8_t *data; /* owned */
    size_t n;      /* bytes written */
    size_t room;   /* bytes allocated */
    size_t cap;    /* n never goes over this */
    bool failed;
};

void ffp_buf_init(struct ffp_buf *b, size_t cap); /* allocates nothing */
void ffp_buf_release(struct ffp_buf *b);

/* Empty and no longer failed; keeps its memory. */
void ffp_buf_clear(struct ffp_buf *b);

/* Back to n bytes (n <= b->n), and no longer failed. */
void ffp_buf_cut(struct ffp_buf *b, size_t n);

/* Drop the first n bytes (n <= b->n), as after a partial write. */
void ffp_buf_shift(struct ffp_buf *b, size_t n);

/* Append n borrowed bytes; 0, or -1 when the buffer has failed. */
int ffp_buf_add(struct ffp_buf *b, const void *bytes, size_t n);

/* Append terminated text. */
int ffp_buf_text(struct ffp_buf *b, const char *text);

/* Append a number in decimal digits. */
int ffp_buf_digits(struct ffp_buf *b, uint64_t v);

/* As ffp_buf_add, but as msgpack_packer wants it. */
int ffp_buf_write(void *buf, const char *bytes, size_t n);

/* The bytes, moved to the caller, who frees them; the buffer is empty. */
uint8_t *ffp_buf_take(struct ffp_buf *b, size_t *n);

#endif
