/*
 * create_model, drop_model and save.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/follow.h"
#include "daemon/model.h"
#include "proto/pack.h"

#define SPEC_BYTES_MAX ((size_t)64 * 1024)
#define MODELS_MAX     256

bool ffd_may_make(const struct ffd_ask *ask)
{
    struct ffp_str name = ask->r->model;

    if (ffd_model_find(ask->d, name.at, name.n)) {
        ffd_refuse(ask, FFP_MODEL_EXISTS,
                   "there is a model of that name already");
        return false;
    }
    if (ask->d->n_models >= MODELS_MAX) {
        ffd_refuse(ask, FFP_TOO_MANY, "there are %d models already",
                   MODELS_MAX);
        return false;
    }
    return true;
}

/* The name and configuration of a model that may be made. */
static bool may_create(const struct ffd_ask *ask, char out[FFP_MODEL_MAX + 1],
                       struct ffd_model_config *config)
{
    struct ffp_str name = ask->r->model, spec = ask->r->spec;
    char why[FFD_CONFIG_WHY_MAX];

    if (!ffd_may_make(ask))
        return false;
    if (spec.n > SPEC_BYTES_MAX) {
        ffd_refuse(ask, FFP_TOO_LARGE, "a spec has at most %zu bytes",
                   SPEC_BYTES_MAX);
        return false;
    }
    if (ffd_model_config_parse(config, "spec", spec.at, spec.n, why) < 0) {
        ffd_refuse(ask, FFP_BAD_SPEC, "%s", why);
        return false;
    }
    snprintf(out, FFP_MODEL_MAX + 1, "%.*s", (int)name.n, name.at);
    if (ffd_follow_check_all(ask->d, out, config, why) < 0) {
        ffd_refuse(ask, FFP_BAD_SPEC, "%.250s", why);
        return false;
    }
    return true;
}

void ffd_m_create_model(const struct ffd_ask *ask)
{
    const struct ffd_op op = {.kind = FFD_OP_CREATE,
                              .asked = true,
                              .conn = ask->conn->number,
                              .msgid = ask->r->msgid};
    struct ffp_str spec = ask->r->spec;
    struct ffd_model_config config;
    struct ffd_model *m;
    char name[FFP_MODEL_MAX + 1];

    if (!may_create(ask, name, &config))
        return;
    m = ffd_model_new(ask->d, name, &config);
    if (m)
        m->spec_text = malloc(spec.n ? spec.n : 1);
    if (m && m->spec_text) {
        memcpy(m->spec_text, spec.at, spec.n);
        m->spec_bytes = spec.n;
    }
    if (m && (!m->spec_text || ffd_model_ask(m, &op) < 0)) {
        ffd_model_free(m);
        m = NULL;
    }
    if (!m)
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the model");
    else
        ffd_conn_begin(ask->conn);
}

void ffd_m_drop_model(const struct ffd_ask *ask)
{
    struct ffd_model *m = ffd_asked_model(ask);
    const struct ffd_op op = {.kind = FFD_OP_DROP,
                              .asked = true,
                              .conn = ask->conn->number,
                              .msgid = ask->r->msgid};

    if (!m)
        return;
    if (ffd_model_ask(m, &op) < 0) {
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the request");
        return;
    }
    ffd_conn_begin(ask->conn);
    ffd_model_leave(m, "the model was dropped");
    ffd_save_look(ask->d);
    ffd_scheduler_want(m);
}

/* Nothing is written yet. */
static void answer_accepted(const struct ffd_ask *ask)
{
    static const char *const keys[] = {"path", "version", "seq",
                                       "step", "bytes",   "xxh3"};
    const size_t n = sizeof(keys) / sizeof(keys[0]);
    struct ffd_answer a;

    if (!ffd_answer_begin(&a, ask->d, ask->conn->number, ask->r->msgid))
        return;
    ffp_pack_map(a.buf, n);
    for (size_t i = 0; i < n; i++)
        ffp_kv_nil(a.buf, keys[i]);
    ffd_answer_end(&a);
}

void ffd_m_save(const struct ffd_ask *ask)
{
    struct ffd_model *m = ffd_asked_model(ask);
    struct ffd_op op = {.kind = FFD_OP_SAVE,
                        .asked = ask->r->opts.wait,
                        .conn = ask->conn->number,
                        .msgid = ask->r->msgid};

    if (!m)
        return;
    if (ask->r->opts.name.n > 0)
        memcpy(op.name, ask->r->opts.name.at, ask->r->opts.name.n);
    if (ffd_model_ask(m, &op) < 0)
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the request");
    else if (ask->r->opts.wait)
        ffd_conn_begin(ask->conn);
    else
        answer_accepted(ask);
}
