/*
 * learn.c -- frames to learn: one, several, and many under way.
 */
#include <string.h>

#include "clients/c/client.h"
#include "proto/object.h"

void ffc_set_ack(struct ffc *c, enum ffc_ack ack)
{
    c->ack = ack;
}

size_t ffc_ack_params(const struct ffc *c)
{
    return c->ack != FFC_ACK_APPLIED;
}

void ffc_ack_pack(struct ffc *c)
{
    if (ffc_ack_params(c) == 0)
        return;
    ffp_pack_map(&c->out, 1);
    ffc_ack_kv(c);
}

void ffc_ack_kv(struct ffc *c)
{
    ffp_kv_str(&c->out, "ack",
               c->ack == FFC_ACK_DURABLE ? "durable" : "received");
}

/* What is said in the options of a request. */
static size_t options(const struct ffc *c, const struct ffc_samples *of)
{
    return ffc_ack_params(c) + (of->stream || of->streams) + of->end +
           of->observe;
}

static void pack_streams(struct ffc *c, size_t n, const struct ffc_samples *of)
{
    if (!of->streams || n == 1) {
        ffp_kv_str(&c->out, "stream",
                   of->streams ? of->streams[0] : of->stream);
        return;
    }
    ffp_pack_str(&c->out, "stream");
    ffp_pack_array(&c->out, n);
    for (size_t i = 0; i < n; i++)
        ffp_pack_str(&c->out, of->streams[i]);
}

static void pack_options(struct ffc *c, size_t n, const struct ffc_samples *of)
{
    if (options(c, of) == 0)
        return;
    ffp_pack_map(&c->out, options(c, of));
    if (ffc_ack_params(c))
        ffc_ack_kv(c);
    if (of->stream || of->streams)
        pack_streams(c, n, of);
    if (of->end)
        ffp_kv_bool(&c->out, "end", true);
    if (of->observe)
        ffp_kv_bool(&c->out, "observe", true);
}

static void pack_labels(struct ffc *c, size_t n, const char *const *labels)
{
    if (n == 1 || !labels) {
        ffp_pack_str(&c->out, labels ? labels[0] : NULL);
        return;
    }
    ffp_pack_array(&c->out, n);
    for (size_t i = 0; i < n; i++)
        ffp_pack_str(&c->out, labels[i]);
}

int ffc_learn_begin(struct ffc *c, const char *model, const void *frames,
                    size_t n, size_t frame_bytes, const char *const *labels,
                    const struct ffc_samples *of)
{
    bool one = n == 1;
    if (n == 0 || frame_bytes == 0 || n > FFP_MAX_MESSAGE_BYTES / frame_bytes)
        return ffc_fail(c, FFC_EARGUMENT,
                        "%zu frames of %zu bytes do not make a request", n,
                        frame_bytes);
    int rc =
        ffc_begin(c, one ? "learn" : "learn_batch", 3 + (options(c, of) > 0));
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_bin(&c->out, frames, n * frame_bytes);
    pack_labels(c, n, labels);
    pack_options(c, n, of);
    return FFC_OK;
}

int ffc_learn_samples_send(struct ffc *c, const char *model,
                           const void *samples, size_t n, size_t sample_bytes,
                           const char *const *labels,
                           const struct ffc_samples *of, uint32_t *id)
{
    int rc = ffc_learn_begin(c, model, samples, n, sample_bytes, labels, of);
    return rc < 0 ? rc : ffc_send(c, id);
}

int ffc_learn_send(struct ffc *c, const char *model, const void *frames,
                   size_t n, size_t frame_bytes, const char *const *labels,
                   uint32_t *id)
{
    return ffc_learn_samples_send(c, model, frames, n, frame_bytes, labels,
                                  &(struct ffc_samples){0}, id);
}

/* A number, which of one frame may be a boolean. Whether it is there. */
static bool read_count(const msgpack_object *o, uint64_t *out)
{
    bool yes;
    if (!ffp_as_bool(o, &yes))
        return ffp_as_uint(o, out);
    *out = yes;
    return true;
}

/* One that is too long is another daemon's, and not said. */
static void read_id(const msgpack_object *o, struct ffc_learned *out)
{
    struct ffp_str id;
    if (!ffp_as_text(o, &id) || id.n >= sizeof out->first_id)
        return;
    memcpy(out->first_id, id.at, id.n);
    out->first_id[id.n] = '\0';
}

int ffc_learned_read(const struct ffc_reply *reply, size_t n,
                     struct ffc_learned *out)
{
    const msgpack_object *r = ffc_result(reply);
    memset(out, 0, sizeof *out);
    out->n = n;
    (void)ffp_as_uint(ffp_get(r, "n"), &out->n);
    (void)ffp_as_uint(ffp_get(r, "seq"), &out->seq);
    (void)ffp_as_uint(ffp_get(r, "step"), &out->step);
    (void)ffp_as_uint(ffp_get(r, "dropped"), &out->dropped);
    out->has_right = read_count(ffp_get(r, "right"), &out->right) &&
                     read_count(ffp_get(r, "labelled"), &out->labelled);
    out->has_moved = read_count(ffp_get(r, "learned"), &out->moved);
    read_id(ffp_get(r, "first_id"), out);
    read_id(ffp_get(r, "id"), out);
    if (out->dropped > out->n || out->labelled > out->n ||
        (out->has_right && out->right > out->labelled))
        return FFC_EPROTOCOL;
    return FFC_OK;
}

int ffc_learn_batch(struct ffc *c, const char *model, const void *frames,
                    size_t n, size_t frame_bytes, const char *const *labels,
                    struct ffc_learned *out)
{
    return ffc_learn_samples(c, model, frames, n, frame_bytes, labels,
                             &(struct ffc_samples){0}, out);
}

int ffc_learn_samples(struct ffc *c, const char *model, const void *samples,
                      size_t n, size_t sample_bytes, const char *const *labels,
                      const struct ffc_samples *of, struct ffc_learned *out)
{
    struct ffc_learned ignored;
    struct ffc_reply *reply = NULL;
    int rc = ffc_learn_begin(c, model, samples, n, sample_bytes, labels, of);
    if (rc == FFC_OK)
        rc = ffc_exchange(c, &reply);
    if (rc < 0)
        return rc;
    rc = ffc_learned_read(reply, n, out ? out : &ignored);
    ffc_reply_free(reply);
    return rc < 0 ? ffc_fail(c, rc, "the answer to learn makes no sense")
                  : FFC_OK;
}

int ffc_learn(struct ffc *c, const char *model, const void *frame,
              size_t frame_bytes, const char *label_or_null,
              struct ffc_learned *out)
{
    return ffc_learn_batch(c, model, frame, 1, frame_bytes, &label_or_null,
                           out);
}
