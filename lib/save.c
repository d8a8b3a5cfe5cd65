/*
 * save.c -- a model to bytes; snapshot.h has the layout.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json_text.h"
#include "lib/mat.h"
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

/* Those that were shown, up to the last; null for others. */
static json_t *labels_of(const struct ff_model *m)
{
    json_t *list = json_array();
    size_t n = ff_label_count(m);
    int failed = 0;
    while (n > 0 && !ff_label_shown(m, (int)n - 1))
        n--;
    for (size_t k = 0; k < n; k++) {
        int class_ = (int)k;
        failed |= json_array_append_new(
            list, ff_label_shown(m, class_)
                      ? json_string_nocheck(ff_label_name(m, class_))
                      : json_null());
    }
    if (!failed)
        return list;
    json_decref(list);
    return NULL;
}

/* A JSON value as a string value, moved. */
static json_t *quoted(json_t *value)
{
    char *text = ff_json_text(value, NULL);
    json_t *string = text ? json_string_nocheck(text) : NULL;
    ff_release(text);
    json_decref(value);
    return string;
}

static json_t *number(uint64_t n)
{
    return json_sprintf("%llu", (unsigned long long)n);
}

static json_t *metadata_of(const struct ff_model *m)
{
    json_t *labels = quoted(labels_of(m));
    json_t *spec = quoted(ff_spec_to_json(&m->spec));
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "xxh3",
                     ff_snapshot_zeros, "program", "ffd", "core", ff_mat_core(),
                     "format", number(FF_SNAPSHOT_FORMAT), "record",
                     number(m->record), "seq", number(m->count->seq), "step",
                     number(m->count->step), "labels", labels, "spec", spec);
}

static char *header_of(const struct ff_model *m, size_t *length,
                       size_t *data_bytes)
{
    struct header h = {.root = json_object()};
    char *text = NULL;
    json_t *meta = metadata_of(m);
    if (meta && json_object_set_new(h.root, "__metadata__", meta) == 0 &&
        ff_tensors_visit(m, describe, &h) == 0)
        text = ff_json_text(h.root, length);
    json_decref(h.root);
    *data_bytes = h.at;
    return text;
}

/* The file up to its tensors, the hash's digits being zeros: owned, *n bytes.
   NULL without memory. */
static uint8_t *head_of(const struct ff_model *m, size_t *n, size_t *data)
{
    size_t length = 0;
    char *header = header_of(m, &length, data);
    if (!header)
        return NULL;
    *n = (8 + length + FF_SNAPSHOT_ALIGN - 1) / FF_SNAPSHOT_ALIGN *
         FF_SNAPSHOT_ALIGN;
    uint8_t *head = ff_alloc(*n);
    if (head) {
        put_length(head, *n - 8);
        memset(head + 8, ' ', *n - 8);
        memcpy(head + 8, header, length);
    }
    ff_release(header);
    return head;
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
    size_t before, data;
    uint8_t *head = head_of(m, &before, &data);
    *bytes = head ? ff_alloc(before + data) : NULL;
    if (*bytes) {
        uint8_t *at = *bytes + before;
        *n = before + data;
        memcpy(*bytes, head, before);
        ff_tensors_visit(m, copy_out, &at);
        char hash[FF_SNAPSHOT_DIGITS + 1];
        size_t digits = ff_snapshot_digits(*bytes, before - 8);
        ff_snapshot_hash(*bytes, *n, digits, hash);
        memcpy(*bytes + digits, hash, FF_SNAPSHOT_DIGITS);
    }
    ff_release(head);
    return *bytes ? 0 : FF_ENOMEM;
}

int ff_model_digest(const struct ff_model *m, char hash[33])
{
    size_t n, data;
    uint8_t *head = head_of(m, &n, &data);
    if (!head)
        return FF_ENOMEM;
    ff_snapshot_hash_model(head, n, m, hash);
    ff_release(head);
    return 0;
}
