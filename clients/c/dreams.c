/*
 * dreams.c -- pictures of what the model makes up in sleep.
 */
#include <string.h>

#include "clients/c/alloc.h"
#include "clients/c/client.h"
#include "proto/object.h"

/* [height, width, channels], [height, width] or [length], perhaps after n. */
static int read_shape(const msgpack_object *shape, size_t n,
                      struct ffc_dreams *d)
{
    uint64_t size[4] = {0};
    size_t rank = ffp_size(shape), skip = 0;
    if (rank < 1 || rank > 4)
        return -1;
    for (size_t i = 0; i < rank; i++) {
        if (!ffp_as_uint(ffp_at(shape, i), &size[i]) || size[i] < 1 ||
            size[i] > FFP_MAX_MESSAGE_BYTES)
            return -1;
    }
    if (rank == 4) {
        if (size[0] != n)
            return -1;
        skip = 1;
    }
    const uint64_t *s = size + skip;
    rank -= skip;
    d->height = rank > 1 ? (size_t)s[0] : 1;
    d->width = (size_t)(rank > 1 ? s[1] : s[0]);
    d->channels = rank > 2 ? (size_t)s[2] : 1;
    /* A vector may come with its length first and ones behind it. */
    if (rank == 3 && s[1] == 1 && s[2] == 1) {
        d->height = 1;
        d->width = (size_t)s[0];
    }
    return 0;
}

/* Point d into its reply; -1 where the parts do not fit each other. */
static int read_dreams(const msgpack_object *r, struct ffc_dreams *d)
{
    const uint8_t *data;
    size_t bytes;
    struct ffp_str dtype = {0};
    size_t n = ffp_size(ffp_get(r, "kind"));
    if (n == 0)
        n = ffc_float_count(ffp_get(r, "goodness"));
    if (n == 0 || read_shape(ffp_get(r, "shape"), n, d) < 0 ||
        !ffp_as_bin(ffp_get(r, "data"), &data, &bytes) ||
        !ffp_as_text(ffp_get(r, "dtype"), &dtype))
        return -1;
    d->f32 = ffp_str_is(dtype, "<f4") || ffp_str_is(dtype, "f32");
    size_t values = d->height * d->width;
    if (values > bytes || d->channels > bytes)
        return -1;
    d->frame_bytes = values * d->channels * (d->f32 ? 4 : 1);
    if (d->frame_bytes == 0 || bytes / d->frame_bytes != n ||
        bytes % d->frame_bytes != 0)
        return -1;
    d->n = n;
    d->data = data;
    return 0;
}

static const char *kind_text(const msgpack_object *kind)
{
    struct ffp_str s = {0};
    (void)ffp_as_text(kind, &s);
    if (ffp_str_is(s, "hybrid"))
        return "hybrid";
    if (ffp_str_is(s, "climb"))
        return "climb";
    if (ffp_str_is(s, "written"))
        return "written";
    return s.at ? "other" : "";
}

static int fill(struct ffc_dreams *d, const msgpack_object *r)
{
    d->goodness = ffc_calloc(d->n, sizeof *d->goodness);
    d->kind = ffc_calloc(d->n, sizeof *d->kind);
    if (!d->goodness || !d->kind)
        return -1;
    for (size_t i = 0; i < d->n; i++) {
        d->goodness[i] = ffc_float_at(ffp_get(r, "goodness"), i);
        d->kind[i] = kind_text(ffp_at(ffp_get(r, "kind"), i));
    }
    return 0;
}

int ffc_dreams(struct ffc *c, const char *model, size_t n,
               struct ffc_dreams **out)
{
    struct ffc_dreams *d = ffc_calloc(1, sizeof *d);
    if (!d)
        return ffc_fail(c, FFC_ENOMEM, "out of memory for dreams");
    struct ffc_reply *reply = NULL;
    int rc = ffc_begin(c, "dreams", 2);
    if (rc == FFC_OK) {
        ffp_pack_str(&c->out, model);
        ffp_pack_uint(&c->out, n);
        rc = ffc_exchange(c, &reply);
    }
    if (rc == FFC_OK && read_dreams(ffc_result(reply), d) < 0)
        rc = ffc_fail(c, FFC_EPROTOCOL, "the answer to dreams makes no sense");
    else if (rc == FFC_OK && fill(d, ffc_result(reply)) < 0)
        rc = ffc_fail(c, FFC_ENOMEM, "out of memory for dreams");
    if (rc == FFC_OK) {
        d->reply = reply;
        *out = d;
        return FFC_OK;
    }
    ffc_reply_free(reply);
    ffc_dreams_free(d);
    return rc;
}

void ffc_dreams_free(struct ffc_dreams *d)
{
    if (!d)
        return;
    ffc_reply_free(d->reply);
    ffc_free(d->goodness);
    ffc_free((void *)d->kind);
    ffc_free(d);
}
