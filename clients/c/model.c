/*
 * model.c -- what a model takes in, out of the list of models.
 */
#include <stdio.h>
#include <string.h>

#include "clients/c/client.h"
#include "proto/object.h"

/* shape: a list of up to three sizes; dtype: u8, f32, i16 or as numpy says
   it. */
static int read_input(const msgpack_object *input, struct ffc_model *out)
{
    const msgpack_object *shape = ffp_get(input, "shape");
    struct ffp_str dtype = {0};
    out->dims = ffp_size(shape);
    if (out->dims < 1 || out->dims > 3 ||
        !ffp_as_text(ffp_get(input, "dtype"), &dtype))
        return -1;
    out->values = 1;
    for (size_t i = 0; i < out->dims; i++) {
        uint64_t size = 0;
        if (!ffp_as_uint(ffp_at(shape, i), &size) || size < 1 ||
            size > FFP_MAX_MESSAGE_BYTES)
            return -1;
        out->shape[i] = (size_t)size;
        out->values *= (size_t)size;
        if (out->values > FFP_MAX_MESSAGE_BYTES)
            return -1;
    }
    out->f32 = ffp_str_is(dtype, "f32") || ffp_str_is(dtype, "<f4");
    out->i16 = ffp_str_is(dtype, "i16") || ffp_str_is(dtype, "<i2");
    if (!out->f32 && !out->i16 && !ffp_str_is(dtype, "u8") &&
        !ffp_str_is(dtype, "|u1"))
        return -1;
    out->frame_bytes = out->values * (out->f32 ? 4 : out->i16 ? 2 : 1);
    return 0;
}

static const msgpack_object *find(const msgpack_object *list, const char *model)
{
    for (size_t i = 0; i < ffp_size(list); i++) {
        const msgpack_object *one = ffp_at(list, i);
        struct ffp_str name = {0};
        if (ffp_as_text(ffp_get(one, "name"), &name) && ffp_str_is(name, model))
            return one;
    }
    return NULL;
}

int ffc_model_find(struct ffc *c, const char *model, struct ffc_model *out)
{
    struct ffc_reply *reply;
    int rc = ffc_models(c, &reply);
    if (rc < 0)
        return rc;
    memset(out, 0, sizeof *out);
    const msgpack_object *one = find(ffc_result(reply), model);
    if (!one) {
        memset(&c->refusal, 0, sizeof c->refusal);
        snprintf(c->refusal.code, sizeof c->refusal.code, "%s",
                 ffp_code_name(FFP_UNKNOWN_MODEL));
        rc = ffc_fail(c, FFC_EREFUSED,
                      "UNKNOWN_MODEL: there is no model %.64s; ffctl models "
                      "lists them, ffctl create makes one",
                      model);
    } else if (read_input(ffp_get(one, "input"), out) < 0) {
        rc = ffc_fail(c, FFC_EPROTOCOL,
                      "the daemon does not say what model %.64s takes in",
                      model);
    }
    out->labels = ffp_size(ffp_get(one, "labels"));
    ffc_reply_free(reply);
    return rc;
}
