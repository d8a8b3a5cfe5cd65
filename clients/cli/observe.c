#include "clients/cli/observe.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/clock.h"
#include "clients/cli/mem.h"
#include "clients/cli/progress.h"
#include "clients/cli/votes.h"

#define SAMPLES 1024       /* in a request, at most */
#define BUSY_MS 20         /* where the daemon names no time */
#define PREFIX  "ffctl %d" /* and the process, so that each run has its own */
#define NAME    256 /* what the daemon takes for a stream's name, and 0 */

struct observer {
    struct cli *cli;
    struct ask *k;
    const struct ffc_model *shape;
    const struct stream_shape *stream;
    struct names keys; /* as the daemon is told them */
    struct names labels;
    struct votes *votes; /* (room) by key */
    size_t room, n_votes;

    uint8_t *samples; /* (SAMPLES, frame_bytes) that wait to be sent */
    const char **of;  /* (SAMPLES) their streams */
    size_t n, most;   /* most: in a request, as far as is known */
};

/* ---- to the daemon ------------------------------------------------------ */

/* Whether the daemon was too busy, and some time has passed. */
static bool waited(const struct ffc *c, int rc)
{
    if (rc != FFC_EREFUSED || strcmp(ffc_refusal(c)->code, "BUSY") != 0 ||
        cli_interrupted)
        return false;
    uint64_t ms = ffc_refusal(c)->retry_after_ms;
    clock_wait(clock_s() + (double)(ms ? ms : BUSY_MS) / 1000);
    return true;
}

/* Whether n are more than the daemon's inbox holds, and fewer may do. */
static bool shortened(struct observer *o, int rc, size_t n)
{
    if (rc != FFC_EREFUSED || n < 2 ||
        strcmp(ffc_refusal(o->cli->c)->code, "TOO_MANY") != 0)
        return false;
    o->most = n / 2;
    return true;
}

static int send_part(struct observer *o, size_t from, size_t n, bool end)
{
    size_t bytes = o->shape->frame_bytes;
    struct ffc_samples of = {
        .streams = o->of + from, .end = end, .observe = true};
    int rc;
    do
        rc = ffc_learn_samples(o->cli->c, o->cli->model,
                               o->samples + from * bytes, n, bytes, NULL, &of,
                               NULL);
    while (waited(o->cli->c, rc));
    return rc;
}

static int send(struct observer *o, bool end)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < o->n;) {
        size_t n = o->n - i < o->most ? o->n - i : o->most;
        rc = send_part(o, i, n, end && i + n == o->n);
        if (shortened(o, rc, n))
            rc = 0;
        else
            i += n;
    }
    o->n = 0;
    return rc;
}

/* Why a window that was just made may be gone, and the mend. */
static void tell_places(const struct observer *o, int rc)
{
    if (rc == FFC_EREFUSED &&
        strcmp(ffc_refusal(o->cli->c)->code, "NO_WINDOW") == 0 &&
        o->n_votes > 1)
        cli_say(EXIT_DONE,
                "%zu streams in turn are more than there are places for what "
                "is only looked at (as many as stream.keys, at most 64); sort "
                "the input by stream, or take a part",
                o->n_votes);
}

static int ask(struct observer *o, const char *stream, size_t sample,
               const char *label, const char *told)
{
    struct ffc_answers *a;
    struct window_batch row = {
        .n = 1, .first = sample, .labels = &label, .keys = &told};
    int rc = ffc_now(o->cli->c, o->cli->model, stream, true, &a);
    if (rc < 0) {
        tell_places(o, rc);
        return rc;
    }
    o->k->answer(o->k->to, &row, 0, a);
    o->k->frames++;
    o->k->step = a->step;
    ffc_answers_free(a);
    progress_show(o->k->progress, sample + 1, (double)NAN);
    (void)fflush(stdout);
    return 0;
}

/* ---- streams ------------------------------------------------------------ */

/* FNV-1a: of a key that makes too long a name, or two might begin alike. */
static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return h;
}

static void name_stream(char name[NAME], const char *key)
{
    int pid = (int)getpid();
    if (!key)
        snprintf(name, NAME, PREFIX, pid);
    else if (snprintf(name, NAME, PREFIX " %s", pid, key) >= NAME)
        snprintf(name, NAME, PREFIX " #%016" PRIx64, pid, hash(key));
}

static int key_of(struct observer *o, const char *key)
{
    char name[NAME];
    name_stream(name, key);
    int i = names_put(&o->keys, name, strlen(name));
    if ((size_t)i < o->n_votes)
        return i;
    if (o->n_votes == o->room) {
        o->room = o->room ? 2 * o->room : 16;
        o->votes = must_grow(o->votes, o->room, sizeof *o->votes);
    }
    votes_init(&o->votes[o->n_votes++], o->stream);
    return i;
}

static int take(struct observer *o, const struct input_frame *f, size_t sample)
{
    size_t bytes = o->shape->frame_bytes;
    int key = key_of(o, f->key), winner;
    int label =
        f->label ? names_put(&o->labels, f->label, strlen(f->label)) : -1;
    const char *stream = names_get(&o->keys, key);
    bool whole = votes_add(&o->votes[key], label, f->end, &winner);
    memcpy(o->samples + o->n * bytes, f->data, bytes);
    o->of[o->n++] = stream;
    int rc = 0;
    if (whole || f->end || o->n == SAMPLES)
        rc = send(o, f->end);
    if (rc == 0 && whole)
        rc = ask(o, stream, sample, names_get(&o->labels, winner),
                 f->file ? f->file : f->key);
    return rc;
}

static void release(struct observer *o)
{
    for (size_t i = 0; i < o->n_votes; i++)
        votes_release(&o->votes[i]);
    names_release(&o->keys);
    names_release(&o->labels);
    free(o->votes);
    free(o->samples);
    free((void *)o->of);
}

int observe_all(struct cli *cli, struct ask *k, struct model_input *m)
{
    struct progress progress;
    struct input_frame frame;
    char why[WHY_MAX];
    struct observer o = {.cli = cli,
                         .k = k,
                         .shape = &m->shape,
                         .stream = &m->stream,
                         .most = SAMPLES,
                         .samples = must_alloc(SAMPLES, m->shape.frame_bytes),
                         .of = must_alloc(SAMPLES, sizeof(char *))};
    k->progress = &progress;
    progress_start(&progress, k->what, input_total(m->in),
                   k->what && !cli->json);
    progress.unit = "samples";
    double from = clock_s();
    int rc = 0, got = 0;
    for (size_t i = 0; rc == 0 && !cli_interrupted; i++) {
        got = input_next(m->in, &frame, why);
        if (got <= 0)
            break;
        rc = take(&o, &frame, i);
    }
    if (rc == 0)
        rc = send(&o, false);
    k->seconds = clock_s() - from;
    progress_stop(&progress);
    release(&o);
    if (rc < 0)
        return cli_failed(cli, rc);
    if (got < 0 && !cli_interrupted)
        return cli_say(EXIT_INPUT, "%s", why);
    return cli_interrupted ? EXIT_INTERRUPTED : EXIT_DONE;
}
