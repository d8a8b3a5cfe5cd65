#include "clients/cli/window.h"

#include <stdlib.h>
#include <string.h>

#include "clients/cli/cli.h"
#include "clients/cli/clock.h"
#include "clients/cli/mem.h"

#define BATCH_DEFAULT 256
#define BATCH_BYTES   (4u << 20) /* by default; the protocol takes 16 MiB */
#define MESSAGE_BYTES (15u << 20)
#define GAP_S         0.005
#define RETRY_MS      20 /* where BUSY names no time */
#define RETRY_MOST_MS 5000

size_t window_batch_size(size_t frame_bytes, size_t wanted)
{
    size_t most = (wanted ? MESSAGE_BYTES : BATCH_BYTES) / frame_bytes;
    size_t n = wanted ? wanted : BATCH_DEFAULT;
    if (n > most)
        n = most;
    return n ? n : 1;
}

size_t window_depth(size_t batch)
{
    return batch < 8 ? FFC_PIPELINE_MAX / 2 : 8;
}

void window_init(struct window *w)
{
    w->ring = must_alloc(w->depth + 1, sizeof *w->ring);
    w->head = w->used = w->pushed = w->sent = 0;
    w->retries = 0;
    w->last_s = clock_s();
    for (size_t i = 0; i <= w->depth; i++) {
        w->ring[i].frames = must_alloc(w->batch, w->frame_bytes);
        w->ring[i].labels = must_alloc(w->batch, sizeof(char *));
        w->ring[i].keys = must_alloc(w->batch, sizeof(char *));
    }
}

void window_release(struct window *w)
{
    for (size_t i = 0; w->ring && i <= w->depth; i++) {
        ffc_reply_free(w->ring[i].reply);
        free(w->ring[i].frames);
        free((void *)w->ring[i].labels);
        free((void *)w->ring[i].keys);
    }
    free(w->ring);
    w->ring = NULL;
}

static struct window_batch *at(struct window *w, size_t i)
{
    return &w->ring[(w->head + i) % (w->depth + 1)];
}

static bool all_same(const char *const *text, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (text[i] != text[0])
            return false;
    }
    return true;
}

static int transmit_samples(struct window *w, struct window_batch *b)
{
    bool same = all_same(b->keys, b->n);
    bool bare = !b->labels[0] && all_same(b->labels, b->n);
    struct ffc_samples of = {.stream = same ? b->keys[0] : NULL,
                             .streams = same ? NULL : b->keys,
                             .end = b->end,
                             .observe = w->observe};
    return ffc_learn_samples_send(w->c, w->model, b->frames, b->n,
                                  w->frame_bytes, bare ? NULL : b->labels, &of,
                                  &b->id);
}

static int transmit(struct window *w, struct window_batch *b)
{
    b->answered = b->refused = false;
    if (w->detail)
        return ffc_predict_detail_send(w->c, w->model, b->frames,
                                       w->frame_bytes, &b->id);
    if (w->predict)
        return ffc_predict_send(w->c, w->model, b->frames, b->n, w->frame_bytes,
                                &b->id);
    if (w->samples)
        return transmit_samples(w, b);
    return ffc_learn_send(w->c, w->model, b->frames, b->n, w->frame_bytes,
                          b->labels, &b->id);
}

/* What to do about a refusal: send again, count as dropped, or give up. */
static int refused(struct window *w, struct window_batch *b)
{
    const struct ffc_refusal *why = ffc_refusal(w->c);
    bool busy = strcmp(why->code, "BUSY") == 0;
    if (strcmp(why->code, "DROPPED") == 0 || (busy && cli_interrupted)) {
        b->answered = true;
        return 0;
    }
    if (!busy) {
        b->refused = true;
        return FFC_EREFUSED;
    }
    uint64_t ms = why->retry_after_ms ? why->retry_after_ms : RETRY_MS;
    if (ms > RETRY_MOST_MS)
        ms = RETRY_MOST_MS;
    clock_wait(clock_s() + (double)ms / 1000);
    w->retries++;
    return transmit(w, b);
}

static struct window_batch *find(struct window *w, uint32_t id)
{
    for (size_t i = 0; i < w->used; i++) {
        struct window_batch *b = at(w, i);
        if (!b->answered && b->id == id)
            return b;
    }
    return NULL;
}

/* Hand over what is answered at the head of the ring. */
static int deliver(struct window *w)
{
    while (w->used > 0 && at(w, 0)->answered) {
        struct window_batch *b = at(w, 0);
        int rc = w->deliver(w->arg, b, b->reply);
        ffc_reply_free(b->reply);
        b->reply = NULL;
        b->n = 0;
        w->head = (w->head + 1) % (w->depth + 1);
        w->used--;
        if (rc < 0)
            return rc;
    }
    return 0;
}

int window_collect(struct window *w)
{
    uint32_t id;
    struct ffc_reply *reply = NULL;
    int rc = ffc_collect(w->c, &id, &reply);
    if (rc < 0 && rc != FFC_EREFUSED)
        return rc;
    struct window_batch *b = find(w, id);
    if (!b) { /* of somebody who shares the connection: not ours to judge */
        if (w->other)
            return w->other(w->other_arg, id, reply);
        ffc_reply_free(reply);
        return 0;
    }
    if (rc == FFC_EREFUSED) {
        rc = refused(w, b);
        return rc < 0 ? rc : deliver(w);
    }
    b->reply = reply;
    b->answered = true;
    return deliver(w);
}

int window_flush(struct window *w)
{
    struct window_batch *b = at(w, w->used);
    if (b->n == 0)
        return 0;
    int rc = transmit(w, b);
    if (rc < 0)
        return rc;
    w->used++;
    w->sent = w->pushed;
    while (rc == 0 && w->used == w->depth)
        rc = window_collect(w);
    return rc;
}

int window_push(struct window *w, const struct input_frame *frame)
{
    struct window_batch *b = at(w, w->used);
    if (b->n == 0)
        b->first = w->pushed;
    memcpy(b->frames + b->n * w->frame_bytes, frame->data, w->frame_bytes);
    b->keys[b->n] = frame->key;
    b->end = frame->end;
    b->labels[b->n++] = frame->label;
    w->pushed++;
    int rc = 0;
    if (w->eager && clock_s() - w->last_s > GAP_S)
        rc = window_drain(w);
    else if (b->n == w->batch || (w->samples && frame->end))
        rc = window_flush(w);
    w->last_s = clock_s();
    return rc;
}

int window_drain(struct window *w)
{
    int rc = window_flush(w);
    while (rc == 0 && w->used > 0)
        rc = window_collect(w);
    return rc;
}

int window_await(struct window *w, size_t frame)
{
    int rc = 0;
    while (rc == 0 && w->used > 0 && at(w, 0)->first <= frame)
        rc = window_collect(w);
    return rc;
}

static bool is_awaited(struct window *w)
{
    for (size_t i = 0; i < w->used; i++) {
        if (!at(w, i)->answered && !at(w, i)->refused)
            return true;
    }
    return false;
}

/* Each answer that still comes goes to its batch, with nothing done about it.
 */
static void await_all(struct window *w)
{
    while (is_awaited(w)) {
        uint32_t id;
        struct ffc_reply *reply = NULL;
        int rc = ffc_collect(w->c, &id, &reply);
        if (rc < 0 && rc != FFC_EREFUSED)
            return;
        ffc_reply_free(reply);
        struct window_batch *b = find(w, id);
        if (b && rc == FFC_EREFUSED)
            b->refused = true;
        else if (b)
            b->answered = true;
    }
}

struct window_toll window_settle(struct window *w)
{
    bool whole = true;
    await_all(w);
    const struct window_batch *filling = at(w, w->used);
    struct window_toll toll = {.taken = w->pushed - filling->n};
    for (size_t i = 0; i < w->used; i++) {
        const struct window_batch *b = at(w, i);
        if (whole && !b->answered) {
            toll.taken = b->first;
            whole = false;
        } else if (b->answered && !whole) {
            toll.after += b->n;
        }
        toll.unknown += b->answered || b->refused ? 0 : b->n;
    }
    return toll;
}
