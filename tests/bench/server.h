/*
 * server.h -- an ffd of one's own: started on an empty state directory under
 * TMPDIR, with models m0, m1 ... of the default net, and stopped with it.
 *
 * One at a time. Nothing outlives the program: on exit it is stopped and its
 * directory removed. If the program is killed, ffd gets SIGTERM and the
 * directory stays; scripts/bench makes TMPDIR and removes that.
 */
#ifndef FFD_BENCH_SERVER_H
#define FFD_BENCH_SERVER_H

#include <stddef.h>
#include <sys/types.h>

struct server {
    pid_t pid;
    char dir[128];
    char unix_address[160], tcp_address[64];
};

struct server_plan {
    const char *ffd; /* path of the binary; borrowed */
    size_t models;
    const size_t *shape; /* height, width of a frame; borrowed */
    const char *sleep;   /* "off", or "{...}" in YAML; borrowed */
    const char *top;     /* more lines of the configuration, or NULL */
};

/* Returns when it answers; ends the program when it does not. */
void server_start(struct server *s, const struct server_plan *plan);

/* SIGTERM, wait, remove the directory. Ends the program if ffd failed. */
void server_stop(struct server *s);

#endif
