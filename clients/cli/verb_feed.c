#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/cli.h"
#include "clients/cli/clock.h"
#include "clients/cli/late.h"
#include "clients/cli/progress.h"
#include "clients/cli/window.h"

#define DURABLE_DEPTH                                                          \
    16 /* requests under way, while the disk takes its time                    \
        */

#define FADE 0.999 /* a frame: the accuracy on the bar is of the last 1,000 */

struct feed {
    struct input_options input;
    size_t batch; /* 0: ours to choose */
    double rate;  /* frames a second; 0: as fast as it goes */
    enum ffc_ack ack;
    struct ffc_samples of; /* of a model with streams */
    bool samples;          /* it is one: not each of its frames is judged */
    struct late late;      /* its options, and counts of labels */

    size_t learned, dropped;
    size_t labelled;      /* of those learned */
    size_t judged, right; /* of these, with a known verdict; right */
    double seen, hit;     /* the same, fading */
    double seconds;
    struct progress progress;
};

static void judge(struct feed *f, const struct window_batch *b,
                  const struct ffc_learned *l)
{
    size_t labelled = 0;
    for (size_t i = 0; i < b->n; i++)
        labelled += b->labels[i] != NULL;
    size_t judged = labelled > l->dropped ? labelled - l->dropped : 0;
    f->labelled += judged;
    if (!l->has_right || judged == 0 || f->samples)
        return;
    double keep = pow(FADE, (double)judged);
    f->judged += judged;
    f->right += l->right;
    f->seen = f->seen * keep + (double)judged;
    f->hit = f->hit * keep + (double)l->right;
}

static int learned(void *arg, const struct window_batch *b,
                   const struct ffc_reply *reply)
{
    struct feed *f = arg;
    struct ffc_learned l;
    if (!reply) {
        f->dropped += b->n;
        late_learned(&f->late, b, NULL);
        return 0;
    }
    int rc = ffc_learned_read(reply, b->n, &l);
    if (rc < 0)
        return rc;
    late_learned(&f->late, b, l.first_id);
    judge(f, b, &l);
    f->learned += b->n - l.dropped;
    f->dropped += l.dropped;
    progress_show(&f->progress, b->first + b->n,
                  f->seen > 0 ? f->hit / f->seen : (double)NAN);
    return 0;
}

/* Push frames until the input ends, Ctrl-C comes or something fails; an exit
   code. */
static int stream(struct cli *cli, struct feed *f, struct input *in,
                  struct window *w)
{
    struct input_frame frame;
    char why[WHY_MAX];
    int rc = 0, got = 0;
    double from = clock_s();
    for (size_t i = 0; rc == 0 && !cli_interrupted; i++) {
        got = input_next(in, &frame, why);
        if (got <= 0)
            break;
        if (f->rate > 0)
            clock_wait(from + (double)i / f->rate);
        if (cli_interrupted)
            break;
        frame.label = late_choose(&f->late, frame.label);
        rc = window_push(w, &frame);
        if (rc == 0)
            rc = late_due(&f->late);
    }
    if (rc == 0)
        rc = window_drain(w);
    if (rc == 0)
        rc = late_finish(&f->late, !cli_interrupted);
    f->seconds = clock_s() - from;
    progress_stop(&f->progress);
    if (rc < 0)
        return cli_failed(cli, rc);
    return got < 0 ? cli_say(EXIT_INPUT, "%s", why) : EXIT_DONE;
}

/* Whether the daemon gave a verdict on every frame. It knows the sum of a
   micro-batch only, and gives none where a request shares one; what is left
   would be no fair sample. */
static bool all_judged(const struct feed *f)
{
    return f->judged > 0 && f->judged == f->labelled;
}

/* Of the frames of this feed; else of the model's last frames. */
static double accuracy(struct cli *cli, const struct feed *f)
{
    struct ffc_reply *reply;
    if (all_judged(f))
        return (double)f->right / (double)f->judged;
    if (f->labelled + f->late.late == 0 ||
        ffc_status(cli->c, cli->model, &reply) < 0)
        return (double)NAN;
    double v = ffc_value_number(
        ffc_value_get(ffc_reply_value(reply), "prequential_accuracy"),
        (double)NAN);
    ffc_reply_free(reply);
    return v;
}

static void report(struct cli *cli, const struct feed *f, uint64_t retries)
{
    double right = accuracy(cli, f);
    double rate = f->seconds > 0 ? (double)f->learned / f->seconds : 0;
    if (cli->json) {
        cli_print_json(json_pack(
            "{s:I,s:f,s:f,s:o,s:s,s:I,s:I,s:I,s:I,s:I,s:I}", "frames",
            (json_int_t)f->learned, "seconds", f->seconds, "frames_per_second",
            rate, "prequential_accuracy", cli_real(right), "prequential_over",
            all_judged(f) ? "feed" : "model", "dropped", (json_int_t)f->dropped,
            "retries", (json_int_t)retries, "labelled",
            (json_int_t)f->late.with, "unlabelled", (json_int_t)f->late.without,
            "late_labels", (json_int_t)f->late.late, "missed",
            (json_int_t)f->late.missed));
        return;
    }
    printf("%s: %zu frames in %.2f s, %.0f a second", cli->model, f->learned,
           f->seconds, rate);
    if (!isnan(right))
        printf(", %.2f %% %s", right * 100,
               all_judged(f) ? "right before being learned"
                             : "of the last frames right before being learned");
    if (f->dropped)
        printf(", %zu dropped", f->dropped);
    if (f->late.unlabelled > 0 || f->late.delay > 0)
        printf("; labels: %zu with their frames, %zu later (%zu for no frame), "
               "%zu never",
               f->late.with, f->late.late, f->late.missed, f->late.without);
    putchar('\n');
}

/* Batches and requests under way that suit the stream. */
static void fit_window(struct window *w, const struct feed *f)
{
    w->batch = window_batch_size(w->frame_bytes, f->batch);
    w->depth = window_depth(w->batch);
    if (f->rate > 0) {
        /* A slow stream must not wait for company, nor we for old answers. */
        size_t most = (size_t)(f->rate / 50) + 1;
        if (!f->batch && w->batch > most)
            w->batch = most;
        w->depth = 4;
    }
    if (f->ack == FFC_ACK_DURABLE && w->depth < DURABLE_DEPTH)
        w->depth = DURABLE_DEPTH;
}

/* Whether the model makes frames itself, of what it is fed. */
static int find_samples(struct cli *cli, bool *samples)
{
    struct ffc_reply *reply;
    int rc = ffc_status(cli->c, cli->model, &reply);
    if (rc < 0)
        return rc;
    *samples = ffc_value_get(ffc_value_get(ffc_reply_value(reply), "stream"),
                             "frame") != NULL;
    ffc_reply_free(reply);
    return rc;
}

static int feed(struct cli *cli, struct feed *f)
{
    struct ffc_model shape;
    char why[WHY_MAX];
    ffc_set_ack(cli->c, f->ack);
    int rc = ffc_model_find(cli->c, cli->model, &shape);
    if (rc == FFC_OK)
        rc = find_samples(cli, &f->samples);
    if (rc < 0)
        return cli_failed(cli, rc);
    struct input *in = input_open(&f->input, &shape, why);
    if (!in)
        return cli_say(EXIT_INPUT, "%s", why);
    struct window w = {.c = cli->c,
                       .model = cli->model,
                       .frame_bytes = shape.frame_bytes,
                       .of = f->of,
                       .eager = f->batch == 0,
                       .deliver = learned,
                       .arg = f};
    fit_window(&w, f);
    f->late.w = &w;
    f->late.seed = f->input.seed;
    late_init(&f->late);
    window_init(&w);
    progress_start(&f->progress, cli->model, input_total(in), !cli->json);
    cli_catch();
    int code = stream(cli, f, in, &w);
    if (code == EXIT_DONE || code == EXIT_INPUT)
        report(cli, f, w.retries);
    window_release(&w);
    late_release(&f->late);
    input_free(in);
    return code == EXIT_DONE && cli_interrupted ? EXIT_INTERRUPTED : code;
}

static enum ffc_ack ack_word(struct args *a)
{
    const char *word = args_text(a);
    if (strcmp(word, "received") == 0)
        return FFC_ACK_RECEIVED;
    if (strcmp(word, "durable") == 0)
        return FFC_ACK_DURABLE;
    if (strcmp(word, "applied") != 0)
        args_fail(a, "--ack is received, applied or durable, not \"%.40s\"",
                  word);
    return FFC_ACK_APPLIED;
}

int verb_feed(struct cli *cli, struct args *a)
{
    struct feed f = {0};
    input_options_init(&f.input);
    int code = cli_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    while (args_next(a)) {
        if (args_is(a, "--batch"))
            f.batch = args_size(a, 1);
        else if (args_is(a, "--rate"))
            f.rate = args_positive(a);
        else if (args_is(a, "--ack"))
            f.ack = ack_word(a);
        else if (args_is(a, "--stream"))
            f.of.stream = args_text(a);
        else if (args_is(a, "--observe"))
            f.of.observe = true;
        else if (args_is(a, "--unlabelled"))
            f.late.unlabelled = args_fraction(a);
        else if (args_is(a, "--label-delay"))
            f.late.delay = args_size(a, 0);
        else if (!args_input(a, &f.input) && !cli_common(cli, a))
            args_unknown(a);
    }
    if (f.input.kind == INPUT_NONE)
        args_fail(a, "no input; name one with --idx, --csv or --raw");
    if (a->why[0])
        return cli_usage(cli, a);
    code = cli_connect(cli);
    return code == EXIT_DONE ? feed(cli, &f) : code;
}
