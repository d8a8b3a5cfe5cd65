/*
 * inherit.h -- sockets that systemd opened for us (socket activation).
 *
 * One replaces the `listen` entry of its address: "unix:" by path, "tcp:" and
 * "tls:" by host and port, where port 0 takes whatever port was chosen. Its
 * file is systemd's: it is not looked at before, and it stays when we go.
 *
 * The configuration says who may come in. A socket that no entry names is
 * therefore an error: served, it would be a door that the file does not know;
 * left alone, its peers would wait for ever.
 */
#ifndef FFD_INHERIT_H
#define FFD_INHERIT_H

#include <stdbool.h>

#include "daemon/config.h"

struct ffd_inherited {
    int first, n; /* descriptors first to first + n - 1 */
    bool taken[FFD_LISTEN_MAX];
};

/* Those given to this process: each a listening stream socket, and no more
   than there may be entries. 0, or -1 and a sentence. Once a process. */
int ffd_inherit(struct ffd_inherited *in, char why[FFD_CONFIG_WHY_MAX]);

/* The socket of a checked address, now the caller's; -1: none. */
int ffd_inherit_take(struct ffd_inherited *in, const char *address);

/* Whether all were taken: 0, or -1 and a sentence that names one that was
   not. */
int ffd_inherit_check(const struct ffd_inherited *in,
                      char why[FFD_CONFIG_WHY_MAX]);

#endif
