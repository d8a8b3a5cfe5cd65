/*
 * peer.h -- who is at the other end of a connection, and what the way it came
 * by lets it do.
 *
 *   Unix socket   feed, and so query: the file's mode has let it in. admin
 *                 too, unless `admins` is given: then root, the daemon's own
 *                 user and those that it names.
 *   tcp:, tls:    feed; where tokens are configured nothing, until one is
 *                 shown.
 *
 * The kernel says who opened a Unix socket (SO_PEERCRED, SO_PEERGROUPS), as
 * that process was when it connected. A token may give more, never less.
 */
#ifndef FFD_PEER_H
#define FFD_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "daemon/config.h"
#include "proto/method.h"

enum ffd_way { FFD_WAY_UNIX, FFD_WAY_TCP, FFD_WAY_TLS };

#define FFD_PEER_TEXT_MAX 80

struct ffd_conn;

/* Of a Unix socket. */
struct ffd_peer {
    bool known;
    uid_t uid;
    gid_t gid;
    pid_t pid;
};

/* Ask the kernel. */
void ffd_peer_read(struct ffd_peer *p, int fd);

/* What admins: says of it; fd is asked for its groups. */
enum ffp_role ffd_peer_role(const struct ffd_peer *p, int fd,
                            const struct ffd_config *config);

/* The same of given groups (n); for the one above, and for tests. */
bool ffd_peer_is_admin(const struct ffd_peer *p, uid_t own, const gid_t *groups,
                       size_t n, const struct ffd_config *config);

/* "uid 1000, pid 4711", or "192.168.0.7:55001", for the log; returns out. */
const char *ffd_peer_text(const struct ffd_conn *c,
                          char out[FFD_PEER_TEXT_MAX]);

#endif
