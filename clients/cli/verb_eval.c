#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/ask.h"
#include "clients/cli/contexts.h"
#include "clients/cli/eval_report.h"
#include "clients/cli/likeliest.h"
#include "clients/cli/mem.h"
#include "clients/cli/observe.h"
#include "clients/cli/strange.h"
#include "clients/cli/together.h"

#define ALARM 0.01 /* as the key `novelty` has it */

struct column {
    float *v; /* (n) owned */
    size_t n, room;
};

/* What was said of the input's frames, or of others. */
struct seen {
    struct column novelty, typicality;
};

struct eval {
    struct input_options input;
    struct strange_options strange;
    const char *novelty_path;
    size_t batch;
    struct model_input model;
    struct eval_result result;
    struct seen own, other;
};

static void column_add(struct column *c, float v)
{
    if (c->n == c->room) {
        c->room = c->room ? 2 * c->room : 1024;
        c->v = must_grow(c->v, c->room, sizeof *c->v);
    }
    c->v[c->n++] = v;
}

static void seen_add(struct seen *s, const struct ffc_answers *a, size_t i)
{
    column_add(&s->novelty, a->novelty[i]);
    column_add(&s->typicality, a->typicality[i]);
}

static void seen_release(struct seen *s)
{
    free(s->novelty.v);
    free(s->typicality.v);
}

static void take_own(void *to, const struct window_batch *b, size_t i,
                     const struct ffc_answers *a)
{
    struct eval *e = to;
    seen_add(&e->own, a, i);
    if (b->labels[i])
        score_add(&e->result.score, b->labels[i], a->label[i],
                  (double)a->confidence[i]);
    if (!e->result.of_text)
        return;
    double p = probability(a, i, b->labels[i]);
    if (p > 0) {
        e->result.bits -= log2(p);
        e->result.symbols++;
    }
}

static void take_other(void *to, const struct window_batch *b, size_t i,
                       const struct ffc_answers *a)
{
    (void)b;
    seen_add(&((struct eval *)to)->other, a, i);
}

static int next_context(void *from, struct input_frame *out, char why[WHY_MAX])
{
    return contexts_next(from, out, why);
}

static int next_strange(void *from, struct input_frame *out, char why[WHY_MAX])
{
    return strange_next(from, out, why);
}

static int write_novelty(const struct eval *e)
{
    FILE *f = fopen(e->novelty_path, "w");
    if (!f)
        return cli_say(EXIT_INPUT, "cannot write %s: %s", e->novelty_path,
                       strerror(errno));
    for (size_t i = 0; i < e->own.novelty.n; i++)
        fprintf(f, "%.7g\n", (double)e->own.novelty.v[i]);
    if (fclose(f) != 0)
        return cli_say(EXIT_INPUT, "cannot write %s: %s", e->novelty_path,
                       strerror(errno));
    return EXIT_DONE;
}

/* Leave out NaN, which no order holds. */
static void leave_finite(struct column *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (isfinite(c->v[i]))
            c->v[n++] = c->v[i];
    }
    c->n = n;
}

/* Share of a column at or below the alarm; NaN if there is nothing in it. */
static double alarms(const struct column *c, double alarm)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += c->v[i] <= (float)alarm;
    return c->n ? (double)n / (double)c->n : (double)NAN;
}

/* Strange frames are less typical, and more novel. */
static void judge(struct eval *e)
{
    struct seen *own = &e->own, *other = &e->other;
    struct eval_typicality *t = &e->result.typicality;
    e->result.strange = other->novelty.n;
    leave_finite(&own->novelty);
    leave_finite(&own->typicality);
    leave_finite(&other->novelty);
    leave_finite(&other->typicality);
    t->alarms = alarms(&own->typicality, t->alarm);
    t->detected = alarms(&other->typicality, t->alarm);
    t->auroc = score_auroc(other->typicality.v, other->typicality.n,
                           own->typicality.v, own->typicality.n);
    e->result.auroc = score_auroc(own->novelty.v, own->novelty.n,
                                  other->novelty.v, other->novelty.n);
}

static int ask_strange(struct cli *cli, struct eval *e)
{
    struct strange s;
    char why[WHY_MAX];
    int code;
    if (strange_init(&s, &e->strange, e->model.in, &e->model.shape,
                     e->own.novelty.n, e->input.seed, why) < 0) {
        code = cli_say(EXIT_INPUT, "%s", why);
    } else {
        struct ask k = {.shape = &e->model.shape,
                        .batch = e->batch,
                        .next = next_strange,
                        .from = &s,
                        .answer = take_other,
                        .to = e};
        code = ask_all(cli, &k);
    }
    strange_release(&s);
    e->result.has_auroc = code == EXIT_DONE;
    return code;
}

/* What comes next, after each part of a text. One at a time: of several frames
   the daemon expects what layers see, and not bytes. */
static int ask_text(struct cli *cli, struct eval *e, struct ask *k)
{
    struct contexts c;
    struct ffc_model context = e->model.shape;
    context.frame_bytes = context.values = e->model.stream.length;
    e->result.of_text = true;
    contexts_init(&c, e->model.in, context.values);
    k->shape = &context;
    k->batch = 1;
    k->next = next_context;
    k->from = &c;
    int code = ask_all(cli, k);
    contexts_release(&c);
    return code;
}

static int ask_own(struct cli *cli, struct eval *e, struct ask *k)
{
    if (!e->model.samples)
        return ask_all(cli, k);
    return e->model.stream.symbols ? ask_text(cli, e, k)
                                   : observe_all(cli, k, &e->model);
}

static int eval_input(struct cli *cli, struct eval *e)
{
    struct ask k = {.shape = &e->model.shape,
                    .batch = e->batch,
                    .what = cli->model,
                    .total = input_total(e->model.in),
                    .next = ask_input,
                    .from = e->model.in,
                    .answer = take_own,
                    .to = e};
    int code = ask_own(cli, e, &k);
    e->result.frames = k.frames;
    e->result.seconds = k.seconds;
    e->result.step = k.step;
    if (code == EXIT_DONE && e->novelty_path)
        code = write_novelty(e);
    if (code == EXIT_DONE && strange_wanted(&e->strange))
        code = ask_strange(cli, e);
    judge(e);
    if (code == EXIT_DONE || code == EXIT_INTERRUPTED)
        eval_report(cli, &e->result);
    return code;
}

static int eval(struct cli *cli, struct eval *e)
{
    int code = model_input_find(cli, &e->model);
    if (code != EXIT_DONE)
        return code;
    if (e->model.samples && strange_wanted(&e->strange))
        return cli_say(EXIT_INPUT,
                       "strange frames are of models without streams");
    e->input.load = strange_needs_own(&e->strange);
    e->input.end = e->model.samples && !e->model.stream.symbols;
    code = model_input_open(&e->model, &e->input);
    if (code != EXIT_DONE)
        return code;
    score_init(&e->result.score);
    cli_catch();
    code = eval_input(cli, e);
    score_release(&e->result.score);
    seen_release(&e->own);
    seen_release(&e->other);
    model_input_release(&e->model);
    return code;
}

static bool eval_option(struct eval *e, struct args *a)
{
    if (args_is(a, "--novelty"))
        e->novelty_path = args_text(a);
    else if (args_is(a, "--novelty-against"))
        e->strange.against = args_text(a);
    else if (args_is(a, "--rotate"))
        e->strange.rotate = true;
    else if (args_is(a, "--hybrids"))
        e->strange.hybrids = true;
    else if (args_is(a, "--typicality-alarm"))
        e->result.typicality.alarm = args_fraction(a);
    else if (args_is(a, "--batch"))
        e->batch = args_size(a, 1);
    else
        return false;
    return true;
}

int verb_eval(struct cli *cli, struct args *a)
{
    struct eval e = {.result.typicality.alarm = ALARM};
    input_options_init(&e.input);
    int code = cli_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    while (args_next(a)) {
        if (!eval_option(&e, a) && !args_input(a, &e.input) &&
            !cli_common(cli, a))
            args_unknown(a);
    }
    if (e.input.kind == INPUT_NONE)
        args_fail(
            a, "no input; name one with --idx, --csv, --raw, --text or --wav");
    together_check(a, &e.input);
    if (a->why[0])
        return cli_usage(cli, a);
    code = cli_connect(cli);
    return code == EXIT_DONE ? eval(cli, &e) : code;
}
