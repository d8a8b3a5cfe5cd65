#include "daemon/anomaly.h"

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

#define NEAR       8 /* places that a name may have */
#define NAMES_MOST 4096
#define NAMES_MIN  64

struct ffd_stream_name {
    uint64_t key; /* 0: free */
    uint8_t n;
    char text[FFP_STREAM_MAX];
};

size_t ffd_alarm(struct ffd_alarms *a, uint64_t now_ms)
{
    size_t n = ++a->n;

    if (a->told && now_ms - a->told_ms < FFD_ANOMALY_MS)
        return 0;
    *a = (struct ffd_alarms){.told = true, .told_ms = now_ms};
    return n;
}

int ffd_stream_names_init(struct ffd_stream_names *s, size_t streams)
{
    s->size = NAMES_MIN;
    while (s->size < 4 * streams && s->size < NAMES_MOST)
        s->size *= 2;
    s->at = calloc(s->size, sizeof(*s->at));
    return s->at ? 0 : -1;
}

void ffd_stream_names_release(struct ffd_stream_names *s)
{
    free(s->at);
    s->at = NULL;
}

size_t ffd_stream_names_bytes(const struct ffd_stream_names *s)
{
    return s->at ? s->size * sizeof(*s->at) : 0;
}

static struct ffd_stream_name *place(const struct ffd_stream_names *s,
                                     uint64_t key, size_t i)
{
    return &s->at[(key + i) & (s->size - 1)];
}

void ffd_stream_names_note(struct ffd_stream_names *s, uint64_t key,
                           struct ffp_str name)
{
    struct ffd_stream_name *to = NULL;

    if (!s->at || !name.at || name.n > FFP_STREAM_MAX)
        return;
    for (size_t i = 0; i < NEAR; i++) {
        struct ffd_stream_name *p = place(s, key, i);

        if (p->key == key)
            return;
        if (p->key == 0 && !to)
            to = p;
    }
    if (!to) /* by bits that chose no place */
        to = place(s, key, key >> 61);
    to->key = key;
    to->n = (uint8_t)name.n;
    memcpy(to->text, name.at, name.n);
}

struct ffp_str ffd_stream_names_find(const struct ffd_stream_names *s,
                                     uint64_t key)
{
    for (size_t i = 0; s->at && key != 0 && i < NEAR; i++) {
        const struct ffd_stream_name *p = place(s, key, i);

        if (p->key == key)
            return (struct ffp_str){p->text, p->n};
    }
    return (struct ffp_str){NULL, 0};
}
