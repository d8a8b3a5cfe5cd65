#include "daemon/answer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/daemon.h"
#include "proto/pack.h"
#include "proto/reply.h"

static bool open_answer(struct ffd_answer *a, struct ffd_daemon *d,
                        uint64_t conn, uint32_t msgid)
{
    a->conn = ffd_conn_find(d, conn);
    if (!a->conn)
        return false;
    a->buf = &a->conn->out;
    a->mark = a->buf->n;
    a->msgid = msgid;
    return true;
}

bool ffd_answer_begin(struct ffd_answer *a, struct ffd_daemon *d, uint64_t conn,
                      uint32_t msgid)
{
    if (!open_answer(a, d, conn, msgid))
        return false;
    ffp_reply_begin(a->buf, msgid);
    return true;
}

void ffd_answer_end(struct ffd_answer *a)
{
    struct ffd_daemon *d = a->conn->d;
    size_t before = a->mark + ffd_conn_waiting(a->conn) - a->buf->n;

    if (a->buf->failed && before == 0) {
        ffp_buf_cut(a->buf, a->mark);
        ffd_count_refused(d, FFP_TOO_LARGE);
        ffp_reply_error(a->buf, a->msgid, FFP_TOO_LARGE,
                        "the answer does not fit: %d bytes may wait for one "
                        "connection",
                        FFP_MAX_OUTPUT_BYTES);
    }
    if (a->buf->failed || ffd_conn_waiting(a->conn) > FFP_MAX_OUTPUT_BYTES) {
        ffd_count_refused(d, FFP_TOO_LARGE);
        ffd_log_some(FFD_LOG_NOTICE, "output", ffd_now_ms(d),
                     "connection %llu does not read its answers; closed",
                     (unsigned long long)a->conn->number);
        ffd_conn_close(a->conn);
        return;
    }
    ffd_conn_touch(a->conn);
}

void ffd_answer_refusal(struct ffd_daemon *d, uint64_t conn, uint32_t msgid,
                        const struct ffp_error *err)
{
    struct ffd_answer a;

    ffd_count_refused(d, err->code);
    if (!open_answer(&a, d, conn, msgid))
        return;
    ffp_reply_refusal(a.buf, msgid, err);
    ffd_answer_end(&a);
}

void ffd_answer_error(struct ffd_daemon *d, uint64_t conn, uint32_t msgid,
                      enum ffp_code code, const char *format, ...)
{
    struct ffp_error err = {.code = code};
    va_list ap;

    va_start(ap, format);
    vsnprintf(err.why, sizeof(err.why), format, ap);
    va_end(ap);
    ffd_answer_refusal(d, conn, msgid, &err);
}

void ffd_answer_bytes(struct ffd_daemon *d, uint64_t conn, uint32_t msgid,
                      const uint8_t *bytes, size_t n)
{
    struct ffd_answer a;

    if (!open_answer(&a, d, conn, msgid))
        return;
    ffp_buf_add(a.buf, bytes, n);
    ffd_answer_end(&a);
}

void ffd_kv_id(struct ffp_buf *b, const char *key, uint64_t epoch,
               uint64_t counter)
{
    char id[48];
    int n = snprintf(id, sizeof(id), "%" PRIu64 ":%" PRIu64, epoch, counter);

    ffp_kv_strn(b, key, id, (size_t)n);
}
