/*
 * client.h -- inside libffclient: one connection, and what is under way.
 *
 * A request is built in c->out between ffc_begin and ffc_send. Answers are
 * read whenever the socket has some, also in the middle of sending, and wait
 * in c->arrived until somebody asks for their id.
 *
 *     ffc_begin -> pack the parameters -> ffc_send -> ffc_await
 */
#ifndef FFC_CLIENT_H
#define FFC_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/c/ffclient.h"
#include "proto/client.h"
#include "proto/pack.h"
#include "proto/stream.h"

struct ffc_reply {
    struct ffc_reply *next; /* in c->arrived or c->events */
    struct ffp_decoder decoder;
    struct ffp_response response; /* borrows from decoder and bytes */
    size_t n;
    uint8_t bytes[]; /* (n) the message */
};

struct ffc {
    int fd;
    struct ffc_tls *tls; /* owned; NULL: plain */
    int answer_timeout_ms;
    enum ffc_ack ack;
    bool broken; /* nothing more can be sent or read */
    uint32_t last_id;
    uint32_t under_way[FFC_PIPELINE_MAX]; /* ids sent and not answered */
    size_t n_under_way;
    struct ffc_reply *arrived; /* owned; oldest first */
    size_t n_arrived;
    struct ffc_reply *events; /* owned; oldest first */
    struct ffc_reply *events_end;
    size_t n_events;
    uint64_t events_lost;
    struct ffp_stream in;
    struct ffp_buf out;
    struct ffc_refusal refusal;
    char client[64];
    char why[FFC_WHY_MAX];
};

/* Set the sentence and return code. */
int ffc_fail(struct ffc *c, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ffc_fail, and the connection is of no use any more. */
int ffc_break(struct ffc *c, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Start a request of n parameters, which the caller packs into c->out. */
int ffc_begin(struct ffc *c, const char *method, size_t n);

/* Send what was built; id of the request. */
int ffc_send(struct ffc *c, uint32_t *id);

/* How many parameters the connection's ack adds to a request, and that one:
   the default is not said. The same as a key of options. */
size_t ffc_ack_params(const struct ffc *c);
void ffc_ack_pack(struct ffc *c);
void ffc_ack_kv(struct ffc *c);

/* The answer to *id, or to any request when *id is 0. FFC_OK with an owned
   reply, or FFC_EREFUSED with *id set. */
int ffc_await(struct ffc *c, uint32_t *id, struct ffc_reply **out);

/* ffc_send, then ffc_await; out may be NULL. */
int ffc_exchange(struct ffc *c, struct ffc_reply **out);

/* Read what is there, once: into c->arrived and c->events. */
int ffc_receive(struct ffc *c);

/* A notification (moved) into c->events, if it is an event. */
void ffc_event_keep(struct ffc *c, struct ffc_reply *r);
void ffc_events_clear(struct ffc *c);

/* The result inside a reply; the parameters of an event. */
const struct msgpack_object *ffc_result(const struct ffc_reply *reply);

/* Pack one request of frames: frame or frames by n, for learn and predict. */
int ffc_learn_begin(struct ffc *c, const char *model, const void *frames,
                    size_t n, size_t frame_bytes, const char *const *labels,
                    const struct ffc_samples *of);
int ffc_predict_begin(struct ffc *c, const char *model, const void *frames,
                      size_t n, size_t frame_bytes, bool batch);

/* Number i of a list of numbers, or of bytes that are little-endian floats;
   NaN where there is none. */
float ffc_float_at(const struct msgpack_object *column, size_t i);
/* How many of them there are. */
size_t ffc_float_count(const struct msgpack_object *column);

#endif
