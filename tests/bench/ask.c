#include "tests/bench/ask.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "proto/object.h"
#include "proto/pack.h"
#include "tests/bench/measure.h"

#define GIVE_UP_S 30   /* without an answer */
#define STRIDE    7919 /* from picture to picture: a prime */

void ask_open(struct ask *a, const char *address)
{
    a->latency = malloc(a->n * sizeof *a->latency);
    a->late = malloc(a->n * sizeof *a->late);
    if (!a->latency || !a->late)
        die("out of memory");
    for (size_t i = 0; i < a->n; i++)
        a->latency[i] = -1;
    peer_open(&a->peer, address);
}

void ask_close(struct ask *a)
{
    peer_close(&a->peer);
    free(a->latency);
    free(a->late);
}

static double due(const struct ask *a, size_t i)
{
    size_t first = i - i % a->burst;

    return a->start + (double)first / (double)a->rate;
}

static void send_due(struct ask *a)
{
    const struct idx *images = a->images;
    struct ffp_buf *b = &a->peer.out;
    double now = measure_now();

    for (; a->sent < a->n && due(a, a->sent) <= now; a->sent++) {
        size_t i = a->sent, at = i * STRIDE % images->n;
        char model[24];

        snprintf(model, sizeof model, "m%zu", i % a->models);
        ffp_call_begin(b, (uint32_t)i, "predict", 2);
        ffp_pack_str(b, model);
        ffp_pack_bin(b, images->bytes + at * images->row, images->row);
        a->late[i] = now - due(a, i);
    }
    peer_write(&a->peer);
}

static void check(struct ask *a, const struct ffp_response *r)
{
    size_t model = r->msgid % a->models;
    struct ffp_str label;
    uint64_t step;

    if (r->is_error)
        die("question %u failed: %.*s", r->msgid, (int)r->error.n, r->error.at);
    if (r->msgid >= a->sent || a->latency[r->msgid] >= 0)
        die("an answer came to a question that was not asked");
    if (!ffp_as_text(ffp_get(r->result, "label"), &label))
        die("answer %u has no label", r->msgid);
    if (!ffp_as_uint(ffp_get(r->result, "step"), &step))
        die("answer %u names no step", r->msgid);
    if (step < a->step[model])
        die("answer %u is of step %zu, the one before it of %zu", r->msgid,
            (size_t)step, (size_t)a->step[model]);
    a->step[model] = step;
}

static void take(struct ask *a)
{
    struct ffp_response r;
    double now;

    peer_read(&a->peer);
    now = measure_now();
    while (peer_next(&a->peer, &r)) {
        check(a, &r);
        a->latency[r.msgid] = now - due(a, r.msgid);
        a->answered++;
    }
}

static void wait_for_socket(const struct ask *a, double until)
{
    struct pollfd fd = {.fd = a->peer.fd, .events = POLLIN};
    double left = until - measure_now();
    struct timespec t;

    if (a->peer.out.n > 0)
        fd.events |= POLLOUT;
    if (left < 0)
        left = 0;
    t.tv_sec = (time_t)left;
    t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
    ppoll(&fd, 1, &t, NULL);
}

void ask_run(struct ask *a)
{
    double last = measure_now();

    /* Timers to the microsecond; the default of 50 would be in every figure. */
    prctl(PR_SET_TIMERSLACK, 1L);
    a->start = last + 0.01;
    while (a->answered < a->n) {
        size_t before = a->answered;
        double now;

        send_due(a);
        wait_for_socket(a,
                        a->sent < a->n ? due(a, a->sent) : measure_now() + 1);
        take(a);
        now = measure_now();
        if (a->answered > before || a->answered == a->sent)
            last = now;
        if (now - last > GIVE_UP_S)
            die("no answer for %d s; %zu of %zu came", GIVE_UP_S, a->answered,
                a->n);
    }
}
