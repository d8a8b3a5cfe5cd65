/*
 * fake.h -- the other end of a connection, without a learner behind it.
 *
 * struct peer reads requests off a socket and lets a test answer them by
 * hand. struct fake is a thread with a Unix socket that answers as ffd would,
 * for one model "m" of 2 by 2 bytes: the answer to a frame is its first byte
 * as a number, its novelty the second / 255, its typicality 1 less that, and a
 * frame was predicted right when its first byte is its label. Frames have the
 * ids 1:0, 1:1 and so on; those without a label wait for one. Who subscribes is
 * told an event of each topic at once. The label "none" is not the model's.
 */
#ifndef CLIENTS_FAKE_H
#define CLIENTS_FAKE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "clients/c/ffclient.h"
#include "proto/buf.h"
#include "proto/message.h"
#include "proto/stream.h"

struct peer {
    int fd;
    struct ffp_stream in;
    struct ffp_decoder decoder;
    struct ffp_buf out;
};

void peer_init(struct peer *p, int fd); /* fd is moved */
void peer_release(struct peer *p);

/* Wait for the next request; 1, or 0 when the connection ended. */
int peer_next(struct peer *p, struct ffp_request *r);

/* A client and its peer, connected, and their end. */
void pair(struct ffc **c, struct peer *p);
void unpair(struct ffc *c, struct peer *p);

/* Send what was packed into p->out. */
void peer_send(struct peer *p);

struct fake {
    char address[128];
    size_t busy;         /* learn requests to refuse before taking any */
    size_t drop;         /* then this many to drop */
    size_t silent;       /* then this many are learned without a verdict */
    size_t forgotten;    /* late labels to refuse before taking any */
    char token[64];      /* shown last; "good" is one */
    bool early;          /* something was asked before it */
    bool no_journal;     /* refuse what is to be durable */
    bool trouble;        /* stats tell of it */
    size_t acks[3];      /* requests to learn and to label, by enum ffp_ack */
    char hand[64];       /* the last change of labels: method, from, to */
    size_t taken;        /* frames learned */
    char labels[4096];   /* of these frames, first letters, in order */
    uint8_t first[4096]; /* their first bytes */
    size_t gap[4096];    /* frames that came between one and its late label */
    int fd;
    pthread_t thread;
};

void fake_start(struct fake *f);
void fake_stop(struct fake *f); /* after the last client has closed */

#endif
