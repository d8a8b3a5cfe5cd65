/*
 * tls.h -- TLS between a socket and a stream, without either: bytes from the
 * peer in, plaintext out; plaintext in, bytes for the peer out.
 *
 *   SHAKING -> OPEN    the handshake is done           [ffd_tls_open]
 *   SHAKING -> FAILED  it cannot be                    [ffd_tls_open]
 *   OPEN    -> ENDED   the peer said its last word     [ffd_tls_open]
 *   OPEN    -> FAILED  its bytes are no TLS of ours    [ffd_tls_open]
 *
 * OpenSSL works on two memory BIOs, so nothing here waits or knows libuv. What
 * comes in is at once made plaintext, which is never more, so the limits of a
 * plain connection hold as they are; what is kept of the ciphertext is at most
 * a record that is not whole. What goes out is sealed in slices, as the socket
 * takes it.
 *
 * TLS 1.2 and 1.3; no renegotiation, compression, session cache or tickets: a
 * server of a few long connections gains nothing by them.
 */
#ifndef FFD_TLS_H
#define FFD_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"
#include "proto/buf.h"

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

enum ffd_tls_state {
    FFD_TLS_SHAKING,
    FFD_TLS_OPEN,
    FFD_TLS_ENDED,
    FFD_TLS_FAILED
};

struct ffd_tls {
    struct ssl_st *ssl;      /* owned */
    struct bio_st *in, *out; /* borrowed from ssl */
    enum ffd_tls_state state;
    bool begun;   /* the first byte was looked at */
    bool not_tls; /* and it was none of TLS */
};

/* What OpenSSL holds for a connection, about; for accounts of memory. */
#define FFD_TLS_BYTES ((size_t)48 * 1024)

/*
 * Certificate, key, and the CA that peers' certificates must be of ("" for
 * none), whole or not at all. 0 and a context for ffd_tls_context_free, or -1
 * and a sentence that names the key.
 */
int ffd_tls_context_new(struct ssl_ctx_st **out,
                        const struct ffd_tls_files *files,
                        char why[FFD_CONFIG_WHY_MAX]);
void ffd_tls_context_free(struct ssl_ctx_st *ctx); /* NULL is allowed */

/* The server's end of a connection; it holds on to the context. 0, or -1
   without memory. */
int ffd_tls_init(struct ffd_tls *t, struct ssl_ctx_st *ctx);
void ffd_tls_release(struct ffd_tls *t);

/* Bytes from the peer. 0, or -1 without memory. */
int ffd_tls_feed(struct ffd_tls *t, const void *bytes, size_t n);

/* Whether bytes were fed that ffd_tls_open has not looked at. */
bool ffd_tls_fed(const struct ffd_tls *t);

/* Up to n bytes of plaintext; 0: none now, or the state is ENDED or FAILED.
   Drives the handshake. */
size_t ffd_tls_open(struct ffd_tls *t, void *plain, size_t n);

/* Seal all n bytes of plaintext, n > 0, once the state is OPEN. 0, or -1. */
int ffd_tls_seal(struct ffd_tls *t, const void *plain, size_t n);

/* Say that no more will be sent, if the peer may still be told. */
void ffd_tls_shut(struct ffd_tls *t);

/* Bytes that wait for the peer, and moving them behind those of a buffer:
   0, or -1 without memory. */
size_t ffd_tls_waiting(const struct ffd_tls *t);
int ffd_tls_take(struct ffd_tls *t, struct ffp_buf *out);

/* Why it FAILED; borrowed until the next call of anything here. */
const char *ffd_tls_why(const struct ffd_tls *t);

#endif
