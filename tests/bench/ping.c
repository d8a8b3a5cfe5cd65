/*
 * ping.c -- pings a second: what the protocol itself costs.
 *
 *   bench_ping FFD [NAME=VALUE ...]
 *
 * FFD is the daemon's binary. Clients of one thread keep `depth` pings under
 * way each; a client sends its next ones when all have been answered. Requests
 * are encoded beforehand and answers compared byte by byte, so that little
 * more than the daemon is measured; client_cpu tells how near the client was
 * to its own limit.
 *
 * Each of these may be narrowed to one value; all combinations are measured:
 *   transport=unix|tcp   clients=50   depth=1|16
 * Also: seconds=3 repeats=5, of which the median, least and most are told.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/client.h"
#include "proto/pack.h"
#include "proto/reply.h"
#include "tests/bench/measure.h"
#include "tests/bench/peer.h"
#include "tests/bench/server.h"

#define CLIENTS_MAX 1000
#define DEPTH_MAX   64 /* so that a msgid is one byte */
#define REPEATS_MAX 101

struct options {
    const char *transport; /* NULL: both */
    size_t clients, depth; /* depth 0: both */
    size_t seconds, repeats;
};

/* Requests of one round and their answers, in order. */
struct script {
    struct ffp_buf ask, answer;
};

struct client {
    int fd;
    size_t got; /* bytes of this round's answers */
};

struct load {
    const struct script *script;
    struct client *clients;
    size_t n, depth;
    int epoll;
};

static void write_script(struct script *s, size_t depth)
{
    ffp_buf_init(&s->ask, 1 << 20);
    ffp_buf_init(&s->answer, 1 << 20);
    for (size_t i = 0; i < depth; i++) {
        ffp_call_begin(&s->ask, (uint32_t)i, "ping", 0);
        ffp_reply_begin(&s->answer, (uint32_t)i);
        ffp_pack_str(&s->answer, "pong");
    }
    if (s->ask.failed || s->answer.failed)
        die("out of memory");
}

static void ask(const struct load *l, struct client *c)
{
    const struct ffp_buf *b = &l->script->ask;

    c->got = 0;
    /* A round is far smaller than a socket's buffer. */
    if (send(c->fd, b->data, b->n, MSG_NOSIGNAL) != (ssize_t)b->n)
        die("cannot send: %s", strerror(errno));
}

/* The number of rounds that ended: 0 or 1. */
static size_t take(const struct load *l, struct client *c)
{
    const struct ffp_buf *want = &l->script->answer;
    uint8_t bytes[4096];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0)
        die("ffd closed the connection");
    if ((size_t)n > want->n - c->got ||
        memcmp(bytes, want->data + c->got, (size_t)n) != 0)
        die("ffd does not answer pong");
    c->got += (size_t)n;
    return c->got == want->n;
}

/* Pings answered until a moment. */
static size_t drive(const struct load *l, double until)
{
    struct epoll_event events[64];
    size_t rounds = 0;

    while (measure_now() < until) {
        int n = epoll_wait(l->epoll, events, 64, 100);

        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;

            if (!take(l, c))
                continue;
            rounds++;
            ask(l, c);
        }
    }
    return rounds * l->depth;
}

static void load_open(struct load *l, const char *address)
{
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->clients = calloc(l->n, sizeof *l->clients);
    if (l->epoll < 0 || !l->clients)
        die("out of memory");
    for (size_t i = 0; i < l->n; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = &l->clients[i]};

        l->clients[i].fd = peer_connect(address);
        if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->clients[i].fd, &e))
            die("epoll: %s", strerror(errno));
        ask(l, &l->clients[i]);
    }
}

static void load_close(struct load *l)
{
    for (size_t i = 0; i < l->n; i++)
        close(l->clients[i].fd);
    close(l->epoll);
    free(l->clients);
}

/* Pings a second. */
static double measure(const struct server *s, struct load *l,
                      const char *transport, double seconds, struct meter *m)
{
    size_t n;

    load_open(l, strcmp(transport, "tcp") ? s->unix_address : s->tcp_address);
    drive(l, measure_now() + 0.2);
    meter_start(m, s->pid);
    n = drive(l, measure_now() + seconds);
    meter_stop(m);
    load_close(l);
    return (double)n / m->seconds;
}

static void report(const struct server *s, const struct options *o,
                   const char *transport, size_t depth)
{
    double rate[REPEATS_MAX], mine[REPEATS_MAX], its[REPEATS_MAX],
        others[REPEATS_MAX];
    struct script script;
    struct load l = {.script = &script, .n = o->clients, .depth = depth};
    double median;

    write_script(&script, depth);
    for (size_t i = 0; i < o->repeats; i++) {
        struct meter m;

        rate[i] = measure(s, &l, transport, (double)o->seconds, &m);
        mine[i] = m.client_cpu;
        its[i] = m.daemon_cpu;
        others[i] = m.others_cpu;
    }
    median = measure_median(rate, o->repeats);
    printf("{\"bench\":\"ping\",\"transport\":\"%s\",\"clients\":%zu,"
           "\"depth\":%zu,\"repeats\":%zu,\"pings_per_second\":%.0f,"
           "\"least\":%.0f,\"most\":%.0f,\"client_cpu\":%.2f,"
           "\"daemon_cpu\":%.2f,\"others_cpu\":%.2f}\n",
           transport, o->clients, depth, o->repeats, median, rate[0],
           rate[o->repeats - 1], measure_median(mine, o->repeats),
           measure_median(its, o->repeats), measure_median(others, o->repeats));
    fflush(stdout);
    ffp_buf_release(&script.ask);
    ffp_buf_release(&script.answer);
}

static void set(struct options *o, const char *arg)
{
    const char *v;

    if ((v = measure_argument(arg, "transport")))
        o->transport = v;
    else if ((v = measure_argument(arg, "clients")))
        o->clients = measure_number("clients", v, 1, CLIENTS_MAX);
    else if ((v = measure_argument(arg, "depth")))
        o->depth = measure_number("depth", v, 1, DEPTH_MAX);
    else if ((v = measure_argument(arg, "seconds")))
        o->seconds = measure_number("seconds", v, 1, 3600);
    else if ((v = measure_argument(arg, "repeats")))
        o->repeats = measure_number("repeats", v, 1, REPEATS_MAX);
    else
        die("unknown argument %s", arg);
}

int main(int argc, char **argv)
{
    static const char *const transports[] = {"unix", "tcp"};
    static const size_t depths[] = {1, 16}, shape[] = {28, 28};
    struct options o = {.clients = 50, .seconds = 3, .repeats = 5};
    struct server s;

    if (argc < 2) {
        fprintf(stderr, "usage: bench_ping FFD [NAME=VALUE ...]\n");
        return 2;
    }
    for (int i = 2; i < argc; i++)
        set(&o, argv[i]);
    server_start(&s, &(struct server_plan){argv[1], 1, shape, "off", NULL});
    for (int t = 0; t < 2; t++) {
        if (o.transport && strcmp(o.transport, transports[t]) != 0)
            continue;
        for (int d = 0; d < (o.depth ? 1 : 2); d++)
            report(&s, &o, transports[t], o.depth ? o.depth : depths[d]);
    }
    server_stop(&s);
    return 0;
}
