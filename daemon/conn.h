/*
 * conn.h -- one peer: bytes in, whole messages to dispatch, answers out.
 *
 * A connection is known by its number, which is never used again; work that
 * outlives a turn of the loop keeps the number, so a peer that vanishes cannot
 * dangle. Pointers are good within one callback.
 *
 * Reading stops, so that the socket carries the pressure back, while
 *   - 64 of its requests are in flight, or 4,096 of everybody's;
 *   - a megabyte of answers waits for a peer that does not read;
 *   - memory is short and this connection holds much of it (memory.h), unless
 *     its peer sends no more.
 * What was read and not yet looked at waits in its buffer meanwhile.
 *
 * Answers are collected and written once a turn of the loop, with one system
 * call while the socket takes them. Where there are events and nothing else to
 * write, only so many are written in a turn: a thousand subscribers are a
 * thousand system calls, and others wait.
 *
 * A connection by tls: is the same with TLS (tls.h) in between: what comes in
 * is made plaintext as it is read, what goes out is sealed a slice at a time.
 * Handshakes are expensive, so a turn has only so much time for them; those
 * left over are read on in the next.
 */
#ifndef FFD_CONN_H
#define FFD_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/peer.h"
#include "daemon/tls.h"
#include "daemon/tokens.h"
#include "proto/buf.h"
#include "proto/decoder.h"
#include "proto/limits.h"
#include "proto/method.h"
#include "proto/stream.h"

struct ffd_daemon;

struct ffd_conn {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tcp_t tcp;
    } uv;                 /* data: the connection */
    struct ffd_daemon *d; /* borrowed */
    uint64_t number;
    enum ffd_way way;
    enum ffp_role role;
    struct ffp_stream in;
    struct ffp_decoder decoder;
    struct ffp_buf out;     /* collected in this turn */
    struct ffp_buf writing; /* with libuv */
    uv_write_t write;
    size_t in_flight; /* requests taken and not yet answered */
    size_t memory;    /* bytes accounted for the buffers above */
    size_t calls;     /* bytes of its requests in flight */
    size_t taken;     /* bytes read in this turn */
    bool write_busy, reading, dirty, closing;
    bool ended;      /* the peer sends no more; close when all is answered */
    bool last_word;  /* close when what is collected has been written */
    bool backlog;    /* messages wait for the next turn */
    bool throttled;  /* memory is short, and it holds much */
    bool last_bytes; /* the peer sends no more; what came is read even so */
    struct ffd_conn *next_dirty, *prev_dirty;

    /* of TLS; see conntls.c */
    struct ffd_tls *tls;  /* owned; NULL: none */
    struct ffp_buf plain; /* moved from out, sealed up to: */
    size_t plain_at;
    struct ffp_buf sealed; /* for the socket */

    /* who may do what; see guard.h */
    struct ffd_peer peer; /* of a Unix socket */
    bool has_token;
    struct ffd_token token; /* a copy of its line */
    unsigned bad_tokens;
    bool is_new; /* has until then to be admitted: */
    uint64_t until_ms;
    struct ffd_conn *next_new, *prev_new;

    /* of a subscriber; see event.h */
    bool told; /* events wait to be written, in their turn */
    struct ffd_conn *next_told, *prev_told;
    unsigned topics; /* bits 1u << FFP_T_... */
    bool behind;     /* at the last tick, too much waited for it */
    uint64_t behind_since_ms;
};

#define FFD_CONN_READ_MAX ((size_t)64 * 1024) /* bytes, at once */

struct ffd_conns {
    struct ffd_conn *slot[FFP_MAX_CONNECTIONS]; /* owned */
    uint16_t freed[FFP_MAX_CONNECTIONS];        /* slots that were used */
    size_t n_freed, n_used; /* of these; and slots ever used */
    size_t backlog_from;    /* the slot whose turn it is */
    uint64_t generation;
    size_t open;
    size_t in_flight;       /* requests of all connections */
    struct ffd_conn *dirty; /* have something to write or to look at again */
    struct ffd_conn *told, *told_end; /* have events to write, oldest first */
    size_t backlogs;
    uint64_t accepted, refused;            /* connections, ever */
    uint8_t ciphertext[FFD_CONN_READ_MAX]; /* while it is read */
};

/* Take the next connection of a listening stream, or refuse it at once. False:
   no memory even for that; it still waits to be taken. */
bool ffd_conn_accept(struct ffd_daemon *d, uv_stream_t *listener,
                     enum ffd_way way);

/* The open connection of that number, or NULL. */
struct ffd_conn *ffd_conn_find(struct ffd_daemon *d, uint64_t number);

/* Bytes of answers that wait for the peer. */
size_t ffd_conn_waiting(const struct ffd_conn *c);

/* Write and look again at the end of this turn. */
void ffd_conn_touch(struct ffd_conn *c);

/* Write in one of the next turns, after those that were told before. */
void ffd_conn_touch_told(struct ffd_conn *c);

/* A request is taken that will be answered later; and it was answered, or
   needs no answer any more. */
void ffd_conn_begin(struct ffd_conn *c);
void ffd_conn_end(struct ffd_daemon *d, uint64_t number);

/* Close now; what is collected is lost. */
void ffd_conn_close(struct ffd_conn *c);

/* Close when what is collected has been written. */
void ffd_conn_close_after(struct ffd_conn *c);

/* Give to the socket what it takes now of what is collected; for a last word
   before ffd_conn_close. */
void ffd_conn_try_write(struct ffd_conn *c);

/* Take no more from anybody. */
void ffd_conns_stop_reading(struct ffd_daemon *d);
void ffd_conns_close(struct ffd_daemon *d);

/* Messages that waited for this turn. */
void ffd_conns_run_backlog(struct ffd_daemon *d);

/* All that was read: the daemon stops, and what came in is in flight. */
void ffd_conns_run_all(struct ffd_daemon *d);

/* The end of a turn: write what was collected. */
void ffd_conns_flush(struct ffd_daemon *d);

/*
 * The block that holds the message just got from c->in, moved to the caller,
 * who frees it; the message stays where it is in it, and the stream goes on
 * with a new block. For large messages, whose copy would hold up the loop.
 * NULL if there is no memory.
 */
uint8_t *ffd_conn_steal(struct ffd_conn *c);

#endif
