/*
 * guard.h -- who may do what, now and after a reload.
 *
 *   NEW   -> ADMITTED  its way in gives a role, and a TLS handshake, if it
 *                      has one, is done            [ffd_guard_opened]
 *   NEW   -> ADMITTED  it shows a token            [ffd_guard_auth]
 *   NEW   -> closed    2 s have passed, or three bad tokens
 *
 * A NEW connection may send hello, ping and auth, in messages of at most 16
 * KiB. All wait equally long, so they stand in one line and one timer watches
 * its head.
 *
 * A reload that cannot read the tokens or the certificate changes nothing. One
 * that can closes whoever's token went, or who would now need one; connections
 * by Unix sockets are judged by the new `admins`. Running TLS connections keep
 * the certificate they began with.
 */
#ifndef FFD_GUARD_H
#define FFD_GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/tokens.h"

struct ffd_conn;
struct ffd_daemon;
struct ssl_ctx_st;

/* What files say; swapped whole. */
struct ffd_keys_held {
    struct ffd_tokens tokens; /* owned */
    struct ssl_ctx_st *tls;   /* owned; NULL: none */
};

struct ffd_guard {
    struct ffd_keys_held held;
    uv_timer_t timer;              /* for the head of: */
    struct ffd_conn *first, *last; /* NEW connections, oldest first */
    uint64_t handshakes, failed;   /* of TLS, ever */
    uint64_t shaking_us;           /* spent on handshakes in this turn */
};

/* Read what a configuration names. 0 and something to release, or -1 and why.
 */
int ffd_keys_held_load(struct ffd_keys_held *k, const struct ffd_config *config,
                       char why[FFD_CONFIG_WHY_MAX]);
void ffd_keys_held_release(struct ffd_keys_held *k);

int ffd_guard_start(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX]);
void ffd_guard_stop(struct ffd_daemon *d);
void ffd_guard_release(struct ffd_daemon *d);

/* After d->config has changed: these are its keys (moved). */
void ffd_guard_reload(struct ffd_daemon *d, struct ffd_keys_held *k);

/* Whether who comes that way must show a token. */
bool ffd_guard_needs_token(const struct ffd_daemon *d,
                           const struct ffd_conn *c);

/* A connection was accepted; its handshake is done; it closes. */
void ffd_guard_came(struct ffd_conn *c);
void ffd_guard_opened(struct ffd_conn *c);
void ffd_guard_left(struct ffd_conn *c);

/* A token, n bytes: whether it was one; the connection has its role then.
   After the third that was none the connection is to be closed. */
bool ffd_guard_auth(struct ffd_conn *c, const char *token, size_t n);

#endif
