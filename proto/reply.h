/*
 * reply.h -- what a server answers.
 *
 *     ffp_reply_begin(&buf, msgid);      94 01 <msgid> c0
 *     ffp_pack_map(&buf, 1);             then exactly one value
 *     ffp_kv_str(&buf, "name", name);
 *
 * Envelopes are fixarrays (first byte 0x94): Go's codec accepts no other. If
 * buf->failed when the answer is complete, cut the buffer back to where it
 * began and answer TOO_LARGE or NO_MEMORY instead, or close.
 */
#ifndef FFP_REPLY_H
#define FFP_REPLY_H

#include <stdint.h>

#include "proto/buf.h"
#include "proto/error.h"

/* [1, msgid, nil, ...: the result follows as one value. */
void ffp_reply_begin(struct ffp_buf *b, uint32_t msgid);

/* [1, msgid, "CODE: sentence", nil], whole. */
void ffp_reply_error(struct ffp_buf *b, uint32_t msgid, enum ffp_code code,
                     const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The same, of an error that a decoder or a check filled in. */
void ffp_reply_refusal(struct ffp_buf *b, uint32_t msgid,
                       const struct ffp_error *err);

/* The result of api_info, as one value: methods, errors and limits as the
   tables have them. */
void ffp_pack_api_info(struct ffp_buf *b);

/* {name: value, ...}, the map of limits that hello and api_info hold. */
void ffp_pack_limits(struct ffp_buf *b);

#endif
