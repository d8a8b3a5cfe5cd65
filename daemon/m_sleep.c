/*
 * sleep, wake and dreams.
 */
#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/dreams.h"
#include "daemon/model.h"
#include "proto/pack.h"

static void answer_state(const struct ffd_ask *ask, const struct ffd_model *m)
{
    struct ffd_answer a;

    if (!ffd_answer_begin(&a, ask->d, ask->conn->number, ask->r->msgid))
        return;
    ffp_pack_map(a.buf, 2);
    ffp_kv_str(a.buf, "state", ffd_sleep_state_name(m->sleeper.state));
    ffp_kv_uint(a.buf, "debt", m->sleeper.debt);
    ffd_answer_end(&a);
}

/* What is owed is known when the baton is home; until then the request is
   remembered, and the answer says what it will come to. */
void ffd_m_sleep(const struct ffd_ask *ask)
{
    struct ffd_model *m = ffd_asked_model(ask);
    uint64_t debt;

    if (!m)
        return;
    if (m->stats.remembered == 0) {
        ffd_refuse(ask, FFP_NOTHING_REMEMBERED,
                   "the model remembers no frame yet");
        return;
    }
    debt = m->stats.debt;
    if (ask->r->amount_frames > debt)
        debt = ask->r->amount_frames;
    if (ask->r->amount_frames > m->owe)
        m->owe = ask->r->amount_frames;
    ffd_sleeper_command(&m->sleeper, debt);
    ffd_model_at_home(m);
    ffd_scheduler_want(m);
    answer_state(ask, m);
}

void ffd_m_wake(const struct ffd_ask *ask)
{
    struct ffd_model *m = ffd_asked_model(ask);

    if (!m)
        return;
    m->forgive = true;
    m->owe = 0;
    ffd_sleeper_wake(&m->sleeper, ffd_now_ms(ask->d));
    ffd_model_at_home(m);
    ffd_scheduler_want(m);
    answer_state(ask, m);
}

void ffd_m_dreams(const struct ffd_ask *ask)
{
    struct ffd_model *m = ffd_asked_model(ask);
    const struct ffd_op op = {.kind = FFD_OP_DREAMS,
                              .asked = true,
                              .conn = ask->conn->number,
                              .msgid = ask->r->msgid,
                              .count = (size_t)ask->r->count};

    if (!m)
        return;
    if (ask->r->count > FFD_DREAMS_MAX ||
        ask->r->count * ff_spec_frame_bytes(&m->config.spec) >
            FFP_MAX_MESSAGE_BYTES) {
        ffd_refuse(ask, FFP_TOO_MANY,
                   "at most %d dreams in one answer, and at most %d bytes",
                   FFD_DREAMS_MAX, FFP_MAX_MESSAGE_BYTES);
        return;
    }
    if (ffd_model_ask(m, &op) < 0)
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the request");
    else
        ffd_conn_begin(ask->conn);
}
