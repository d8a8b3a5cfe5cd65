/*
 * bare.h -- the least a server can do: accept, and close at once.
 *
 * What a storm of connections costs everybody on a machine, whoever is its
 * target: the kernel's part and the attacker's own. A process of its own, on a
 * Unix socket and a loopback port beside a struct server's.
 */
#ifndef FFD_BENCH_BARE_H
#define FFD_BENCH_BARE_H

#include <sys/types.h>

struct bare {
    pid_t pid;
    char path[192];
    char unix_address[200], tcp_address[64];
};

/* dir: where its socket goes; borrowed. Ends the program if it fails. */
void bare_start(struct bare *b, const char *dir);
void bare_stop(struct bare *b);

#endif
