/*
 * save.c -- a model to bytes; snapshot.h has the layout.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/snapshot.h"
#include "lib/spec_json.h"
#include "lib/tensors.h"

static void put_length(uint8_t *out, uint64_t n)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(n >> (8 * i));
}

struct header {
    json_t *root;
    size_t at; /* bytes of tensors so far */
};

static int describe(void *ctx, const struct ff_tensor *t)
{
    struct header *h = ctx;
    size_t range[2] = {h->at, h->at + ff_tensor_bytes(t)};
    json_t *entry =
        json_pack("{s:s, s:o, s:o}", "dtype", ff_tensor_type_name(t->type),
                  "shape", ff_json_sizes(t->shape, t->dims), "data_offsets",
                  ff_json_sizes(range, 2));
    h->at = range[1];
    return json_object_set_new(h->root, t->name, entry) ? FF_ENOMEM : 0;
}

static json_t *labels_of(const struct ff_model *m)
{
    json_t *list = json_array();
    int failed = 0;
    for (size_t k = 0; k < ff_label_count(m); k++)
        failed |= json_array_append_new(
            list, json_string_nocheck(ff_label_name(m, (int)k)));
    if (!failed)
        return list;
    json_decref(list);
    return NULL;
}

/* Owned text of a JSON value. Not by json_dumps, which leaves out what it
   found no memory for and says nothing (jansson 2.14). */
static char *text_of_json(const json_t *value)
{
    size_t n = value ? json_dumpb(value, NULL, 0, JSON_COMPACT) : 0;
    char *text = n > 0 ? ff_alloc(n + 1) : NULL;
    if (text && json_dumpb(value, text, n, JSON_COMPACT) != n) {
        ff_release(text);
        return NULL;
    }
    return text;
}

/* A JSON value as a string value, moved. */
static json_t *quoted(json_t *value)
{
    char *text = text_of_json(value);
    json_t *string = text ? json_string_nocheck(text) : NULL;
    ff_release(text);
    json_decref(value);
    return string;
}

static json_t *number(uint64_t n)
{
    return json_sprintf("%llu", (unsigned long long)n);
}

/*
 * Spaces, as many as the longest string here takes in a file. jansson drops a
 * character of a string whose buffer it cannot enlarge, and aborts if that was
 * an escaped one (2.14). A reader whose memory runs out meets that here first,
 * where it does no harm: the buffer is kept for the strings that follow.
 */
static json_t *reserve(const json_t *a, const json_t *b)
{
    size_t n[2] = {json_dumpb(a, NULL, 0, JSON_ENCODE_ANY),
                   json_dumpb(b, NULL, 0, JSON_ENCODE_ANY)};
    size_t most = n[0] > n[1] ? n[0] : n[1];
    char *spaces = n[0] && n[1] ? ff_alloc(most + 1) : NULL;
    if (!spaces)
        return NULL;
    memset(spaces, ' ', most);
    json_t *string = json_string_nocheck(spaces);
    ff_release(spaces);
    return string;
}

static json_t *metadata_of(const struct ff_model *m)
{
    json_t *labels = quoted(labels_of(m));
    json_t *spec = quoted(ff_spec_to_json(&m->spec));
    json_t *spaces = labels && spec ? reserve(labels, spec) : NULL;
    return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "xxh3",
                     ff_snapshot_zeros, "reserve", spaces, "program", "ffd",
                     "format", number(FF_SNAPSHOT_FORMAT), "seq",
                     number(m->count->seq), "step", number(m->count->step),
                     "labels", labels, "spec", spec);
}

static char *header_of(const struct ff_model *m, size_t *data_bytes)
{
    struct header h = {.root = json_object()};
    char *text = NULL;
    json_t *meta = metadata_of(m);
    if (meta && json_object_set_new(h.root, "__metadata__", meta) == 0 &&
        ff_tensors_visit(m, describe, &h) == 0)
        text = text_of_json(h.root);
    json_decref(h.root);
    *data_bytes = h.at;
    return text;
}

static int copy_out(void *ctx, const struct ff_tensor *t)
{
    uint8_t **at = ctx;
    memcpy(*at, t->data, ff_tensor_bytes(t));
    *at += ff_tensor_bytes(t);
    return 0;
}

int ff_model_save(const struct ff_model *m, uint8_t **bytes, size_t *n)
{
    size_t data;
    char *header = header_of(m, &data);
    if (!header)
        return FF_ENOMEM;
    size_t length = strlen(header);
    size_t padded = (8 + length + FF_SNAPSHOT_ALIGN - 1) / FF_SNAPSHOT_ALIGN *
                        FF_SNAPSHOT_ALIGN -
                    8;
    *n = 8 + padded + data;
    *bytes = ff_alloc(*n);
    if (*bytes) {
        put_length(*bytes, padded);
        memset(*bytes + 8, ' ', padded);
        memcpy(*bytes + 8, header, length);
        uint8_t *at = *bytes + 8 + padded;
        ff_tensors_visit(m, copy_out, &at);
        char hash[FF_SNAPSHOT_DIGITS + 1];
        size_t digits = ff_snapshot_digits(*bytes, padded);
        ff_snapshot_hash(*bytes, *n, digits, hash);
        memcpy(*bytes + digits, hash, FF_SNAPSHOT_DIGITS);
    }
    ff_release(header);
    return *bytes ? 0 : FF_ENOMEM;
}
