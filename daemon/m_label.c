/*
 * label: a label that comes late. No model holds frames for one yet, so no id
 * is known.
 */
#include <inttypes.h>

#include "daemon/daemon.h"
#include "daemon/dispatch.h"

void ffd_m_label(const struct ffd_ask *ask)
{
    struct ffp_id id = ask->r->id;

    if (ffd_asked_model(ask))
        ffd_refuse(ask, FFP_UNKNOWN_ID,
                   "no frame of id %" PRIu64 ":%" PRIu64 " waits for a label",
                   id.epoch, id.counter);
}
