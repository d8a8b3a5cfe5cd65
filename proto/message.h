/*
 * message.h -- one complete, bounded message to a typed request.
 *
 * The bytes must have passed the walker (limit.h). A request borrows from
 * them and from the decoder: it is valid until the decoder's next message, or
 * until the bytes go. Which parameters a method takes is methods.def's word;
 * fields of parameters that it does not take are zero.
 *
 *   ffp_decode
 *     FFP_REQUEST   all parameters have the right types; act on it. Whether a
 *                   model exists or a frame fits is for the caller to say.
 *     FFP_REFUSED   err says why. Answer msgid with it, unless it was a
 *                   notification: then only count.
 *     FFP_IGNORED   a notification of a method that is unknown or takes none;
 *                   count it.
 *     FFP_FATAL     not MessagePack-RPC, or out of memory: err says why; close.
 */
#ifndef FFP_MESSAGE_H
#define FFP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/decoder.h"
#include "proto/error.h"
#include "proto/frames.h"
#include "proto/method.h"
#include "proto/text.h"

enum ffp_ack { FFP_ACK_APPLIED, FFP_ACK_RECEIVED, FFP_ACK_DURABLE };

struct ffp_opts {
    unsigned given; /* bits 1u << FFP_O_... */
    enum ffp_ack ack;
    bool fresh;
    bool detail;
    bool wait;
    bool digest;
    bool end;
    bool observe;
    bool list;
    struct ffp_str prompt; /* any bytes; at is NULL if not given */
    uint64_t length;       /* LENGTH; 0 if not given */
    double temperature;    /* 0 if not given */
    uint64_t seed;
    struct ffp_str name;   /* at is NULL if not given */
    struct ffp_str stream; /* likewise, or where each has its own: */
    const struct msgpack_object *streams; /* by ffp_streams_*; or NULL */
};

/* Of a frame, "epoch:counter" on the wire. */
struct ffp_id {
    uint64_t epoch, counter;
};

struct ffp_request {
    bool notification;
    uint32_t msgid;
    enum ffp_method method;
    unsigned given;           /* bits 1u << FFP_P_...: there and not nil */
    struct ffp_str client;    /* ABOUT */
    struct ffp_str version;   /* ABOUT */
    struct ffp_str token;     /* TOKEN */
    struct ffp_str model;     /* MODEL, MODEL_OR_NIL: at is NULL if nil */
    struct ffp_str spec;      /* SPEC */
    struct ffp_frames frames; /* FRAME, FRAME_OR_NIL, FRAMES */
    struct ffp_str label;     /* LABEL: at is NULL if nil; LATE_LABEL, FROM,
                                 THAT_LABEL */
    struct ffp_str to;        /* TO */
    struct ffp_id id;         /* ID */
    const struct msgpack_object *labels; /* LABELS, by ffp_labels_*; or NULL */
    uint64_t amount_frames;              /* AMOUNT; 0: what is owed */
    uint64_t count;                      /* COUNT, >= 1 */
    struct ffp_str snapshot; /* VERSION, VERSION_OR_NIL: at is NULL if nil */
    uint64_t offset;         /* OFFSET */
    uint64_t total;          /* TOTAL */
    const uint8_t *data;     /* DATA */
    size_t data_bytes;
    unsigned topics;      /* TOPICS: bits 1u << FFP_T_... */
    struct ffp_opts opts; /* OPTS */
};

enum ffp_decoded { FFP_REQUEST, FFP_REFUSED, FFP_IGNORED, FFP_FATAL };

enum ffp_decoded ffp_decode(struct ffp_decoder *d, const uint8_t *bytes,
                            size_t n, struct ffp_request *out,
                            struct ffp_error *err);

/* Whether there is a label for each of n frames; nil stands for n nils. */
int ffp_labels_check(const struct ffp_request *r, size_t n,
                     struct ffp_error *err);

/* Label i after a check; at is NULL if it is nil. */
struct ffp_str ffp_labels_at(const struct ffp_request *r, size_t i);

/* Whether there is a stream for each of n samples, where each has its own. */
int ffp_streams_check(const struct ffp_request *r, size_t n,
                      struct ffp_error *err);

/* The stream of sample i after a check; at is NULL if none was named. */
struct ffp_str ffp_streams_at(const struct ffp_request *r, size_t i);

#endif
