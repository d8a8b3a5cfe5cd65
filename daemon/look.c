#include "daemon/look.h"

#include <stdlib.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/model.h"
#include "daemon/model_dir.h"
#include "proto/reply.h"

void ffd_look_fail(struct ffd_look *l, enum ffp_code code, const char *why)
{
    ffp_buf_clear(&l->call->reply);
    ffp_reply_error(&l->call->reply, l->call->request.msgid, code, "%.250s",
                    why);
}

static void on_pool(uv_work_t *req)
{
    struct ffd_look *l = req->data;
    const struct ffp_request *r = &l->call->request;

    if (ffd_version_list(l->dir, &l->list, &l->n, l->why) < 0) {
        ffd_look_fail(l, FFP_STORAGE, l->why);
        return;
    }
    l->found = ffd_version_find(l->list, l->n, r->snapshot.at, r->snapshot.n);
    if (!l->found && r->method != FFP_M_versions)
        ffd_look_fail(l, FFP_UNKNOWN_VERSION,
                      "the model has no such snapshot; versions lists them");
    else
        l->on_pool(l);
}

static void answer(struct ffd_look *l)
{
    struct ffd_daemon *d = l->m->d;
    struct ffd_call *call = l->call;

    if (l->m->life != FFD_LIVE)
        ffd_answer_error(d, call->conn, call->request.msgid, FFP_UNKNOWN_MODEL,
                         "the model was dropped");
    else if (call->reply.failed)
        ffd_answer_error(d, call->conn, call->request.msgid, FFP_NO_MEMORY,
                         "no memory for the answer");
    else if (call->reply.n > 0)
        ffd_answer_bytes(d, call->conn, call->request.msgid, call->reply.data,
                         call->reply.n);
    else
        l->on_home(l);
}

static void on_home(uv_work_t *req, int status)
{
    struct ffd_look *l = req->data;
    struct ffd_model *m = l->m;

    (void)status; /* nothing cancels it */
    answer(l);
    ffd_call_end(m->d, l->call);
    m->looks--;
    free(l->list);
    free(l);
    ffd_scheduler_want(m); /* it may have waited for this, to be dropped */
    ffd_stop_look(m->d);
}

void ffd_look_start(const struct ffd_ask *ask, void (*pool)(struct ffd_look *l),
                    void (*home)(struct ffd_look *l))
{
    struct ffd_model *m = ffd_asked_model(ask);
    struct ffd_look *l;

    if (!m)
        return;
    l = calloc(1, sizeof(*l));
    if (l)
        l->call = ffd_call_new(ask->conn, ask->message, ask->n);
    if (!l || !l->call) {
        free(l);
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the request");
        return;
    }
    l->m = m;
    l->on_pool = pool;
    l->on_home = home;
    ffd_model_dir(ask->d->config.state, m->name, l->dir);
    m->looks++;
    l->req.data = l;
    uv_queue_work(&ask->d->loop, &l->req, on_pool, on_home);
}
