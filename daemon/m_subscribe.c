/*
 * subscribe and unsubscribe: what a connection wants to be told.
 */
#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "proto/pack.h"

static void set(const struct ffd_ask *ask, unsigned topics)
{
    struct ffd_answer a;

    ffd_events_set(ask->conn, topics);
    if (!ffd_answer_begin(&a, ask->d, ask->conn->number, ask->r->msgid))
        return;
    ffp_pack_map(a.buf, 1);
    ffp_pack_str(a.buf, "topics");
    ffp_pack_topics(a.buf, topics);
    ffd_answer_end(&a);
}

void ffd_m_subscribe(const struct ffd_ask *ask)
{
    set(ask, ask->conn->topics | ask->r->topics);
}

void ffd_m_unsubscribe(const struct ffd_ask *ask)
{
    set(ask, ask->conn->topics & ~ask->r->topics);
}
