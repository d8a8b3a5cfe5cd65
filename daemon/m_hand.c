/*
 * labels_rename, labels_merge and labels_forget: what hand.h does in its turn.
 */
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/model.h"

static bool take_label(const struct ffd_ask *ask, struct ffp_str label,
                       char out[FF_LABEL_MAX + 1], size_t *n)
{
    if (label.n < 1 || label.n > FF_LABEL_MAX) {
        ffd_refuse(ask, FFP_BAD_PARAMS, "a label has 1 to %d bytes",
                   FF_LABEL_MAX);
        return false;
    }
    memcpy(out, label.at, label.n);
    *n = label.n;
    return true;
}

static void ask_hand(const struct ffd_ask *ask, enum ffd_record_kind kind)
{
    struct ffd_model *m = ffd_asked_model(ask);
    struct ffd_op op = {.kind = FFD_OP_HAND,
                        .asked = true,
                        .conn = ask->conn->number,
                        .msgid = ask->r->msgid,
                        .hand = {.kind = kind}};

    if (!m || !take_label(ask, ask->r->label, op.hand.from, &op.hand.from_n))
        return;
    if (kind != FFD_RECORD_FORGET &&
        !take_label(ask, ask->r->to, op.hand.to, &op.hand.to_n))
        return;
    if (ffd_model_ask(m, &op) < 0)
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the request");
    else
        ffd_conn_begin(ask->conn);
}

void ffd_m_labels_rename(const struct ffd_ask *ask)
{
    ask_hand(ask, FFD_RECORD_RENAME);
}

void ffd_m_labels_merge(const struct ffd_ask *ask)
{
    ask_hand(ask, FFD_RECORD_MERGE);
}

void ffd_m_labels_forget(const struct ffd_ask *ask)
{
    ask_hand(ask, FFD_RECORD_FORGET);
}
