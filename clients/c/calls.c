/*
 * calls.c -- the short calls: a name, a parameter or two, an answer.
 */
#include <inttypes.h>
#include <string.h>

#include "clients/c/client.h"
#include "proto/object.h"

/* A method without parameters, or with a model's name. */
static int plain(struct ffc *c, const char *method, const char *model,
                 struct ffc_reply **out)
{
    int rc = ffc_begin(c, method, model ? 1 : 0);
    if (rc < 0)
        return rc;
    if (model)
        ffp_pack_str(&c->out, model);
    return ffc_exchange(c, out);
}

int ffc_ping(struct ffc *c)
{
    struct ffc_reply *reply;
    int rc = plain(c, "ping", NULL, &reply);
    if (rc < 0)
        return rc;
    bool pong = ffc_value_is(ffc_reply_value(reply), "pong");
    ffc_reply_free(reply);
    return pong ? FFC_OK
                : ffc_break(c, FFC_EPROTOCOL,
                            "the answer to ping is not pong; is this ffd?");
}

int ffc_auth(struct ffc *c, const char *token)
{
    int rc = ffc_begin(c, "auth", 1);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, token);
    return ffc_exchange(c, NULL);
}

int ffc_hello(struct ffc *c, struct ffc_reply **out)
{
    int rc = ffc_begin(c, "hello", 1);
    if (rc < 0)
        return rc;
    ffp_pack_map(&c->out, 2);
    ffp_kv_str(&c->out, "client", c->client);
    ffp_kv_str(&c->out, "version", FFC_VERSION);
    return ffc_exchange(c, out);
}

int ffc_models(struct ffc *c, struct ffc_reply **out)
{
    return plain(c, "models", NULL, out);
}

int ffc_status(struct ffc *c, const char *model, struct ffc_reply **out)
{
    return plain(c, "status", model, out);
}

int ffc_status_digest(struct ffc *c, const char *model, struct ffc_reply **out)
{
    int rc = ffc_begin(c, "status", 2);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_map(&c->out, 1);
    ffp_kv_bool(&c->out, "digest", true);
    return ffc_exchange(c, out);
}

int ffc_stats(struct ffc *c, const char *model_or_null, struct ffc_reply **out)
{
    return plain(c, "stats", model_or_null, out);
}

int ffc_create(struct ffc *c, const char *model, const char *spec)
{
    int rc = ffc_begin(c, "create_model", 2);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_str(&c->out, spec);
    return ffc_exchange(c, NULL);
}

int ffc_drop(struct ffc *c, const char *model)
{
    return plain(c, "drop_model", model, NULL);
}

int ffc_sleep(struct ffc *c, const char *model, uint64_t frames_or_0,
              struct ffc_reply **out)
{
    if (frames_or_0 == 0)
        return plain(c, "sleep", model, out);
    int rc = ffc_begin(c, "sleep", 2);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_map(&c->out, 1);
    ffp_kv_uint(&c->out, "frames", frames_or_0);
    return ffc_exchange(c, out);
}

int ffc_wake(struct ffc *c, const char *model, struct ffc_reply **out)
{
    return plain(c, "wake", model, out);
}

int ffc_save(struct ffc *c, const char *model, bool wait,
             struct ffc_reply **out)
{
    if (!wait)
        return plain(c, "save", model, out);
    int rc = ffc_begin(c, "save", 2);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_map(&c->out, 1);
    ffp_kv_bool(&c->out, "wait", true);
    return ffc_exchange(c, out);
}

int ffc_call(struct ffc *c, const char *method, const void *params,
             size_t params_bytes, struct ffc_reply **out)
{
    int rc = ffc_begin(c, method, 0);
    if (rc < 0)
        return rc;
    /* The empty array that was begun is one byte; the caller's replaces it. */
    ffp_buf_cut(&c->out, c->out.n - 1);
    (void)ffp_buf_add(&c->out, params, params_bytes);
    return ffc_exchange(c, out);
}
