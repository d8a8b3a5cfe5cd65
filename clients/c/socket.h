/*
 * socket.h -- a connected, non-blocking stream socket, and waiting for it.
 *
 * The library looks blocking from outside; inside, the socket never blocks,
 * so that a long request can be sent while answers are read.
 */
#ifndef FFC_SOCKET_H
#define FFC_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/c/address.h"
#include "clients/c/ffclient.h"

/* A connected socket (>= 0, owned, for close()), or FFC_ECONNECT with the
   sentence in why. Every address a name resolves to is tried. */
int ffc_socket_connect(const struct ffc_address *a, const char *text,
                       int timeout_ms, char why[FFC_WHY_MAX]);

/* Whether the peer is on this machine: a Unix socket, or loopback. */
bool ffc_socket_is_near(int fd);

/* Make fd ready for the functions below; -1 with errno. */
int ffc_socket_prepare(int fd);

/* Wait for any of poll's events; what came, 0 on timeout, -1 with errno. */
int ffc_socket_wait(int fd, short events, int timeout_ms);

/* The same, but a signal ends it (EINTR), and timeout_ms below 0 waits for
   ever. */
int ffc_socket_poll(int fd, short events, int timeout_ms);

/* Of a clock that only goes forward. */
long long ffc_now_ms(void);

#endif
