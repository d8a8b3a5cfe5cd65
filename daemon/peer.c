#include "daemon/peer.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/conn.h"

#define GROUPS_MAX 1024

void ffd_peer_read(struct ffd_peer *p, int fd)
{
    struct ucred cred;
    socklen_t n = sizeof(cred);

    memset(p, 0, sizeof(*p));
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0)
        return;
    p->known = true;
    p->uid = cred.uid;
    p->gid = cred.gid;
    p->pid = cred.pid;
}

bool ffd_peer_is_admin(const struct ffd_peer *p, uid_t own, const gid_t *groups,
                       size_t n, const struct ffd_config *config)
{
    if (!config->admins_given)
        return true;
    if (!p->known)
        return false;
    if (p->uid == 0 || p->uid == own)
        return true;
    for (size_t i = 0; i < config->n_admins; i++) {
        const struct ffd_admin *a = &config->admins[i];

        if (!a->is_group && p->uid == (uid_t)a->id)
            return true;
        if (a->is_group && p->gid == (gid_t)a->id)
            return true;
        for (size_t j = 0; a->is_group && j < n; j++) {
            if (groups[j] == (gid_t)a->id)
                return true;
        }
    }
    return false;
}

enum ffp_role ffd_peer_role(const struct ffd_peer *p, int fd,
                            const struct ffd_config *config)
{
    gid_t groups[GROUPS_MAX];
    socklen_t n = sizeof(groups);

    /* Who is in more groups than that has the first, its own, in any case. */
    if (!config->admins_given ||
        getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n) < 0)
        n = 0;
    return ffd_peer_is_admin(p, geteuid(), groups, n / sizeof(*groups), config)
               ? FFP_ROLE_ADMIN
               : FFP_ROLE_FEED;
}

const char *ffd_peer_text(const struct ffd_conn *c, char out[FFD_PEER_TEXT_MAX])
{
    struct sockaddr_storage sa;
    int n = sizeof(sa);
    char host[INET6_ADDRSTRLEN] = "?";

    if (c->way == FFD_WAY_UNIX) {
        snprintf(out, FFD_PEER_TEXT_MAX, "uid %ld, pid %ld", (long)c->peer.uid,
                 (long)c->peer.pid);
        return out;
    }
    if (uv_tcp_getpeername(&c->uv.tcp, (struct sockaddr *)&sa, &n) < 0) {
        snprintf(out, FFD_PEER_TEXT_MAX, "a peer that has left");
    } else if (sa.ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&sa;

        uv_ip6_name(v6, host, sizeof(host));
        snprintf(out, FFD_PEER_TEXT_MAX, "[%s]:%u", host,
                 (unsigned)ntohs(v6->sin6_port));
    } else {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)&sa;

        uv_ip4_name(v4, host, sizeof(host));
        snprintf(out, FFD_PEER_TEXT_MAX, "%s:%u", host,
                 (unsigned)ntohs(v4->sin_port));
    }
    return out;
}
