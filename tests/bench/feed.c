#include "tests/bench/feed.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "proto/object.h"
#include "proto/pack.h"
#include "tests/bench/measure.h"

#define AHEAD_BYTES ((size_t)512 * 1024) /* encoded and not yet sent */
#define LOOK_MS     50                   /* for *stop */

void feed_load(struct feed_data *d, const char *dir)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/train-images-idx3-ubyte.gz", dir);
    if (idx_load(&d->images, path))
        die("no training images in %s", dir);
    snprintf(path, sizeof path, "%s/train-labels-idx1-ubyte.gz", dir);
    if (idx_load(&d->labels, path) || d->labels.n != d->images.n)
        die("no training labels in %s", dir);
}

void feed_unload(struct feed_data *d)
{
    idx_release(&d->images);
    idx_release(&d->labels);
}

void feed_open(struct feed *f, const char *address, size_t n, size_t models)
{
    if (n > FEED_PEERS)
        die("at most %d connections feed", FEED_PEERS);
    f->n = n;
    f->sent = 0;
    atomic_store(&f->learned, 0);
    for (size_t i = 0; i < n; i++) {
        struct feed_peer *p = &f->peers[i];

        memset(p, 0, sizeof *p);
        snprintf(p->model, sizeof p->model, "m%zu", i % models);
        peer_open(&p->peer, address);
    }
}

void feed_close(struct feed *f)
{
    for (size_t i = 0; i < f->n; i++)
        peer_close(&f->peers[i].peer);
}

static void pack_label(struct ffp_buf *b, uint8_t label)
{
    char text[4];

    snprintf(text, sizeof text, "%u", label);
    ffp_pack_str(b, text);
}

/* One request of n frames that lie one behind the other. */
static void ask(struct feed *f, struct feed_peer *p, size_t n)
{
    const struct idx *images = &f->data->images;
    size_t at = f->sent % images->n;
    const uint8_t *frames = images->bytes + at * images->row;
    const uint8_t *labels = f->data->labels.bytes + at;
    struct ffp_buf *b = &p->peer.out;

    ffp_call_begin(b, ++p->last_id, f->batch > 1 ? "learn_batch" : "learn",
                   f->durable ? 4 : 3);
    ffp_pack_str(b, p->model);
    ffp_pack_bin(b, frames, n * images->row);
    if (f->batch > 1)
        ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++)
        pack_label(b, labels[i]);
    if (f->durable) {
        ffp_pack_map(b, 1);
        ffp_kv_str(b, "ack", "durable");
    }
    p->under_way++;
    f->sent += n;
}

static size_t next_n(const struct feed *f)
{
    size_t rest = f->data->images.n - f->sent % f->data->images.n;
    size_t n = f->batch < rest ? f->batch : rest;

    return n < f->frames - f->sent ? n : f->frames - f->sent;
}

static void fill(struct feed *f, struct feed_peer *p)
{
    struct peer *to = &p->peer;

    while (p->under_way < f->depth && f->sent < f->frames &&
           to->out.n - to->sent < AHEAD_BYTES)
        ask(f, p, next_n(f));
    p->behind = peer_write(to);
}

static void take(struct feed *f, struct feed_peer *p)
{
    struct ffp_response r;

    peer_read(&p->peer);
    while (peer_next(&p->peer, &r)) {
        uint64_t n = 1, dropped = 0;

        if (r.is_error)
            die("learning was refused: %.*s", (int)r.error.n, r.error.at);
        ffp_as_uint(ffp_get(r.result, "n"), &n);
        ffp_as_uint(ffp_get(r.result, "dropped"), &dropped);
        if (dropped)
            die("ffd dropped %zu frames", (size_t)dropped);
        p->under_way--;
        f->learned += n;
    }
}

void feed_run(struct feed *f, const atomic_bool *stop)
{
    struct pollfd fds[FEED_PEERS];

    for (size_t i = 0; i < f->n; i++)
        fds[i].fd = f->peers[i].peer.fd;
    while (f->learned < f->frames && !(stop && atomic_load(stop))) {
        for (size_t i = 0; i < f->n; i++) {
            fill(f, &f->peers[i]);
            fds[i].events =
                (short)(POLLIN | (f->peers[i].behind ? POLLOUT : 0));
        }
        if (poll(fds, f->n, LOOK_MS) < 0)
            continue;
        for (size_t i = 0; i < f->n; i++) {
            if (fds[i].revents & (POLLIN | POLLHUP | POLLERR))
                take(f, &f->peers[i]);
        }
    }
}
