#include "clients/cli/late.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

#define FIRST_ROOM 64
#define STREAM     0x6c61746500000000U /* draws beside those of the order */

struct late_label {
    const char *label; /* borrowed */
    size_t frame;
    char id[FFC_ID_MAX]; /* "": not known yet, or there is none */
};

static struct late_label *at(struct late *l, size_t i)
{
    assert(l->room > 0);
    return &l->ring[(l->head + i) % l->room];
}

/* ---- answers ------------------------------------------------------------ */

static int answered(void *arg, uint32_t id, struct ffc_reply *reply)
{
    struct late *l = arg;
    bool ours = false, refused = !reply;
    for (size_t i = 0; i < l->n_under_way && !ours; i++) {
        ours = l->under_way[i] == id;
        if (ours)
            l->under_way[i] = l->under_way[--l->n_under_way];
    }
    ffc_reply_free(reply);
    if (!ours || !refused)
        return 0;
    if (strcmp(ffc_refusal(l->w->c)->code, "UNKNOWN_ID") != 0)
        return FFC_EREFUSED;
    l->missed++;
    return 0;
}

void late_init(struct late *l)
{
    rng_init(&l->rng, l->seed ^ STREAM);
    l->room = FIRST_ROOM;
    l->ring = must_alloc(l->room, sizeof *l->ring);
    l->w->other = answered;
    l->w->other_arg = l;
}

void late_release(struct late *l)
{
    free(l->ring);
    l->ring = NULL;
}

/* ---- labels ------------------------------------------------------------- */

static void grow(struct late *l)
{
    struct late_label *ring = must_alloc(2 * l->room, sizeof *ring);
    for (size_t i = 0; i < l->n; i++)
        ring[i] = *at(l, i);
    free(l->ring);
    l->ring = ring;
    l->head = 0;
    l->room *= 2;
}

const char *late_choose(struct late *l, const char *label)
{
    size_t frame = l->frames++;
    /* Drawn for each label, whatever the share, so that shares are nested. */
    if (!label || (double)rng_unit(&l->rng) < l->unlabelled) {
        l->without++;
        return NULL;
    }
    if (l->delay == 0) {
        l->with++;
        return label;
    }
    if (l->n == l->room)
        grow(l);
    *at(l, l->n++) = (struct late_label){.label = label, .frame = frame};
    l->late++;
    return NULL;
}

void late_learned(struct late *l, const struct window_batch *b,
                  const char *first_id)
{
    for (; l->known < l->n; l->known++) {
        struct late_label *e = at(l, l->known);
        if (e->frame >= b->first + b->n)
            break;
        if (!first_id || ffc_id_at(first_id, e->frame - b->first, e->id) < 0)
            e->id[0] = '\0';
    }
}

/* ---- sending ------------------------------------------------------------ */

/* The oldest, whose id is known if it has one. */
static int send_one(struct late *l)
{
    struct late_label e = *at(l, 0);
    int rc = 0;
    l->head = (l->head + 1) % l->room;
    l->n--;
    l->known--;
    if (!e.id[0]) { /* its frame was dropped */
        l->missed++;
        return 0;
    }
    while (rc == 0 && l->n_under_way == LATE_DEPTH)
        rc = window_collect(l->w);
    if (rc < 0)
        return rc;
    rc = ffc_label_send(l->w->c, l->w->model, e.id, e.label,
                        &l->under_way[l->n_under_way]);
    l->n_under_way += rc == 0;
    return rc;
}

int late_due(struct late *l)
{
    while (l->n > 0 && at(l, 0)->frame + l->delay < l->w->sent) {
        int rc = window_await(l->w, at(l, 0)->frame);
        if (rc == 0)
            rc = send_one(l);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int late_finish(struct late *l, bool send)
{
    int rc = 0;
    while (rc == 0 && send && l->n > 0)
        rc = send_one(l);
    l->late -= l->n;
    l->without += l->n;
    l->n = l->known = 0;
    while (rc == 0 && l->n_under_way > 0)
        rc = window_collect(l->w);
    return rc;
}
