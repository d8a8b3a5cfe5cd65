/*
 * client.h -- the other end: requests out, responses in.
 *
 *     ffp_call_begin(&buf, 7, "predict", 2);
 *     ffp_pack_str(&buf, "digits");
 *     ffp_pack_bin(&buf, frame, 784);          exactly as many as announced
 *
 * Responses carry the msgid of their request and may overtake each other. Read
 * them through a struct ffp_stream, which bounds what a server may send.
 */
#ifndef FFP_CLIENT_H
#define FFP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/buf.h"
#include "proto/decoder.h"
#include "proto/error.h"
#include "proto/object.h"

/* [0, msgid, method, [...: n parameters follow. */
void ffp_call_begin(struct ffp_buf *b, uint32_t msgid, const char *method,
                    size_t n);

/* [2, method, [...: n parameters follow; there will be no answer. */
void ffp_notify_begin(struct ffp_buf *b, const char *method, size_t n);

enum ffp_received {
    FFP_RESPONSE,
    FFP_NOTIFIED, /* a notification from the server: topic, payload */
    FFP_GARBLED   /* neither; the connection is of no use any more */
};

/* Borrowed from the bytes and the decoder, until its next message. */
struct ffp_response {
    uint32_t msgid;
    bool is_error;
    enum ffp_code code;    /* of an error; FFP_CODES: unknown to us */
    struct ffp_str error;  /* "CODE: sentence" as it came */
    struct ffp_str why;    /* the sentence alone */
    struct ffp_str method; /* of a notification */
    const struct msgpack_object *result; /* or a notification's params */
};

enum ffp_received ffp_receive(struct ffp_decoder *d, const uint8_t *bytes,
                              size_t n, struct ffp_response *out);

#endif
