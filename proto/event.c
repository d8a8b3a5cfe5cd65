#include "proto/event.h"

#include <string.h>

#include "proto/client.h"
#include "proto/pack.h"

const struct ffp_topic_info ffp_topic_table[FFP_TOPICS] = {
#define FFP_TOPIC(name, payload, help) {#name, payload, help},
#include "proto/topics.def"
};

enum ffp_topic ffp_topic_find(const char *name, size_t n)
{
    for (unsigned i = 0; i < FFP_TOPICS; i++) {
        const char *is = ffp_topic_table[i].name;

        if (strlen(is) == n && memcmp(is, name, n) == 0)
            return (enum ffp_topic)i;
    }
    return FFP_TOPICS;
}

void ffp_event_begin(struct ffp_buf *b, enum ffp_topic topic)
{
    ffp_notify_begin(b, FFP_EVENT, 2);
    ffp_pack_str(b, ffp_topic_table[topic].name);
}

void ffp_pack_topics(struct ffp_buf *b, unsigned topics)
{
    size_t n = 0;

    for (unsigned i = 0; i < FFP_TOPICS; i++)
        n += topics >> i & 1;
    ffp_pack_array(b, n);
    for (unsigned i = 0; i < FFP_TOPICS; i++) {
        if (topics >> i & 1)
            ffp_pack_str(b, ffp_topic_table[i].name);
    }
}
