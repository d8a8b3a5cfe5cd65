/*
 * answers.c -- frames to ask about, and the columns of the answer.
 *
 *   one frame   {label, confidence, novelty, typicality, scores: {class: p},
 *                goodness: [], by, step} and, if asked for in detail,
 *                class_goodness: {class: []}
 *   several     {labels: [], confidence: [], novelty: [] or nil,
 *                typicality: [] or nil, classes: [], scores: [[]],
 *                goodness: [[]], by, step}
 *
 * Both become struct ffc_answers: one block, its columns behind it. What is
 * absent becomes NaN, NULL or no column.
 */
#include <math.h>
#include <string.h>

#include "clients/c/alloc.h"
#include "clients/c/client.h"
#include "proto/object.h"

/* A result taken apart; borrowed. */
struct parts {
    bool many;
    const msgpack_object *label, *confidence, *novelty, *typicality;
    const msgpack_object *classes; /* a list of names; or the map of scores */
    const msgpack_object *scores, *goodness;
    const msgpack_object *detail; /* a map of classes, or NULL */
    struct ffp_str by;
    size_t n, K, L;
};

static int begin(struct ffc *c, const char *method, size_t params,
                 const char *model, const void *frames, size_t n,
                 size_t frame_bytes)
{
    if (n == 0 || frame_bytes == 0 || n > FFP_MAX_MESSAGE_BYTES / frame_bytes)
        return ffc_fail(c, FFC_EARGUMENT,
                        "%zu frames of %zu bytes do not make a request", n,
                        frame_bytes);
    int rc = ffc_begin(c, method, params);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_bin(&c->out, frames, n * frame_bytes);
    return FFC_OK;
}

int ffc_predict_begin(struct ffc *c, const char *model, const void *frames,
                      size_t n, size_t frame_bytes, bool batch)
{
    return begin(c, batch ? "predict_batch" : "predict", 2, model, frames, n,
                 frame_bytes);
}

static int detail_begin(struct ffc *c, const char *model, const void *frame,
                        size_t frame_bytes)
{
    int rc = begin(c, "predict", 3, model, frame, 1, frame_bytes);
    if (rc < 0)
        return rc;
    ffp_pack_map(&c->out, 1);
    ffp_kv_bool(&c->out, "detail", true);
    return FFC_OK;
}

static int now_begin(struct ffc *c, const char *model, const char *stream,
                     bool fresh)
{
    size_t options = (stream != NULL) + fresh;
    int rc = ffc_begin(c, "predict", 2 + (options > 0));
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_nil(&c->out);
    if (options > 0)
        ffp_pack_map(&c->out, options);
    if (stream)
        ffp_kv_str(&c->out, "stream", stream);
    if (fresh)
        ffp_kv_bool(&c->out, "fresh", true);
    return FFC_OK;
}

int ffc_now_send(struct ffc *c, const char *model, const char *stream,
                 bool fresh, uint32_t *id)
{
    int rc = now_begin(c, model, stream, fresh);
    return rc < 0 ? rc : ffc_send(c, id);
}

int ffc_predict_send(struct ffc *c, const char *model, const void *frames,
                     size_t n, size_t frame_bytes, uint32_t *id)
{
    int rc = ffc_predict_begin(c, model, frames, n, frame_bytes, n > 1);
    return rc < 0 ? rc : ffc_send(c, id);
}

int ffc_predict_detail_send(struct ffc *c, const char *model, const void *frame,
                            size_t frame_bytes, uint32_t *id)
{
    int rc = detail_begin(c, model, frame, frame_bytes);
    return rc < 0 ? rc : ffc_send(c, id);
}

/* Width of a row in a list of rows, or in n rows of bytes on end. */
static size_t width(const msgpack_object *rows, size_t n)
{
    if (rows && rows->type == MSGPACK_OBJECT_ARRAY)
        return ffc_float_count(ffp_at(rows, 0));
    return ffc_float_count(rows) / n;
}

static int take_apart(const struct ffc_reply *reply, size_t n, struct parts *p)
{
    const msgpack_object *r = ffc_result(reply);
    if (n == 0 || !r || r->type != MSGPACK_OBJECT_MAP)
        return FFC_EPROTOCOL;
    p->n = n;
    p->many = ffp_get(r, "labels") != NULL;
    if (!p->many && n != 1)
        return FFC_EPROTOCOL;
    p->label = ffp_get(r, p->many ? "labels" : "label");
    if (p->many && ffp_size(p->label) != n)
        return FFC_EPROTOCOL;
    p->confidence = ffp_get(r, "confidence");
    p->novelty = ffp_get(r, "novelty");
    p->typicality = ffp_get(r, "typicality");
    p->scores = ffp_get(r, "scores");
    p->goodness = ffp_get(r, "goodness");
    p->detail = p->many ? NULL : ffp_get(r, "class_goodness");
    p->by = (struct ffp_str){0};
    (void)ffp_as_text(ffp_get(r, "by"), &p->by);
    p->classes = p->many ? ffp_get(r, "classes") : p->scores;
    p->K = ffp_is_nil(p->scores) ? 0 : ffp_size(p->classes);
    p->L = p->many ? width(p->goodness, n) : ffc_float_count(p->goodness);
    return FFC_OK;
}

static struct ffp_str class_name(const struct parts *p, size_t k)
{
    struct ffp_str s = {0};
    const msgpack_object *o = p->many ? ffp_at(p->classes, k)
                              : p->classes->type == MSGPACK_OBJECT_MAP
                                  ? &p->classes->via.map.ptr[k].key
                                  : NULL;
    (void)ffp_as_text(o, &s);
    return s;
}

static struct ffp_str label(const struct parts *p, size_t i)
{
    struct ffp_str s = {0};
    (void)ffp_as_text(p->many ? ffp_at(p->label, i) : p->label, &s);
    return s;
}

/* Number k of row i. */
static float cell(const msgpack_object *rows, size_t i, size_t k, size_t width)
{
    if (rows && rows->type == MSGPACK_OBJECT_ARRAY)
        return ffc_float_at(ffp_at(rows, i), k);
    return ffc_float_at(rows, i * width + k);
}

static float one(const struct parts *p, const msgpack_object *column, size_t i)
{
    double v = (double)NAN;
    if (p->many)
        return ffc_float_at(column, i);
    (void)ffp_as_double(column, &v);
    return (float)v;
}

static float score(const struct parts *p, size_t i, size_t k)
{
    if (p->many)
        return cell(p->scores, i, k, p->K);
    double v = (double)NAN;
    if (p->scores->type == MSGPACK_OBJECT_MAP)
        (void)ffp_as_double(&p->scores->via.map.ptr[k].val, &v);
    return (float)v;
}

/* Layer l's goodness for class k: its entry is where its score is. */
static float detail(const struct parts *p, size_t k, size_t l)
{
    struct ffp_str is = {0}, want = class_name(p, k);
    if (p->detail->type != MSGPACK_OBJECT_MAP || k >= ffp_size(p->detail))
        return NAN;
    const msgpack_object_kv *kv = &p->detail->via.map.ptr[k];
    (void)ffp_as_text(&kv->key, &is);
    if (!want.at || is.n != want.n || memcmp(is.at, want.at, is.n) != 0)
        return NAN;
    return ffc_float_at(&kv->val, l);
}

/* Copy a string to *to and step over it; NULL stays NULL. */
static const char *put(char **to, struct ffp_str s)
{
    if (!s.at)
        return NULL;
    char *at = *to;
    memcpy(at, s.at, s.n);
    at[s.n] = '\0';
    *to += s.n + 1;
    return at;
}

static size_t text_bytes(const struct parts *p)
{
    size_t bytes = p->by.n + 1;
    for (size_t i = 0; i < p->n; i++)
        bytes += label(p, i).n + 1;
    for (size_t k = 0; k < p->K; k++)
        bytes += class_name(p, k).n + 1;
    return bytes;
}

static void fill(struct ffc_answers *a, const struct parts *p, char *text)
{
    a->by = put(&text, p->by);
    for (size_t k = 0; k < p->K; k++) {
        for (size_t l = 0; a->class_goodness && l < p->L; l++)
            a->class_goodness[k * p->L + l] = detail(p, k, l);
        a->class_name[k] = put(&text, class_name(p, k));
        for (size_t i = 0; i < p->n; i++)
            a->scores[i * p->K + k] = score(p, i, k);
    }
    for (size_t i = 0; i < p->n; i++) {
        a->label[i] = put(&text, label(p, i));
        a->confidence[i] = one(p, p->confidence, i);
        a->novelty[i] = one(p, p->novelty, i);
        a->typicality[i] = one(p, p->typicality, i);
        for (size_t l = 0; l < p->L; l++)
            a->goodness[i * p->L + l] = p->many ? cell(p->goodness, i, l, p->L)
                                                : ffc_float_at(p->goodness, l);
    }
}

int ffc_answers_read(const struct ffc_reply *reply, size_t n,
                     struct ffc_answers **out)
{
    struct parts p;
    int rc = take_apart(reply, n, &p);
    if (rc < 0)
        return rc;
    size_t names = n + p.K, floats = n * (3 + p.K + p.L);
    bool detailed = !ffp_is_nil(p.detail);
    if (detailed)
        floats += p.K * p.L;
    struct ffc_answers *a = ffc_alloc(sizeof *a + names * sizeof(char *) +
                                      floats * sizeof(float) + text_bytes(&p));
    if (!a)
        return FFC_ENOMEM;
    a->n = n;
    a->classes = p.K;
    a->layers = p.L;
    a->step = 0;
    (void)ffp_as_uint(ffp_get(ffc_result(reply), "step"), &a->step);
    a->label = (const char **)(a + 1);
    a->class_name = a->label + n;
    a->confidence = (float *)(a->class_name + p.K);
    a->novelty = a->confidence + n;
    a->typicality = a->novelty + n;
    a->scores = a->typicality + n;
    a->goodness = a->scores + n * p.K;
    float *rest = a->goodness + n * p.L;
    a->class_goodness = detailed ? rest : NULL;
    fill(a, &p, (char *)(rest + (detailed ? p.K * p.L : 0)));
    *out = a;
    return FFC_OK;
}

void ffc_answers_free(struct ffc_answers *a)
{
    ffc_free(a);
}

/* The answer to what was begun (rc). */
static int finish(struct ffc *c, int rc, size_t n, struct ffc_answers **out)
{
    struct ffc_reply *reply = NULL;
    if (rc == FFC_OK)
        rc = ffc_exchange(c, &reply);
    if (rc < 0)
        return rc;
    rc = ffc_answers_read(reply, n, out);
    ffc_reply_free(reply);
    if (rc == FFC_ENOMEM)
        return ffc_fail(c, rc, "out of memory for an answer");
    return rc < 0 ? ffc_fail(c, rc, "the answer to predict makes no sense")
                  : FFC_OK;
}

int ffc_predict(struct ffc *c, const char *model, const void *frame,
                size_t frame_bytes, struct ffc_answers **out)
{
    int rc = ffc_predict_begin(c, model, frame, 1, frame_bytes, false);
    return finish(c, rc, 1, out);
}

int ffc_predict_detail(struct ffc *c, const char *model, const void *frame,
                       size_t frame_bytes, struct ffc_answers **out)
{
    return finish(c, detail_begin(c, model, frame, frame_bytes), 1, out);
}

int ffc_predict_batch(struct ffc *c, const char *model, const void *frames,
                      size_t n, size_t frame_bytes, struct ffc_answers **out)
{
    int rc = ffc_predict_begin(c, model, frames, n, frame_bytes, true);
    return finish(c, rc, n, out);
}

int ffc_now(struct ffc *c, const char *model, const char *stream, bool fresh,
            struct ffc_answers **out)
{
    return finish(c, now_begin(c, model, stream, fresh), 1, out);
}
