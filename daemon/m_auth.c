/*
 * auth: a token, and the role that it gives.
 */
#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "proto/pack.h"

void ffd_m_auth(const struct ffd_ask *ask)
{
    struct ffp_str token = ask->r->token;
    struct ffd_answer a;

    if (!ffd_guard_auth(ask->conn, token.at, token.n)) {
        ffd_refuse(ask, FFP_BAD_TOKEN, "%s",
                   ask->d->config.tokens[0]
                       ? "the token is not one of the server's; ffd "
                         "--new-token makes one"
                       : "the server has no tokens (tokens: FILE in its "
                         "configuration); none is needed here");
        return;
    }
    if (!ffd_answer_begin(&a, ask->d, ask->conn->number, ask->r->msgid))
        return;
    ffp_pack_map(a.buf, 1);
    ffp_kv_str(a.buf, "role", ffp_role_name(ask->conn->role));
    ffd_answer_end(&a);
}
