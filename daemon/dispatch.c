#include "daemon/dispatch.h"

#include <stdarg.h>
#include <stdio.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/model.h"
#include "proto/pack.h"

typedef void method_fn(const struct ffd_ask *ask);

static method_fn *const methods[FFP_METHODS] = {
#define FFP_METHOD(name, since, role, notify, params, options, result, help)   \
    [FFP_M_##name] = ffd_m_##name,
#include "proto/methods.def"
};

enum ffp_code ffd_code_of(int status)
{
    switch ((enum ff_status)status) {
    case FF_OK:
        return FFP_INTERNAL; /* nobody should have asked */
    case FF_ENOMEM:
        return FFP_NO_MEMORY;
    case FF_ESPEC:
        return FFP_BAD_SPEC;
    case FF_EFULL:
        return FFP_LABELS_FULL;
    case FF_ELABEL:
        return FFP_BAD_PARAMS;
    case FF_EFINITE:
        return FFP_BAD_FRAME;
    case FF_EBUSY:
        return FFP_BUSY;
    case FF_EMPTY:
        return FFP_NOTHING_REMEMBERED;
    case FF_ECORRUPT:
    case FF_EVERSION:
        return FFP_STORAGE;
    }
    return FFP_INTERNAL;
}

void ffd_refuse_as(const struct ffd_ask *ask, const struct ffp_error *err)
{
    if (ask->r->notification)
        ffd_count_refused(ask->d, err->code);
    else
        ffd_answer_refusal(ask->d, ask->conn->number, ask->r->msgid, err);
}

void ffd_refuse(const struct ffd_ask *ask, enum ffp_code code,
                const char *format, ...)
{
    struct ffp_error err = {.code = code};
    va_list ap;

    va_start(ap, format);
    vsnprintf(err.why, sizeof(err.why), format, ap);
    va_end(ap);
    ffd_refuse_as(ask, &err);
}

struct ffd_model *ffd_asked_model(const struct ffd_ask *ask)
{
    struct ffp_str name = ask->r->model;
    struct ffd_model *m = ffd_model_find(ask->d, name.at, name.n);
    char quoted[FFP_QUOTE_MAX];

    if (m && m->life == FFD_LIVE)
        return m;
    ffd_refuse(ask, FFP_UNKNOWN_MODEL, "there is no model \"%s\"%s",
               ffp_quote(quoted, name.at, name.n),
               m ? m->life == FFD_CREATING ? " yet; it is being made"
                                           : " any more; it is being dropped"
                 : "");
    return NULL;
}

void ffd_answer_name(struct ffd_daemon *d, uint64_t conn, uint32_t msgid,
                     const char *name)
{
    struct ffd_answer a;

    if (!ffd_answer_begin(&a, d, conn, msgid))
        return;
    ffp_pack_map(a.buf, 1);
    ffp_kv_str(a.buf, "name", name);
    ffd_answer_end(&a);
}

/* What the peer lacks, and where it comes from. */
static void refuse_role(const struct ffd_ask *ask,
                        const struct ffp_method_info *info)
{
    const struct ffd_conn *c = ask->conn;
    const char *role = ffp_role_name(info->role);
    char who[FFD_PEER_TEXT_MAX];

    if (c->role == FFP_ROLE_NONE)
        ffd_refuse(ask, FFP_NOT_ALLOWED,
                   "%s needs the role %s; authenticate first, with auth TOKEN "
                   "(of ffctl: FFD_TOKEN or --token-file)",
                   info->name, role);
    else if (c->has_token)
        ffd_refuse(ask, FFP_NOT_ALLOWED,
                   "%s needs the role %s, and the token gives %s", info->name,
                   role, ffp_role_name(c->token.role));
    else if (c->way == FFD_WAY_UNIX)
        ffd_refuse(ask, FFP_NOT_ALLOWED,
                   "%s needs the role %s, and admins: does not name the peer "
                   "(%s)",
                   info->name, role, ffd_peer_text(c, who));
    else
        ffd_refuse(ask, FFP_NOT_ALLOWED,
                   "%s needs the role %s, which connections by TCP have by a "
                   "token alone; use the Unix socket, or configure tokens",
                   info->name, role);
}

static void call_method(const struct ffd_ask *ask)
{
    const struct ffp_method_info *info = &ffp_method_table[ask->r->method];

    if (ask->r->notification)
        ask->d->notifications++;
    else
        ask->d->requests++;
    if (ask->conn->role < info->role) {
        refuse_role(ask, info);
        return;
    }
    methods[ask->r->method](ask);
}

void ffd_dispatch(struct ffd_conn *c, const uint8_t *message, size_t n)
{
    struct ffp_request request;
    struct ffp_error err;
    struct ffd_ask ask = {c, c->d, &request, message, n};

    switch (ffp_decode(&c->decoder, message, n, &request, &err)) {
    case FFP_REQUEST:
        call_method(&ask);
        break;
    case FFP_REFUSED:
        ffd_refuse_as(&ask, &err);
        break;
    case FFP_IGNORED:
        c->d->ignored++;
        break;
    case FFP_FATAL:
        ffd_log_some(FFD_LOG_NOTICE, "bad-message", ffd_now_ms(c->d),
                     "connection %llu: %s; closed",
                     (unsigned long long)c->number, err.why);
        ffd_answer_refusal(c->d, c->number, 0, &err);
        ffd_conn_close_after(c);
        break;
    }
}
