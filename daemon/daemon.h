/*
 * daemon.h -- everything there is one of: the loop, the configuration, the
 * models, the connections, and the counts of what happened.
 *
 * One thread, the loop's, owns all of it. No callback takes more than a
 * millisecond, none waits for a model or a disk: what takes longer is an item
 * on the pool (work.h, predict.h, save.h) or is done in slices over several
 * turns (intake.h).
 */
#ifndef FFD_DAEMON_H
#define FFD_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/call.h"
#include "daemon/commit.h"
#include "daemon/config.h"
#include "daemon/conn.h"
#include "daemon/event.h"
#include "daemon/guard.h"
#include "daemon/histogram.h"
#include "daemon/http/http.h"
#include "daemon/listen.h"
#include "daemon/notify.h"
#include "daemon/periodic.h"
#include "daemon/save.h"
#include "daemon/scheduler.h"
#include "daemon/stop.h"
#include "daemon/turn.h"
#include "proto/error.h"

enum ffd_phase {
    FFD_SERVING,
    FFD_DRAINING, /* finishes what is in flight */
    FFD_SAVING,   /* last snapshots */
    FFD_CLOSING   /* last words */
};

struct ffd_daemon {
    uv_loop_t loop;
    struct ffd_config config;
    const char *config_path; /* borrowed */
    enum ffd_phase phase;
    uint64_t started_ms;
    double started_unix_s;
    bool damaged;               /* a part of the journal could not be used */
    char digests[FFD_PATH_MAX]; /* of the configuration; items read it */
    uint64_t epoch;             /* of this start; see epoch.h */
    uint64_t next_id;           /* counter of frames in this epoch */
    struct ffd_model *models;   /* owned list */
    size_t n_models;
    struct ffd_conns conns;
    struct ffd_events events;
    struct ffd_guard guard;
    struct ffd_call_pool calls;
    struct ffd_listeners listeners;
    struct ffd_scheduler scheduler;
    struct ffd_writers writers;
    struct ffd_commit commit;
    struct ffd_periodic periodic;
    struct ffd_import *imports; /* owned list */
    struct ffd_turn turn;
    struct ffd_stop stop;
    struct ffd_notify notify;
    struct ffd_http http;
    uint64_t memory; /* bytes of connection buffers, calls and inboxes */
    size_t throttled;
    bool slow_intakes; /* intakes wait for the next turn, not for room */

    uint64_t requests, notifications, ignored;
    uint64_t refused[FFP_CODES];
    struct ffd_histogram lag_us; /* busy time of a turn */
};

static inline uint64_t ffd_now_us(void)
{
    return uv_hrtime() / 1000;
}

static inline uint64_t ffd_now_ms(const struct ffd_daemon *d)
{
    return uv_now(&d->loop);
}

/* Seconds since 1970, for people. */
static inline double ffd_unix_s(void)
{
    uv_timeval64_t now = {0};

    uv_gettimeofday(&now);
    return (double)now.tv_sec + (double)now.tv_usec / 1000000;
}

static inline void ffd_count_refused(struct ffd_daemon *d, enum ffp_code code)
{
    d->refused[code]++;
}

#endif
