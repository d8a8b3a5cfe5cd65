/*
 * hello, ping, api_info and models: who is here.
 */
#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/numbers.h"
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
        "competitive", "label_overlay", "hybrid",        "self_contrastive",
        "sleep",       "dreams",        "snapshots",     "late_labels",
        "typicality",  "drift",         "events",        "versions",
        "auth",        "conv",          "label_pattern", "top_down",
        "recurrent"};
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

    if (!begin(ask, &a))
        return;
    ffd_pack_models(a.buf, ask->d);
    ffd_answer_end(&a);
}
