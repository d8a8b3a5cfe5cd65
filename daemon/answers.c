#include "daemon/answers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/call.h"
#include "daemon/dispatch.h"
#include "daemon/shape.h"
#include "proto/limits.h"
#include "proto/pack.h"
#include "proto/reply.h"

#define COLUMNS 9 /* keys of the answer to predict_batch */

static void pack_number(struct ffp_buf *b, float v)
{
    if (isnan(v))
        ffp_pack_nil(b);
    else
        ffp_pack_float(b, v);
}

static void pack_label(struct ffp_buf *b, const struct ff_model *ff, int label)
{
    ffp_pack_str(b, ff_label_name(ff, label)); /* nil if there is none */
}

/* The configuration's words. */
static const char *answered_by(const struct ff_view *view)
{
    switch (ff_view_answers_by(view)) {
    case FF_ANSWER_CLOSED_FORM:
        return "closed_form";
    case FF_ANSWER_SOFTMAX:
        return "softmax";
    case FF_ANSWER_AUTO:
    case FF_ANSWER_GOODNESS:
        break;
    }
    return "goodness";
}

/* {label: [each layer's]}, out of (L, K); NaN is nil. */
static void pack_detail(struct ffp_buf *b, const struct ff_model *ff,
                        const struct ffd_classes *classes,
                        const float *goodness)
{
    const struct ff_spec *spec = ff_model_spec(ff);

    ffp_pack_str(b, "class_goodness");
    ffp_pack_map(b, classes->n);
    for (size_t i = 0; i < classes->n; i++) {
        size_t k = classes->at[i];

        ffp_pack_str(b, ff_label_name(ff, (int)k));
        ffp_pack_array(b, spec->layers);
        for (size_t l = 0; l < spec->layers; l++)
            pack_number(b, goodness[l * spec->classes + k]);
    }
}

static void encode_one(struct ffp_buf *b, const struct ffp_request *r,
                       const struct ff_model *ff, const struct ff_view *view,
                       const struct ff_answers *out, size_t i)
{
    const struct ff_spec *spec = ff_model_spec(ff);
    size_t row = spec->layers * spec->classes;
    struct ffd_classes classes;
    const float *scores = out->scores + i * spec->classes;

    ffd_classes_find(&classes, ff);
    ffp_reply_begin(b, r->msgid);
    ffp_pack_map(b, r->opts.detail ? 9 : 8);
    ffp_pack_str(b, "label");
    pack_label(b, ff, out->label[i]);
    ffp_kv_float(b, "confidence", out->label[i] < 0 ? 0 : out->confidence[i]);
    ffp_pack_str(b, "novelty");
    pack_number(b, out->novelty[i]);
    ffp_pack_str(b, "typicality");
    pack_number(b, out->typicality[i]);
    ffp_pack_str(b, "scores");
    ffp_pack_map(b, classes.n);
    for (size_t k = 0; k < classes.n; k++)
        ffp_kv_float(b, ff_label_name(ff, classes.at[k]),
                     scores[classes.at[k]]);
    ffp_kv_floats(b, "goodness", out->goodness + i * spec->layers,
                  spec->layers);
    if (r->opts.detail)
        pack_detail(b, ff, &classes, out->class_goodness + i * row);
    ffp_kv_str(b, "by", answered_by(view));
    ffp_kv_uint(b, "step", ff_view_step(view));
}

static void pack_rows(struct ffp_buf *b, const char *key, const float *v,
                      size_t rows, size_t n)
{
    ffp_pack_str(b, key);
    ffp_pack_array(b, rows);
    for (size_t i = 0; i < rows; i++)
        ffp_pack_floats(b, v + i * n, n);
}

/* Rows of scores, of the classes that have a label. */
static void pack_scores(struct ffp_buf *b, const struct ffd_columns *c,
                        const struct ffd_classes *classes, size_t n)
{
    ffp_pack_str(b, "scores");
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++) {
        ffp_pack_array(b, classes->n);
        for (size_t k = 0; k < classes->n; k++)
            ffp_pack_float(b, c->scores[i * c->classes + classes->at[k]]);
    }
}

static void encode_all(struct ffd_call *call, const struct ff_model *ff,
                       const struct ff_view *view)
{
    const struct ffd_columns *c = &call->columns;
    struct ffp_buf *b = &call->reply;
    struct ffd_classes classes;
    size_t n = call->frames;

    ffd_classes_find(&classes, ff);
    if (n > ffd_answers_most(ff)) { /* labels came since it was asked */
        struct ffp_error err;

        ffd_answers_too_many(&err, ff, n);
        ffp_reply_refusal(b, call->request.msgid, &err);
        return;
    }
    ffp_reply_begin(b, call->request.msgid);
    ffp_pack_map(b, COLUMNS);
    ffp_pack_str(b, "labels");
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++)
        pack_label(b, ff, c->label[i]);
    ffp_pack_str(b, "confidence");
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++)
        ffp_pack_float(b, c->label[i] < 0 ? 0 : c->confidence[i]);
    ffp_pack_str(b, "novelty");
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++)
        pack_number(b, c->novelty[i]);
    ffp_pack_str(b, "typicality");
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++)
        pack_number(b, c->typicality[i]);
    ffp_pack_str(b, "classes");
    ffd_pack_labels(b, ff, &classes);
    pack_scores(b, c, &classes, n);
    pack_rows(b, "goodness", c->goodness, n, c->layers);
    ffp_kv_str(b, "by", answered_by(view));
    ffp_kv_uint(b, "step", ff_view_step(view));
}

static void keep(struct ffd_call *call, const struct ff_answers *out,
                 size_t from, size_t n)
{
    struct ffd_columns *c = &call->columns;
    size_t at = call->done;

    memcpy(c->label + at, out->label + from, n * sizeof(int));
    memcpy(c->confidence + at, out->confidence + from, n * sizeof(float));
    memcpy(c->novelty + at, out->novelty + from, n * sizeof(float));
    memcpy(c->typicality + at, out->typicality + from, n * sizeof(float));
    memcpy(c->scores + at * c->classes, out->scores + from * c->classes,
           n * c->classes * sizeof(float));
    memcpy(c->goodness + at * c->layers, out->goodness + from * c->layers,
           n * c->layers * sizeof(float));
}

void ffd_answers_add(struct ffd_call *call, const struct ff_model *ff,
                     const struct ff_view *view, int status,
                     const struct ff_answers *out, size_t from, size_t n)
{
    bool last = call->done + n == call->frames;

    if (status != FF_OK) {
        ffp_buf_clear(&call->reply);
        ffp_reply_error(&call->reply, call->request.msgid, ffd_code_of(status),
                        "%s", ff_strerror(status));
    } else if (!call->request.frames.many) {
        encode_one(&call->reply, &call->request, ff, view, out, from);
    } else {
        keep(call, out, from, n);
        if (last && call->reply.n == 0)
            encode_all(call, ff, view);
    }
}

void ffd_answers_bad(struct ffd_call *call, size_t i)
{
    ffp_buf_clear(&call->reply);
    ffp_reply_error(&call->reply, call->request.msgid, FFP_BAD_FRAME,
                    "frame %zu holds a value that is not finite", i);
}

int ffd_answers_reserve(struct ffd_call *call, const struct ff_spec *spec,
                        size_t n)
{
    struct ffd_columns *c = &call->columns;
    size_t row = 4 + spec->classes + spec->layers;
    float *at;

    _Static_assert(sizeof(int) == sizeof(float), "columns share one block");
    c->block = malloc(n * row * sizeof(float));
    if (!c->block)
        return -1;
    c->classes = spec->classes;
    c->layers = spec->layers;
    c->label = c->block;
    at = (float *)c->block + n;
    c->confidence = at;
    c->novelty = at + n;
    c->typicality = at + 2 * n;
    c->scores = at + 3 * n;
    c->goodness = at + 3 * n + n * c->classes;
    return 0;
}

/* Values in the answer: of the envelope and the map; of the list of classes;
   and of each frame its label, confidence, novelty, typicality and two rows
   with their values. The limit of elements is far below the one of bytes. */
size_t ffd_answers_most(const struct ff_model *ff)
{
    const size_t frame = 6 + ff_label_count(ff) + ff_model_spec(ff)->layers;
    const size_t other = 4 + 2 * COLUMNS + ff_label_count(ff);

    _Static_assert((FF_CLASSES_MAX + 1) * (2 + FF_LABEL_MAX) +
                           FFP_MAX_ELEMENTS * (2 + FF_LABEL_MAX) / 6 <
                       FFP_MAX_MESSAGE_BYTES,
                   "an answer within its elements is within its bytes");
    return (FFP_MAX_ELEMENTS - other) / frame;
}

void ffd_answers_too_many(struct ffp_error *err, const struct ff_model *ff,
                          size_t n)
{
    ffp_error_set(err, FFP_TOO_LARGE,
                  "the answer for %zu frames and %zu labels would hold more "
                  "than %d values; ask for at most %zu frames at a time",
                  n, ff_label_count(ff), FFP_MAX_ELEMENTS,
                  ffd_answers_most(ff));
}
