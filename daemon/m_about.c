/*
 * hello, ping, api_info and models: who is here.
 */
#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/keys.h"
#include "daemon/model.h"
#include "daemon/shape.h"
#include "proto/limits.h"
#include "proto/pack.h"
#include "proto/reply.h"

static bool begin(const struct ffd_ask *ask, struct ffd_answer *a)
{
    return ffd_answer_begin(a, ask->d, ask->conn->number, ask->r->msgid);
}

void ffd_m_hello(const struct ffd_ask *ask)
{
    static const char *const features[] = {
        "competitive", "label_overlay", "hybrid",    "self_contrastive",
        "sleep",       "dreams",        "snapshots", "late_labels",
        "typicality",  "drift",         "events",    "versions",
        "auth"};
    const size_t n = sizeof(features) / sizeof(features[0]);
    struct ffd_answer a;

    if (!begin(ask, &a))
        return;
    ffp_pack_map(a.buf, 6);
    ffp_kv_str(a.buf, "server", "ffd");
    ffp_kv_str(a.buf, "version", FFD_VERSION);
    ffp_kv_uint(a.buf, "protocol", FFP_PROTOCOL);
    ffp_pack_str(a.buf, "features");
    ffp_pack_array(a.buf, n);
    for (size_t i = 0; i < n; i++)
        ffp_pack_str(a.buf, features[i]);
    ffp_pack_str(a.buf, "limits");
    ffp_pack_limits(a.buf);
    ffp_pack_str(a.buf, "auth");
    ffp_pack_map(a.buf, 2);
    ffp_kv_str(a.buf, "required",
               ffd_guard_needs_token(ask->d, ask->conn) ? "token" : "none");
    ffp_kv_str(a.buf, "role", ffp_role_name(ask->conn->role));
    ffd_answer_end(&a);
}

void ffd_m_ping(const struct ffd_ask *ask)
{
    struct ffd_answer a;

    if (!begin(ask, &a))
        return;
    ffp_pack_strn(a.buf, "pong", 4);
    ffd_answer_end(&a);
}

void ffd_m_api_info(const struct ffd_ask *ask)
{
    struct ffd_answer a;

    if (!begin(ask, &a))
        return;
    ffp_pack_api_info(a.buf);
    ffd_answer_end(&a);
}

void ffd_m_models(const struct ffd_ask *ask)
{
    struct ffd_answer a;
    struct ffd_classes classes;
    size_t n = 0;

    if (!begin(ask, &a))
        return;
    for (const struct ffd_model *m = ask->d->models; m; m = m->next)
        n += m->life == FFD_LIVE;
    ffp_pack_array(a.buf, n);
    for (const struct ffd_model *m = ask->d->models; m; m = m->next) {
        if (m->life != FFD_LIVE)
            continue;
        ffp_pack_map(a.buf, 5);
        ffp_kv_str(a.buf, "name", m->name);
        ffp_kv_str(a.buf, "objective",
                   ffd_key_word(FFD_SECTION_MODEL, "objective", &m->config));
        ffp_pack_str(a.buf, "input");
        ffp_pack_map(a.buf, 2);
        ffp_pack_str(a.buf, "shape");
        ffd_pack_shape(a.buf, &m->config.spec);
        ffp_kv_str(a.buf, "dtype", ffd_dtype_word(m->config.spec.dtype));
        ffp_pack_str(a.buf, "labels");
        ffd_classes_find(&classes, m->ff);
        ffd_pack_labels(a.buf, m->ff, &classes);
        ffp_kv_uint(a.buf, "step", m->stats.step);
    }
    ffd_answer_end(&a);
}
