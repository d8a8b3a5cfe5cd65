/*
 * address.h -- where a daemon is, as text and in parts.
 *
 *     unix:/run/ffd/ffd.sock
 *     tcp:127.0.0.1:7310   tcp:localhost:7310   tcp:[::1]:7310
 *     tls:ffd.example.org:7311
 *
 * An IPv6 address stands in brackets, or its colons could be the port's.
 */
#ifndef FFC_ADDRESS_H
#define FFC_ADDRESS_H

#include <stdbool.h>

#include "clients/c/ffclient.h"

#define FFC_PATH_MAX 108 /* sun_path of Linux, with terminator */
#define FFC_HOST_MAX 256

struct ffc_address {
    bool local;              /* a Unix socket, else TCP */
    bool tls;                /* over TCP */
    char path[FFC_PATH_MAX]; /* local */
    char host[FFC_HOST_MAX]; /* TCP, without brackets */
    char port[6];            /* TCP, 1 to 65535 */
};

/* FFC_OK, or FFC_EADDRESS with the sentence in why. */
int ffc_address_parse(struct ffc_address *out, const char *text,
                      char why[FFC_WHY_MAX]);

#endif
