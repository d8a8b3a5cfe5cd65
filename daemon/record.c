/*
 * Records as they are made; apply.c does them again.
 */
#include "daemon/record.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/bytes.h"
#include "daemon/record_parts.h"

#define HEAD 16 /* u64 number, u64 bytes of the body */

void ffd_records_release(struct ffd_records *r)
{
    free(r->data);
    *r = (struct ffd_records){0};
}

int ffd_records_reserve(struct ffd_records *r, size_t bytes)
{
    size_t want, room;
    uint8_t *data;

    if (!r)
        return 0;
    want = r->n + HEAD + bytes;
    if (want <= r->room)
        return 0;
    room = r->room ? r->room : 4096;
    while (room < want)
        room *= 2;
    data = realloc(r->data, room);
    if (!data)
        return -1;
    r->data = data;
    r->room = room;
    return 0;
}

/* A record of so many bytes behind kind and version; where they go, or NULL.
   Room was reserved. */
static uint8_t *begin(struct ffd_records *r, struct ff_model *m,
                      enum ffd_record_kind kind, size_t bytes)
{
    uint64_t n = ff_model_record(m) + 1;
    uint8_t *at;

    ff_model_set_record(m, n);
    if (!r)
        return NULL;
    at = r->data + r->n;
    ffd_put_u64(at, n);
    ffd_put_u64(at + 8, FFD_RECORD_HEAD + bytes);
    at[HEAD] = (uint8_t)kind;
    at[HEAD + 1] = FFD_RECORD_VERSION;
    r->n += HEAD + FFD_RECORD_HEAD + bytes;
    r->count++;
    return at + HEAD + FFD_RECORD_HEAD;
}

static int small(struct ffd_records *r, struct ff_model *m,
                 enum ffd_record_kind kind, const uint32_t *words, size_t n)
{
    uint8_t *at;

    if (ffd_records_reserve(r, FFD_RECORD_HEAD + 4 * n) < 0)
        return -1;
    at = begin(r, m, kind, 4 * n);
    for (size_t i = 0; at && i < n; i++)
        ffd_put_u32(at + 4 * i, words[i]);
    return 0;
}

static int with_bytes(struct ffd_records *r, struct ff_model *m,
                      enum ffd_record_kind kind, const void *bytes, size_t n)
{
    uint8_t *at;

    if (ffd_records_reserve(r, FFD_RECORD_HEAD + n) < 0)
        return -1;
    at = begin(r, m, kind, n);
    if (at)
        memcpy(at, bytes, n);
    return 0;
}

/* ---- LEARN --------------------------------------------------------------- */

/* Whether row i is the first of its class in a batch, and the class is one
   that learning has not met. */
static bool is_new(const struct ff_model *m, const int *classes, size_t i)
{
    if (classes[i] < 0 || ff_label_shown(m, classes[i]))
        return false;
    for (size_t j = 0; j < i; j++) {
        if (classes[j] == classes[i])
            return false;
    }
    return true;
}

struct learn_size {
    size_t labels, label_bytes, frames, frame_bytes;
};

static struct learn_size size_of(const struct ff_model *m,
                                 const void *const *frames, const int *classes,
                                 size_t n)
{
    struct learn_size s = {.frame_bytes =
                               ff_spec_sample_bytes(ff_model_spec(m))};

    for (size_t i = 0; i < n; i++) {
        s.frames += frames[i] != NULL;
        if (!is_new(m, classes, i))
            continue;
        s.labels++;
        s.label_bytes += 8 + strlen(ff_label_name(m, classes[i]));
    }
    return s;
}

static uint8_t *put_labels(uint8_t *at, const struct ff_model *m,
                           const int *classes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *name;
        size_t bytes;

        if (!is_new(m, classes, i))
            continue;
        name = ff_label_name(m, classes[i]);
        bytes = strlen(name);
        ffd_put_u32(at, (uint32_t)classes[i]);
        ffd_put_u32(at + 4, (uint32_t)bytes);
        memcpy(at + 8, name, bytes);
        at += 8 + bytes;
    }
    return at;
}

static uint8_t *put_rows(uint8_t *at, const void *const *frames,
                         const int *classes, const uint64_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ffd_put_u64(at + 8 * i, ids[i]);
    at += 8 * n;
    for (size_t i = 0; i < n; i++)
        ffd_put_u32(at + 4 * i, (uint32_t)classes[i]);
    at += 4 * n;
    for (size_t i = 0; i < n; i++)
        at[i] = frames[i] != NULL;
    return at + n;
}

static uint8_t *put_origins(uint8_t *at, const struct ff_origin *origins,
                            size_t n)
{
    for (size_t i = 0; i < n; i++)
        ffd_put_u64(at + 8 * i, origins ? origins[i].stream : 0);
    at += 8 * n;
    for (size_t i = 0; i < n; i++)
        at[i] = origins ? origins[i].flags : 0;
    return at + n;
}

static void put_frames(uint8_t *at, const void *const *frames, size_t n,
                       size_t frame_bytes)
{
    for (size_t i = 0; i < n; i++) {
        if (!frames[i])
            continue;
        memcpy(at, frames[i], frame_bytes);
        at += frame_bytes;
    }
}

int ffd_record_learn(struct ffd_records *r, struct ff_model *m,
                     const void *const *frames, const int *classes,
                     const uint64_t *ids, const struct ff_origin *origins,
                     size_t n)
{
    bool streams = ff_model_spec(m)->stream.keys > 0;
    struct learn_size s = {0};
    size_t bytes;
    uint8_t *at;

    if (!r) {
        begin(r, m, FFD_RECORD_LEARN, 0);
        return 0;
    }
    s = size_of(m, frames, classes, n);
    bytes = FFD_LEARN_HEAD + s.label_bytes + FFD_LEARN_ROW * n +
            s.frames * s.frame_bytes + (streams ? FFD_LEARN_ORIGIN * n : 0);
    if (ffd_records_reserve(r, FFD_RECORD_HEAD + bytes) < 0)
        return -1;
    at = begin(r, m, FFD_RECORD_LEARN, bytes);
    if (streams)
        at[-1] = FFD_LEARN_STREAMS;
    ffd_put_u32(at, (uint32_t)n);
    ffd_put_u32(at + 4, (uint32_t)s.labels);
    ffd_put_u32(at + 8, (uint32_t)s.frame_bytes);
    ffd_put_u32(at + 12, 0);
    at = put_labels(at + FFD_LEARN_HEAD, m, classes, n);
    at = put_rows(at, frames, classes, ids, n);
    if (streams)
        at = put_origins(at, origins, n);
    put_frames(at, frames, n, s.frame_bytes);
    return 0;
}

/* ---- the others ---------------------------------------------------------- */

int ffd_record_sleep(struct ffd_records *r, struct ff_model *m,
                     uint32_t updates)
{
    return small(r, m, FFD_RECORD_SLEEP, &updates, 1);
}

int ffd_record_owe(struct ffd_records *r, struct ff_model *m, uint64_t frames)
{
    const uint32_t words[] = {(uint32_t)frames, (uint32_t)(frames >> 32)};

    return small(r, m, FFD_RECORD_OWE, words, 2);
}

int ffd_record_plain(struct ffd_records *r, struct ff_model *m,
                     enum ffd_record_kind kind)
{
    return small(r, m, kind, NULL, 0);
}

int ffd_record_spec(struct ffd_records *r, struct ff_model *m,
                    enum ffd_record_kind kind, const struct ff_spec *spec)
{
    char *text = NULL;
    int rc;

    if (ff_spec_to_text(spec, &text) != FF_OK)
        return -1;
    rc = with_bytes(r, m, kind, text, strlen(text));
    free(text);
    return rc;
}

int ffd_record_load(struct ffd_records *r, struct ff_model *m,
                    const uint8_t *snapshot, size_t n)
{
    return with_bytes(r, m, FFD_RECORD_LOAD, snapshot, n);
}

int ffd_record_rename(struct ffd_records *r, struct ff_model *m, int class_,
                      const char *name, size_t n)
{
    uint8_t *at;

    if (ffd_records_reserve(r, FFD_RECORD_HEAD + 4 + n) < 0)
        return -1;
    at = begin(r, m, FFD_RECORD_RENAME, 4 + n);
    if (!at)
        return 0;
    ffd_put_u32(at, (uint32_t)class_);
    memcpy(at + 4, name, n);
    return 0;
}

int ffd_record_merge(struct ffd_records *r, struct ff_model *m, int from,
                     int to)
{
    const uint32_t words[] = {(uint32_t)from, (uint32_t)to};

    return small(r, m, FFD_RECORD_MERGE, words, 2);
}

int ffd_record_forget(struct ffd_records *r, struct ff_model *m, int class_)
{
    const uint32_t word = (uint32_t)class_;

    return small(r, m, FFD_RECORD_FORGET, &word, 1);
}

bool ffd_records_next(const struct ffd_records *r, size_t *at, uint64_t *n,
                      const uint8_t **body, size_t *bytes)
{
    const uint8_t *head = r->data + *at;

    if (*at >= r->n)
        return false;
    *n = ffd_get_u64(head);
    *bytes = (size_t)ffd_get_u64(head + 8);
    *body = head + HEAD;
    *at += HEAD + *bytes;
    return true;
}
