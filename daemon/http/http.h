/*
 * http.h -- what is read over HTTP: dashboard, metrics, health (README.md).
 *
 * libmicrohttpd parses and writes; it has no thread of its own. Its epoll
 * descriptor is watched by the loop, and after each run a timer stands for what
 * it waits for. So everything here is on the loop's thread, and an idle daemon
 * with no reader stays asleep.
 *
 *   server.c   the library on the loop, beginning and end
 *   route.c    a path to its answer
 *   guard.c    who may read
 *   readers.c  server-sent events
 *   files.h    the dashboard's files, compiled in
 */
#ifndef FFD_HTTP_H
#define FFD_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/config.h"
#include "proto/buf.h"
#include "proto/event.h"

#define FFD_HTTP_CONNECTIONS 64 /* more wait until one of these goes */

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;
struct ffd_daemon;
struct ffd_http_reader;

/* Answers that are long to make and the same for all. */
enum ffd_http_shared {
    FFD_HTTP_MODELS,
    FFD_HTTP_STATS,
    FFD_HTTP_METRICS,
    FFD_HTTP_SHARED
};

struct ffd_http {
    struct MHD_Daemon *mhd; /* owned; NULL: off */
    uv_poll_t poll;         /* its epoll descriptor; data: the daemon */
    uv_timer_t timer;       /* its next timeout; data: the daemon */
    uv_timer_t tick;        /* while there are readers; data: the daemon */
    char host[64];          /* of its address, which Host may name */
    int port;               /* as bound */
    struct ffd_http_reader *readers; /* owned list, of server-sent events */
    size_t n_readers;
    uint64_t requests, refused;

    /* made in this run, for all who ask in it; owned, NULL: not yet */
    struct MHD_Response *shared[FFD_HTTP_SHARED];
    char *tick_text;
};

/* Listen where the configuration says. 0, or -1 and a sentence: the address was
   asked for and cannot be had. */
int ffd_http_start(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX]);

/* Every reader is let go, the port closed, the handles too. */
void ffd_http_stop(struct ffd_daemon *d);

/* Open connections. */
size_t ffd_http_connections(const struct ffd_daemon *d);

/* What the library has to do, and when it is to be asked again. */
void ffd_http_run(struct ffd_daemon *d);

/* The same, in the next turn. */
void ffd_http_soon(struct ffd_daemon *d);

/* ---- route.c ------------------------------------------------------------- */

/* Answer a request whose headers were read. False: it is to be dropped. */
bool ffd_http_route(struct ffd_daemon *d, struct MHD_Connection *c,
                    const char *url);

/* A sentence, as {"error": "CODE: sentence"}. header (or NULL): one more, name
   and value. */
bool ffd_http_refuse(struct ffd_daemon *d, struct MHD_Connection *c,
                     unsigned status, const char *sentence,
                     const char *const header[2]);

/* ---- guard.c ------------------------------------------------------------- */

/* Whether its Host is one of ours. */
bool ffd_http_host_is_ours(const struct ffd_daemon *d,
                           struct MHD_Connection *c);

/* Whether it may read what is not for everybody. */
bool ffd_http_may_read(const struct ffd_daemon *d, struct MHD_Connection *c);

/* ---- readers.c ----------------------------------------------------------- */

/* Make the connection a reader of events, from now on. */
bool ffd_http_reader_begin(struct ffd_daemon *d, struct MHD_Connection *c);

/* An event was told (event.h): payload, packed. */
void ffd_http_event(struct ffd_daemon *d, enum ffp_topic topic,
                    const uint8_t *payload, size_t n);

/* Whether an event of that topic would be read by anybody. */
bool ffd_http_wants(const struct ffd_daemon *d, enum ffp_topic topic);

/* Let all go; who still may comes again. */
void ffd_http_readers_end(struct ffd_daemon *d);

#endif
