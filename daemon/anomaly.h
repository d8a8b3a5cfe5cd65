/*
 * anomaly.h -- which alarms of a stream are told of, and how often; and whose
 * stream it is.
 *
 * lib says when an anomaly begins (ff_learned.alarm). A storm of them, as when
 * a thousand streams fail together, is one event in 100 ms, of the alarm that
 * comes when one is due; those between are counted into it. There is no timer.
 *
 * lib knows streams by a hash of their name, so the names of late are kept
 * here: in a table of a fixed size, where one that is seen again and again
 * stays and others give way.
 *
 * Time is an argument, never read here.
 */
#ifndef FFD_ANOMALY_H
#define FFD_ANOMALY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/text.h"

#define FFD_ANOMALY_MS 100 /* between two events of a model */

/* All zero at first. */
struct ffd_alarms {
    size_t n;         /* since the last event */
    bool told;        /* there was one, at */
    uint64_t told_ms; /* monotonic clock */
};

/* An alarm more. How many there were since the last event, this one included,
   if one is due of it; else 0. */
size_t ffd_alarm(struct ffd_alarms *a, uint64_t now_ms);

struct ffd_stream_names {
    struct ffd_stream_name *at; /* (size) owned; NULL: none are kept */
    size_t size;                /* a power of two */
};

/* Room for about so many streams. -1: no memory. */
int ffd_stream_names_init(struct ffd_stream_names *s, size_t streams);
void ffd_stream_names_release(struct ffd_stream_names *s);

/* Bytes of it. */
size_t ffd_stream_names_bytes(const struct ffd_stream_names *s);

/* A sample came of the stream of this name (at most FFP_STREAM_MAX bytes) and
   key. */
void ffd_stream_names_note(struct ffd_stream_names *s, uint64_t key,
                           struct ffp_str name);

/* Borrowed until the next note; at is NULL where it is not known (any more). */
struct ffp_str ffd_stream_names_find(const struct ffd_stream_names *s,
                                     uint64_t key);

#endif
