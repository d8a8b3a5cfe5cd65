/*
 * tls.h -- TLS over a connected, non-blocking socket, as the client.
 *
 * The server's certificate is always verified, and that it is of the host or
 * IP address that was asked for; there is no way around it. Calls answer as
 * recv and send do, so that those who read and write need not care which it
 * is. No call raises SIGPIPE.
 */
#ifndef FFC_TLS_H
#define FFC_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "clients/c/ffclient.h"

struct ffc_tls;

/* Files, each may be NULL: see struct ffc_options. */
struct ffc_tls_files {
    const char *ca, *certificate, *key;
};

/*
 * Shake hands with host over fd (borrowed), within timeout_ms. FFC_OK and an
 * owned connection for ffc_tls_close, or a code with the sentence in why:
 * FFC_EARGUMENT for a file that cannot be used, FFC_ECONNECT otherwise.
 */
int ffc_tls_open(struct ffc_tls **out, int fd, const char *host,
                 const struct ffc_tls_files *files, int timeout_ms,
                 char why[FFC_WHY_MAX]);

/* Say goodbye if the socket takes it; NULL is allowed. fd stays open. */
void ffc_tls_close(struct ffc_tls *t);

/* As recv and send: -1 with EAGAIN to wait, with EPROTO and ffc_tls_why when
   TLS itself failed. */
ssize_t ffc_tls_recv(struct ffc_tls *t, void *to, size_t n);
ssize_t ffc_tls_send(struct ffc_tls *t, const void *from, size_t n);

/* Bytes are there already that poll does not know of. */
bool ffc_tls_holds(const struct ffc_tls *t);

/* Borrowed until the next call. */
const char *ffc_tls_why(const struct ffc_tls *t);

#endif
