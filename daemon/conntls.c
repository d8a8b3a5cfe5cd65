/*
 * TLS of a connection, between its socket and its streams.
 *
 *     socket -> ciphertext -> tls -> c->in               [ffd_conn_unseal]
 *     c->out -> c->plain -> tls -> c->sealed -> socket   [ffd_conn_seal]
 *
 * c->plain is what c->out was when sealing began, so that a great answer is not
 * moved to the front of its buffer after each slice.
 */
#include <inttypes.h>

#include "daemon/conn_parts.h"
#include "daemon/daemon.h"

#define SLICE_BYTES ((size_t)128 * 1024) /* sealed at a time */
#define SHAKING_US  1000                 /* of handshakes in a turn */

size_t ffd_conn_sealing(const struct ffd_conn *c)
{
    return c->tls ? c->plain.n - c->plain_at + c->sealed.n +
                        ffd_tls_waiting(c->tls)
                  : 0;
}

static void fail(struct ffd_conn *c, bool shaking)
{
    char text[FFD_PEER_TEXT_MAX];

    c->d->guard.failed += shaking;
    ffd_log_some(FFD_LOG_NOTICE, "tls", ffd_now_ms(c->d),
                 "connection %" PRIu64 " (%s): %s: %s; closed", c->number,
                 ffd_peer_text(c, text),
                 shaking ? "the TLS handshake failed" : "TLS failed",
                 ffd_tls_why(c->tls));
    ffd_conn_close_after(c);
}

/* The states that were reached. */
static void follow(struct ffd_conn *c, bool shaking)
{
    enum ffd_tls_state now = c->tls->state;

    if (now == FFD_TLS_FAILED) {
        fail(c, shaking);
        return;
    }
    if (now == FFD_TLS_ENDED)
        c->ended = true;
    if (shaking && now == FFD_TLS_OPEN) {
        c->d->guard.handshakes++;
        ffd_guard_opened(c);
    }
}

/* All there is: plaintext is never more than what was read. */
static int open_all(struct ffd_conn *c)
{
    uint8_t *at;
    size_t n;

    do {
        if (ffp_stream_reserve(&c->in, &at, &n) < 0)
            return -1;
        n = ffd_tls_open(c->tls, at, n);
        ffp_stream_commit(&c->in, n);
    } while (n > 0);
    ffd_conn_account(c);
    return 0;
}

void ffd_conn_unseal(struct ffd_conn *c)
{
    struct ffd_guard *g = &c->d->guard;
    bool shaking = c->tls->state == FFD_TLS_SHAKING;
    uint64_t began_us = shaking ? ffd_now_us() : 0;

    if (c->closing || c->last_word || !ffd_tls_fed(c->tls))
        return;
    if (shaking && g->shaking_us >= SHAKING_US) {
        ffd_conn_set_backlog(c, true);
        return;
    }
    if (open_all(c) < 0) {
        ffd_conn_close(c);
        return;
    }
    if (shaking)
        g->shaking_us += ffd_now_us() - began_us;
    follow(c, shaking);
}

int ffd_conn_seal(struct ffd_conn *c)
{
    size_t n;

    if (c->tls->state == FFD_TLS_FAILED) { /* nobody could read it */
        ffp_buf_clear(&c->out);
        c->plain_at = c->plain.n;
    } else if (c->tls->state != FFD_TLS_SHAKING) {
        if (c->plain_at == c->plain.n) {
            struct ffp_buf spare = c->plain;

            c->plain = c->out;
            c->out = spare;
            ffp_buf_clear(&c->out);
            c->plain_at = 0;
        }
        n = c->plain.n - c->plain_at;
        n = n < SLICE_BYTES ? n : SLICE_BYTES;
        if (n > 0 && ffd_tls_seal(c->tls, c->plain.data + c->plain_at, n) < 0)
            return -1;
        c->plain_at += n;
        if (c->plain_at == c->plain.n) {
            ffp_buf_clear(&c->plain);
            c->plain_at = 0;
        }
    }
    return ffd_tls_take(c->tls, &c->sealed);
}
