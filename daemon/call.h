/*
 * call.h -- a request that outlives its dispatch, and a ticket for what it is
 * owed.
 *
 * A *call* owns its message (copied, or moved if it is large) and a decoded
 * request that borrows from it. Calls wait in queues for room in an inbox, for
 * the predictor, for a newer view. They are recycled with their memory, so a
 * steady stream of small questions allocates nothing.
 *
 * A *ticket* is all that remains of a request to learn once its frames are in
 * the inbox: whom to answer when the last of them is settled.
 */
#ifndef FFD_CALL_H
#define FFD_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/intake.h"
#include "proto/buf.h"
#include "proto/decoder.h"
#include "proto/message.h"

struct ffd_conn;
struct ffd_daemon;
struct ffd_model;

struct ffd_ticket {
    struct ffd_ticket *next;
    uint64_t conn;
    uint32_t msgid;
    bool batch;
    bool late;      /* of a label that comes late */
    bool hand;      /* of what hand.h did; seq is its record */
    bool durable;   /* answered when it is on the disk */
    uint64_t after; /* which block of records must be there; see commit.h */
    size_t n;       /* frames it came with */
    size_t settled; /* of them, learned or not, for good */
    size_t taken, learned, dropped, failed;
    int status;       /* of lib, why the last that failed did */
    size_t missed;    /* late labels whose frame is not kept */
    size_t labelled;  /* of those taken, had a label, */
    size_t right;     /* and were predicted right before being learned */
    float typicality; /* of the last; NaN: not known */
    uint64_t epoch, first_id; /* its only or first frame's id */
    uint64_t seq, step, since_us;
};

/* Columns of a predict_batch's answer. */
struct ffd_columns {
    void *block; /* owned; holds all of them */
    int *label;
    float *confidence, *novelty, *typicality, *scores, *goodness;
    size_t classes, layers;
};

/* Of generate: what was written so far. */
struct ffd_writing {
    int *class_;   /* (frames of the call) owned */
    size_t bytes;  /* of class_, for the account of memory */
    uint64_t seed; /* of all of it */
};

struct ffd_call {
    struct ffd_call *next;
    uint64_t conn;
    uint64_t since_us;
    uint8_t *block; /* owned */
    size_t room;    /* bytes of block */
    bool placed;    /* has one of the connection's places */
    struct ffp_decoder decoder;
    struct ffp_request request; /* borrows from block */
    bool made;                  /* of a frame that it did not bring */
    float typicality;         /* of that, as its stream was judged; NaN: not */
    size_t frames, done;      /* asked for and answered */
    uint64_t fresh_after;     /* wait for a view that holds all before */
    struct ffd_intake intake; /* of learn and learn_batch */
    struct ffd_columns columns; /* of predict_batch */
    struct ffd_writing writing; /* of generate */
    struct ffp_buf reply;       /* made beside the loop */
};

struct ffd_calls {
    struct ffd_call *head, *tail;
    size_t n;
};

struct ffd_call_pool {
    struct ffd_call *calls;
    struct ffd_ticket *tickets;
    size_t free_calls, free_tickets;
};

/*
 * A call that holds the message just got from the connection (message, n) and
 * occupies one of its places until ffd_call_end. NULL if there is no memory.
 */
struct ffd_call *ffd_call_new(struct ffd_conn *c, const uint8_t *message,
                              size_t n);

/* It asks about this one frame (block, n; moved) from now on, and its message
   is gone. */
void ffd_call_ask_about(struct ffd_daemon *d, struct ffd_call *call,
                        uint8_t *block, size_t n);

/* It is to write so many symbols. -1: no memory. */
int ffd_call_write(struct ffd_daemon *d, struct ffd_call *call, size_t n);

/* Its place is free already: the ticket it wrote has one of its own. */
void ffd_call_leave_place(struct ffd_daemon *d, struct ffd_call *call);

/* Its place is free; recycled. Whoever wants an answer has got it. */
void ffd_call_end(struct ffd_daemon *d, struct ffd_call *call);

/* NULL if there is no memory. Recycled. */
struct ffd_ticket *ffd_ticket_new(struct ffd_daemon *d);
void ffd_ticket_free(struct ffd_daemon *d, struct ffd_ticket *t);

void ffd_calls_push(struct ffd_calls *q, struct ffd_call *call);
struct ffd_call *ffd_calls_pop(struct ffd_calls *q);

void ffd_call_pool_release(struct ffd_call_pool *p);

#endif
