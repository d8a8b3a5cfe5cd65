/*
 * label.c -- labels that come after their frames, the ids they go by, and
 * labels changed by hand.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/c/client.h"

static int begin(struct ffc *c, const char *model, const char *id,
                 const char *label)
{
    int rc = ffc_begin(c, "label", 3 + ffc_ack_params(c));
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_str(&c->out, id);
    ffp_pack_str(&c->out, label);
    ffc_ack_pack(c);
    return FFC_OK;
}

int ffc_label(struct ffc *c, const char *model, const char *id,
              const char *label)
{
    int rc = begin(c, model, id, label);
    return rc < 0 ? rc : ffc_exchange(c, NULL);
}

int ffc_label_send(struct ffc *c, const char *model, const char *id,
                   const char *label, uint32_t *request)
{
    int rc = begin(c, model, id, label);
    return rc < 0 ? rc : ffc_send(c, request);
}

/* `to` NULL: the method takes none. */
static int by_hand(struct ffc *c, const char *method, const char *model,
                   const char *label, const char *to, struct ffc_reply **out)
{
    int rc = ffc_begin(c, method, to ? 3 : 2);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_str(&c->out, label);
    if (to)
        ffp_pack_str(&c->out, to);
    return ffc_exchange(c, out);
}

int ffc_labels_rename(struct ffc *c, const char *model, const char *from,
                      const char *to, struct ffc_reply **out)
{
    return by_hand(c, "labels_rename", model, from, to, out);
}

int ffc_labels_merge(struct ffc *c, const char *model, const char *from,
                     const char *to, struct ffc_reply **out)
{
    return by_hand(c, "labels_merge", model, from, to, out);
}

int ffc_labels_forget(struct ffc *c, const char *model, const char *label,
                      struct ffc_reply **out)
{
    return by_hand(c, "labels_forget", model, label, NULL, out);
}

int ffc_id_at(const char *first_id, size_t i, char out[FFC_ID_MAX])
{
    const char *colon = strchr(first_id, ':');
    char *end;
    if (!colon || colon[1] < '0' || colon[1] > '9')
        return FFC_EARGUMENT;
    errno = 0;
    uint64_t counter = strtoull(colon + 1, &end, 10);
    if (*end || errno || counter > UINT64_MAX - i)
        return FFC_EARGUMENT;
    int n = snprintf(out, FFC_ID_MAX, "%.*s:%" PRIu64, (int)(colon - first_id),
                     first_id, counter + i);
    return n < FFC_ID_MAX ? FFC_OK : FFC_EARGUMENT;
}
