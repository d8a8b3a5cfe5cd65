/*
 * status and stats: numbers of a model, and of the daemon.
 */
#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/model.h"
#include "daemon/numbers.h"

void ffd_status_answer(const struct ffd_model *m, uint64_t conn, uint32_t msgid,
                       const char *digest)
{
    struct ffd_answer a;

    if (!ffd_answer_begin(&a, m->d, conn, msgid))
        return;
    ffd_pack_status(a.buf, m, digest);
    ffd_answer_end(&a);
}

/* A digest reads all that the model is, so it takes the baton. */
static void ask_digest(const struct ffd_ask *ask, struct ffd_model *m)
{
    const struct ffd_op op = {.kind = FFD_OP_DIGEST,
                              .asked = true,
                              .conn = ask->conn->number,
                              .msgid = ask->r->msgid};

    if (ffd_model_ask(m, &op) < 0)
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the request");
    else
        ffd_conn_begin(ask->conn);
}

void ffd_m_status(const struct ffd_ask *ask)
{
    struct ffd_model *m = ffd_asked_model(ask);

    if (!m)
        return;
    if (ask->r->opts.digest)
        ask_digest(ask, m);
    else
        ffd_status_answer(m, ask->conn->number, ask->r->msgid, NULL);
}

void ffd_m_stats(const struct ffd_ask *ask)
{
    const struct ffd_model *only = NULL;
    struct ffd_answer a;

    if (ask->r->model.at) {
        only = ffd_asked_model(ask);
        if (!only)
            return;
    }
    if (!ffd_answer_begin(&a, ask->d, ask->conn->number, ask->r->msgid))
        return;
    ffd_pack_stats(a.buf, ask->d, only);
    ffd_answer_end(&a);
}
