#include "clients/cli/ask.h"

#include <math.h>
#include <stdio.h>

#include "clients/cli/clock.h"
#include "clients/cli/progress.h"

#define ANSWER_VALUES 60000 /* a message holds 65,536 */

int ask_input(void *from, struct input_frame *out, char why[WHY_MAX])
{
    return input_next(from, out, why);
}

static int answered(void *arg, const struct window_batch *b,
                    const struct ffc_reply *reply)
{
    struct ask *k = arg;
    struct ffc_answers *a;
    if (!reply)
        return 0;
    int rc = ffc_answers_read(reply, b->n, &a);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < b->n; i++)
        k->answer(k->to, b, i, a);
    k->frames += b->n;
    k->step = a->step;
    progress_show(k->progress, k->frames, (double)NAN);
    ffc_answers_free(a);
    (void)fflush(stdout); /* of a live stream somebody reads along */
    return 0;
}

/* A batch whose answer fits into a message: scores, goodness and the rest. */
static size_t batch_size(const struct ask *k)
{
    if (k->detail)
        return 1;
    size_t n = window_batch_size(k->shape->frame_bytes, k->batch);
    size_t most = ANSWER_VALUES / (k->shape->labels + 16);
    return n < most ? n : most;
}

int ask_all(struct cli *cli, struct ask *k)
{
    struct input_frame frame;
    struct progress progress;
    char why[WHY_MAX];
    struct window w = {.c = cli->c,
                       .model = cli->model,
                       .frame_bytes = k->shape->frame_bytes,
                       .batch = batch_size(k),
                       .predict = true,
                       .detail = k->detail,
                       .eager = k->batch == 0,
                       .deliver = answered,
                       .arg = k};
    w.depth = window_depth(w.batch);
    window_init(&w);
    k->progress = &progress;
    progress_start(&progress, k->what, k->total, k->what && !cli->json);
    double from = clock_s();
    int rc = 0, got = 0;
    while (rc == 0 && !cli_interrupted) {
        got = k->next(k->from, &frame, why);
        if (got <= 0)
            break;
        rc = window_push(&w, &frame);
    }
    if (rc == 0)
        rc = window_drain(&w);
    k->seconds = clock_s() - from;
    progress_stop(&progress);
    window_release(&w);
    if (rc < 0)
        return cli_failed(cli, rc);
    if (got < 0 && !cli_interrupted)
        return cli_say(EXIT_INPUT, "%s", why);
    return cli_interrupted ? EXIT_INTERRUPTED : EXIT_DONE;
}
