/*
 * Readers of /api/events. A reader's connection is suspended while there is
 * nothing for it; a tick or an event is made once, appended to each, and wakes
 * them. What a reader does not take in time costs it its connection: a browser
 * comes again, and the page asks for the history anew.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/daemon.h"
#include "daemon/http/http.h"
#include "daemon/numbers.h"
#include "proto/json.h"
#include "proto/limits.h"
#include "proto/pack.h"

#define TICK_MS      1000
#define BLOCK        4096
#define WAITING_MOST ((size_t)256 * 1024) /* then no event is added to them */
#define HELLO        "retry: 2000\n\n"

struct ffd_http_reader {
    struct ffd_http_reader *next;
    struct ffd_daemon *d;
    struct MHD_Connection *c;
    struct ffp_buf waiting;
    bool asleep; /* suspended */
    bool ends;
};

/* ---- one reader ---------------------------------------------------------- */

static ssize_t on_read(void *cls, uint64_t at, char *out, size_t most)
{
    struct ffd_http_reader *r = cls;
    size_t n = r->waiting.n < most ? r->waiting.n : most;

    (void)at;
    if (n > 0) {
        memcpy(out, r->waiting.data, n);
        ffp_buf_shift(&r->waiting, n);
        return (ssize_t)n;
    }
    if (r->ends)
        return MHD_CONTENT_READER_END_OF_STREAM;
    r->asleep = true;
    MHD_suspend_connection(r->c);
    return 0;
}

static void wake(struct ffd_http_reader *r)
{
    if (r->asleep)
        MHD_resume_connection(r->c);
    r->asleep = false;
}

/* Its socket is shut, so that the library sees its end whether or not the peer
   reads. */
static void cut_off(struct ffd_http_reader *r)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->c, MHD_CONNECTION_INFO_CONNECTION_FD);

    r->ends = true;
    ffp_buf_clear(&r->waiting);
    if (info)
        shutdown(info->connect_fd, SHUT_RDWR);
    wake(r);
}

static void give(struct ffd_http_reader *r, const char *text, size_t n)
{
    if (!r->ends && (r->waiting.n > WAITING_MOST ||
                     ffp_buf_add(&r->waiting, text, n) < 0)) {
        ffd_log_some(FFD_LOG_NOTICE, "http reader", ffd_now_ms(r->d),
                     "http: a reader of events does not read; cut off");
        r->d->http.refused++;
        cut_off(r);
    }
    wake(r);
}

static void on_gone(void *cls)
{
    struct ffd_http_reader *r = cls, **at = &r->d->http.readers;

    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    if (--r->d->http.n_readers == 0)
        uv_timer_stop(&r->d->http.tick);
    ffp_buf_release(&r->waiting);
    free(r);
}

/* ---- all of them --------------------------------------------------------- */

/* One event to all, or to one. data: JSON; NULL: there was no memory. */
static void tell(struct ffd_daemon *d, struct ffd_http_reader *only,
                 const char *event, const char *data)
{
    size_t n = data ? strlen(data) + strlen(event) + 32 : 0;
    char *text = data ? malloc(n) : NULL;
    int length;

    if (text) {
        length = snprintf(text, n, "event: %s\ndata: %s\n\n", event, data);
        for (struct ffd_http_reader *r = d->http.readers; r; r = r->next) {
            if (!only || r == only)
                give(r, text, (size_t)length);
        }
    }
    free(text);
}

/* Borrowed; the same for all who begin to read in this run. */
static const char *tick_text(struct ffd_daemon *d)
{
    char *stats, *text = NULL;
    struct ffp_buf b;
    int n;

    if (d->http.tick_text)
        return d->http.tick_text;
    ffp_buf_init(&b, FFP_MAX_MESSAGE_BYTES);
    ffd_pack_stats(&b, d, NULL);
    stats = b.failed ? NULL : ffp_json_packed(b.data, b.n);
    ffp_buf_release(&b);
    n = stats ? (int)strlen(stats) + 48 : 0;
    if (stats)
        text = malloc((size_t)n);
    if (text) /* stats is an object: its brace gives way to the time */
        snprintf(text, (size_t)n, "{\"time\":%.3f,%s", ffd_unix_s(), stats + 1);
    free(stats);
    d->http.tick_text = text;
    return text;
}

static void on_tick(uv_timer_t *timer)
{
    struct ffd_daemon *d = timer->data;

    tell(d, NULL, "tick", tick_text(d));
    ffd_http_run(d);
}

bool ffd_http_reader_begin(struct ffd_daemon *d, struct MHD_Connection *c)
{
    struct ffd_http_reader *r = calloc(1, sizeof(*r));
    struct MHD_Response *response;
    bool ok;

    if (!r)
        return false;
    r->d = d;
    r->c = c;
    ffp_buf_init(&r->waiting, FFP_MAX_OUTPUT_BYTES);
    response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK,
                                                 on_read, r, on_gone);
    if (!response) {
        free(r);
        return false;
    }
    r->next = d->http.readers;
    d->http.readers = r;
    if (d->http.n_readers++ == 0)
        uv_timer_start(&d->http.tick, on_tick, TICK_MS, TICK_MS);
    give(r, HELLO, strlen(HELLO));
    tell(d, r, "tick", tick_text(d));
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            "text/event-stream");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
                            "no-store");
    ok = MHD_queue_response(c, MHD_HTTP_OK, response) == MHD_YES;
    MHD_destroy_response(response);
    return ok;
}

bool ffd_http_wants(const struct ffd_daemon *d, enum ffp_topic topic)
{
    return d->http.n_readers > 0 &&
           (topic == FFP_T_drift || topic == FFP_T_novelty ||
            topic == FFP_T_anomaly || topic == FFP_T_snapshot);
}

void ffd_http_event(struct ffd_daemon *d, enum ffp_topic topic,
                    const uint8_t *payload, size_t n)
{
    char *data = ffp_json_packed(payload, n);

    tell(d, NULL, ffp_topic_table[topic].name, data);
    free(data);
    ffd_http_soon(d); /* not inside of whatever happened */
}

void ffd_http_readers_end(struct ffd_daemon *d)
{
    for (struct ffd_http_reader *r = d->http.readers; r; r = r->next)
        cut_off(r);
    ffd_http_run(d);
}
