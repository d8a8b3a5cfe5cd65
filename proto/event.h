/*
 * event.h -- what a server tells unasked: topics, and the way events travel.
 *
 *     [2, "event", [topic, payload]]
 *
 *     ffp_event_begin(&buf, FFP_T_sleep);
 *     ffp_pack_map(&buf, 5);             then exactly one value
 *
 * The table is topics.def. A client that meets a topic it does not know passes
 * over it.
 */
#ifndef FFP_EVENT_H
#define FFP_EVENT_H

#include <stddef.h>

#include "proto/buf.h"

#define FFP_EVENT "event" /* the method of all events */

enum ffp_topic {
#define FFP_TOPIC(name, payload, help) FFP_T_##name,
#include "proto/topics.def"
    FFP_TOPICS /* how many; also "no such topic" */
};

struct ffp_topic_info {
    const char *name, *payload, *help;
};

extern const struct ffp_topic_info ffp_topic_table[FFP_TOPICS];

/* The topic whose name is the first n bytes of name, or FFP_TOPICS. */
enum ffp_topic ffp_topic_find(const char *name, size_t n);

/* [2, "event", [topic, ...: the payload follows as one value. */
void ffp_event_begin(struct ffp_buf *b, enum ffp_topic topic);

/* Names of the topics in a set of bits 1u << FFP_T_..., as one array. */
void ffp_pack_topics(struct ffp_buf *b, unsigned topics);

#endif
