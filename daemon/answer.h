/*
 * answer.h -- answers to connections that may be gone.
 *
 *     struct ffd_answer a;
 *     if (ffd_answer_begin(&a, d, conn, msgid)) {
 *         ffp_pack_map(a.buf, 1); ...
 *         ffd_answer_end(&a);
 *     }
 *
 * An answer that no peer could ever get, because it alone is larger than what
 * may wait for one, is taken back and TOO_LARGE said instead. One that does not
 * fit behind those that wait closes the connection: its peer does not read.
 * None of these frees the request's place: see ffd_conn_end.
 */
#ifndef FFD_ANSWER_H
#define FFD_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/buf.h"
#include "proto/error.h"

struct ffd_conn;
struct ffd_daemon;

struct ffd_answer {
    struct ffd_conn *conn;
    struct ffp_buf *buf;
    size_t mark;
    uint32_t msgid;
};

/* False: nobody is there any more. */
bool ffd_answer_begin(struct ffd_answer *a, struct ffd_daemon *d, uint64_t conn,
                      uint32_t msgid);
void ffd_answer_end(struct ffd_answer *a);

/* An error, counted. */
void ffd_answer_error(struct ffd_daemon *d, uint64_t conn, uint32_t msgid,
                      enum ffp_code code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The error of a check or a decoder. */
void ffd_answer_refusal(struct ffd_daemon *d, uint64_t conn, uint32_t msgid,
                        const struct ffp_error *err);

/* A whole answer that was encoded elsewhere. */
void ffd_answer_bytes(struct ffd_daemon *d, uint64_t conn, uint32_t msgid,
                      const uint8_t *bytes, size_t n);

/* key: "epoch:counter", the id of a frame. */
void ffd_kv_id(struct ffp_buf *b, const char *key, uint64_t epoch,
               uint64_t counter);

#endif
