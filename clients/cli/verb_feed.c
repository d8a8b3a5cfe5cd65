#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/cli.h"
#include "clients/cli/clock.h"
#include "clients/cli/late.h"
#include "clients/cli/model_input.h"
#include "clients/cli/progress.h"
#include "clients/cli/together.h"
#include "clients/cli/window.h"

/* Requests under way, while the disk takes its time. */
#define DURABLE_DEPTH 16

#define SYMBOLS_BATCH 4096
#define SAMPLES_BATCH 1024
#define BITS_EVERY_S  1 /* status is asked for bits a symbol, on a terminal */

#define FADE 0.999 /* a frame: the accuracy on the bar is of the last 1,000 */

struct feed {
    struct input_options input;
    size_t batch; /* 0: ours to choose */
    double rate;  /* frames a second; 0: as fast as it goes */
    enum ffc_ack ack;
    bool observe;     /* streams go on, nothing is learned */
    struct late late; /* its options, and counts of labels */
    struct cli *cli;
    struct model_input model;

    size_t learned, dropped;
    size_t windows;         /* of samples: frames that were learned */
    size_t labelled;        /* of those learned */
    size_t judged, right;   /* of these, with a known verdict; right */
    double seen, hit;       /* the same, fading */
    double seconds, bits_s; /* bits_s: when bits were asked for last */
    struct progress progress;
};

static const char *unit(const struct feed *f)
{
    if (!f->model.samples)
        return "frames";
    return f->model.stream.symbols ? "symbols" : "samples";
}

/* How many had a verdict: of samples, windows. */
static size_t judged_of(struct feed *f, const struct window_batch *b,
                        const struct ffc_learned *l)
{
    size_t labelled = 0;
    if (f->model.samples)
        f->windows += l->moved;
    if (l->has_right)
        return l->labelled;
    for (size_t i = 0; i < b->n; i++)
        labelled += b->labels[i] != NULL;
    return labelled > l->dropped ? labelled - l->dropped : 0;
}

static void judge(struct feed *f, const struct window_batch *b,
                  const struct ffc_learned *l)
{
    size_t judged = judged_of(f, b, l);
    f->labelled += judged;
    if (!l->has_right || judged == 0)
        return;
    double keep = pow(FADE, (double)judged);
    f->judged += judged;
    f->right += l->right;
    f->seen = f->seen * keep + (double)judged;
    f->hit = f->hit * keep + (double)l->right;
}

/* What is more now than before; nothing after a rollback. */
static size_t more(size_t now, size_t before)
{
    return now > before ? now - before : 0;
}

/* What its streams are now; as they were where it does not say. */
static struct stream_shape stream_now(struct feed *f)
{
    struct stream_shape now;
    if (!f->model.samples || stream_find(f->cli->c, f->cli->model, &now) != 1)
        now = f->model.stream;
    return now;
}

static void show(struct feed *f, size_t done)
{
    struct progress *p = &f->progress;
    bool symbols = f->model.samples && f->model.stream.symbols;
    if (p->on && symbols && clock_s() - f->bits_s > BITS_EVERY_S) {
        f->bits_s = clock_s();
        p->bits = stream_now(f).bits;
    }
    progress_show(p, done, f->seen > 0 ? f->hit / f->seen : (double)NAN);
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
    f->learned += more(b->n, l.dropped);
    f->dropped += l.dropped;
    show(f, b->first + b->n);
    return 0;
}

/* Nothing waits while the input pauses. */
static int await_input(const struct input *in, struct window *w)
{
    int rc = 0;
    while (rc == 0 && !cli_interrupted && !input_ready(in))
        rc = window_drain(w);
    return rc;
}

/* Whether --offset says how far an input got. */
static bool has_offset(const struct input_options *o)
{
    return o->order == ORDER_AS_IS && o->repeat == 1 && o->kind != INPUT_WAV;
}

/* How far it got, when it failed. */
static void tell_toll(const struct feed *f, struct window *w)
{
    struct window_toll toll = window_settle(w);
    size_t from = f->input.offset + toll.taken;
    if (toll.taken + toll.after + toll.unknown == 0) {
        cli_say(EXIT_DONE, "nothing was taken");
        return;
    }
    fprintf(stderr, "ffctl: %s%zu %s were taken", toll.unknown ? "about " : "",
            toll.taken, unit(f));
    if (toll.after)
        fprintf(stderr, ", and %zu behind those that were refused", toll.after);
    if (toll.unknown)
        fprintf(stderr,
                "; %zu more were under way, and seq of ffctl status tells "
                "whether they were",
                toll.unknown);
    else if (!toll.after && has_offset(&f->input))
        fprintf(stderr, "; --offset %zu goes on behind them", from);
    (void)fputc('\n', stderr);
}

/* Tell what failed, the mend if there is one, and how far it got. */
static int failed(const struct feed *f, struct window *w, int rc)
{
    int code = cli_failed(f->cli, rc);
    if (rc == FFC_EREFUSED && strcmp(ffc_refusal(w->c)->code, "TOO_MANY") == 0)
        fprintf(stderr, "ffctl: --batch says how many a request has: %zu now\n",
                w->batch);
    tell_toll(f, w);
    return code;
}

/* Push frames until the input ends, Ctrl-C comes or something fails; an exit
   code. */
static int stream(struct feed *f, struct input *in, struct window *w)
{
    struct input_frame frame;
    char why[WHY_MAX];
    int rc = 0, got = 0;
    double from = clock_s();
    for (size_t i = 0; rc == 0 && !cli_interrupted; i++) {
        rc = await_input(in, w);
        if (rc < 0 || cli_interrupted)
            break;
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
        return failed(f, w, rc);
    return got < 0 && !cli_interrupted ? cli_say(EXIT_INPUT, "%s", why)
                                       : EXIT_DONE;
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

static void report_json(struct feed *f, double right, double rate,
                        uint64_t retries)
{
    json_t *j = json_pack(
        "{s:I,s:f,s:f,s:o,s:s,s:I,s:I,s:I,s:I,s:I,s:I}", "frames",
        (json_int_t)f->learned, "seconds", f->seconds, "frames_per_second",
        rate, "prequential_accuracy", cli_real(right), "prequential_over",
        all_judged(f) ? "feed" : "model", "dropped", (json_int_t)f->dropped,
        "retries", (json_int_t)retries, "labelled", (json_int_t)f->late.with,
        "unlabelled", (json_int_t)f->late.without, "late_labels",
        (json_int_t)f->late.late, "missed", (json_int_t)f->late.missed);
    if (j && f->model.samples) {
        struct stream_shape now = stream_now(f);
        json_object_set_new(j, "windows", json_integer((json_int_t)f->windows));
        json_object_set_new(j, "anomalies",
                            json_integer((json_int_t)more(
                                now.anomalies, f->model.stream.anomalies)));
        json_object_set_new(j, "bits_per_symbol", cli_real(now.bits));
    }
    cli_print_json(j);
}

/* What is told of streams alone. */
static void report_stream(struct feed *f)
{
    struct stream_shape now = stream_now(f);
    size_t anomalies = more(now.anomalies, f->model.stream.anomalies);
    if (now.bits > 0)
        printf(", %.3f bits a symbol of late", now.bits);
    if (!now.symbols && f->windows > 0)
        printf(", %zu windows learned", f->windows);
    if (anomalies > 0)
        printf(", %zu alarm%s of anomaly", anomalies,
               anomalies == 1 ? "" : "s");
}

static void report(struct cli *cli, struct feed *f, uint64_t retries)
{
    double right = accuracy(cli, f);
    double rate = f->seconds > 0 ? (double)f->learned / f->seconds : 0;
    if (cli->json) {
        report_json(f, right, rate, retries);
        return;
    }
    printf("%s: %zu %s in %.2f s, %.0f a second", cli->model, f->learned,
           unit(f), f->seconds, rate);
    if (f->model.samples)
        report_stream(f);
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
    size_t wanted = f->batch;
    if (wanted == 0 && f->model.samples)
        wanted = f->model.stream.symbols ? SYMBOLS_BATCH : SAMPLES_BATCH;
    w->batch = window_batch_size(w->frame_bytes, wanted);
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
    /* What is refused is sent again, and later samples must not be before. */
    if (f->model.samples && f->model.stream.rejects)
        w->depth = 1;
}

/* With an input: a window over it, and what is to be told at the end. */
static int feed_input(struct cli *cli, struct feed *f)
{
    struct window w = {.c = cli->c,
                       .model = cli->model,
                       .frame_bytes = f->model.shape.frame_bytes,
                       .samples = f->model.samples,
                       .observe = f->observe,
                       .eager = f->batch == 0,
                       .deliver = learned,
                       .arg = f};
    fit_window(&w, f);
    f->late.w = &w;
    f->late.seed = f->input.seed;
    late_init(&f->late);
    window_init(&w);
    progress_start(&f->progress, cli->model, input_total(f->model.in),
                   !cli->json);
    f->progress.unit = unit(f);
    cli_catch();
    int code = stream(f, f->model.in, &w);
    if (code == EXIT_DONE || code == EXIT_INPUT)
        report(cli, f, w.retries);
    window_release(&w);
    late_release(&f->late);
    return code == EXIT_DONE && cli_interrupted ? EXIT_INTERRUPTED : code;
}

static int feed(struct cli *cli, struct feed *f)
{
    f->cli = cli;
    ffc_set_ack(cli->c, f->ack);
    int code = model_input_find(cli, &f->model);
    if (code == EXIT_DONE && f->observe && !f->model.samples)
        return cli_say(EXIT_INPUT, "--observe is of models with streams");
    if (code == EXIT_DONE)
        code = model_input_open(&f->model, &f->input);
    if (code == EXIT_DONE)
        code = feed_input(cli, f);
    model_input_release(&f->model);
    return code;
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
        else if (args_is(a, "--unlabelled"))
            f.late.unlabelled = args_fraction(a);
        else if (args_is(a, "--label-delay"))
            f.late.delay = args_size(a, 0);
        else if (args_is(a, "--observe"))
            f.observe = true;
        else if (!args_input(a, &f.input) && !cli_common(cli, a))
            args_unknown(a);
    }
    if (f.input.kind == INPUT_NONE)
        args_fail(
            a, "no input; name one with --idx, --csv, --raw, --text or --wav");
    together_check(a, &f.input);
    if (f.input.kind == INPUT_TEXT && (f.late.unlabelled > 0 || f.late.delay))
        args_fail(a, "--unlabelled and --label-delay do not go with --text: "
                     "each symbol is its own label");
    if (a->why[0])
        return cli_usage(cli, a);
    code = cli_connect(cli);
    return code == EXIT_DONE ? feed(cli, &f) : code;
}
