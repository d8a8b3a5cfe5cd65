#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/ask.h"
#include "clients/cli/likeliest.h"
#include "clients/cli/observe.h"
#include "clients/cli/together.h"

struct predict {
    struct input_options input;
    size_t batch;
    bool goodness; /* show it, and scores */
    bool detail;   /* goodness for every class too */
    bool json;
    const char *text; /* what comes after it? or NULL */
    struct model_input model;
};

/* {label: [each layer's]} */
static json_t *detail_json(const struct ffc_answers *a)
{
    json_t *all = json_object();
    for (size_t k = 0; k < a->classes; k++) {
        json_t *row = json_array();
        for (size_t l = 0; l < a->layers; l++)
            json_array_append_new(
                row, cli_real((double)a->class_goodness[k * a->layers + l]));
        json_object_set_new(all, a->class_name[k] ? a->class_name[k] : "?",
                            row);
    }
    return all;
}

/* [[label, probability]], the likeliest first. */
static json_t *likeliest_json(const struct ffc_answers *a, size_t i)
{
    size_t best[LIKELIEST], n = likeliest(a, i, best);
    json_t *list = json_array();
    for (size_t k = 0; k < n; k++)
        json_array_append_new(
            list, json_pack("[s,f]", a->class_name[best[k]],
                            (double)a->scores[i * a->classes + best[k]]));
    return list;
}

static bool is_symbols(const struct predict *p)
{
    return p->model.samples && p->model.stream.symbols;
}

static json_t *row_json(const struct predict *p, const struct window_batch *b,
                        size_t i, const struct ffc_answers *a)
{
    json_t *j =
        json_pack("{s:I,s:s?,s:o,s:o,s:o,s:s?,s:I}", "frame",
                  (json_int_t)b->first + (json_int_t)i, "label", a->label[i],
                  "confidence", cli_real((double)a->confidence[i]), "novelty",
                  cli_real((double)a->novelty[i]), "typicality",
                  cli_real((double)a->typicality[i]), "by", a->by, "step",
                  (json_int_t)a->step);
    if (!j)
        return NULL;
    if (b->labels[i])
        json_object_set_new(j, "true", json_string(b->labels[i]));
    if (p->model.samples && b->keys[i])
        json_object_set_new(j, "of", json_string(b->keys[i]));
    if (is_symbols(p))
        json_object_set_new(j, "likeliest", likeliest_json(a, i));
    if (!p->goodness)
        return j;
    json_t *goodness = json_array(), *scores = json_object();
    for (size_t l = 0; l < a->layers; l++)
        json_array_append_new(goodness,
                              cli_real((double)a->goodness[i * a->layers + l]));
    for (size_t k = 0; k < a->classes; k++) {
        if (a->class_name[k])
            json_object_set_new(
                scores, a->class_name[k],
                cli_real((double)a->scores[i * a->classes + k]));
    }
    json_object_set_new(j, "goodness", goodness);
    json_object_set_new(j, "scores", scores);
    if (a->class_goodness)
        json_object_set_new(j, "class_goodness", detail_json(a));
    return j;
}

static void print_extra(const struct ffc_answers *a, size_t i)
{
    printf("  goodness");
    for (size_t l = 0; l < a->layers; l++)
        printf(" %.3f", (double)a->goodness[i * a->layers + l]);
    printf("  scores");
    for (size_t k = 0; k < a->classes; k++)
        printf(" %s=%.3f", a->class_name[k] ? a->class_name[k] : "?",
               (double)a->scores[i * a->classes + k]);
}

/* A line a class, below the answer. */
static void print_detail(const struct ffc_answers *a)
{
    for (size_t k = 0; k < a->classes; k++) {
        printf("\n  %-12s", a->class_name[k] ? a->class_name[k] : "?");
        for (size_t l = 0; l < a->layers; l++)
            printf(" %8.3f", (double)a->class_goodness[k * a->layers + l]);
    }
}

/* Quoted, so that a space can be seen. */
static void print_likeliest(const struct ffc_answers *a, size_t i)
{
    size_t best[LIKELIEST], n = likeliest(a, i, best);
    for (size_t k = 0; k < n; k++)
        printf("%s'%s' %.3f", k ? "  " : "", a->class_name[best[k]],
               (double)a->scores[i * a->classes + best[k]]);
    puts(n ? "" : "nothing has been learned");
}

static void print_row(void *to, const struct window_batch *b, size_t i,
                      const struct ffc_answers *a)
{
    const struct predict *p = to;
    if (p->json) {
        cli_print_json(row_json(p, b, i, a));
        return;
    }
    if (is_symbols(p)) {
        print_likeliest(a, i);
        return;
    }
    if (p->model.samples && b->keys[i])
        printf("%s: ", b->keys[i]);
    printf("%-12s confidence %.3f", a->label[i] ? a->label[i] : "-",
           (double)a->confidence[i]);
    if (isfinite(a->novelty[i]))
        printf("  novelty %.3f", (double)a->novelty[i]);
    if (isfinite(a->typicality[i]))
        printf("  typicality %.3f", (double)a->typicality[i]);
    if (b->labels[i])
        printf("  %s (%s)",
               a->label[i] && strcmp(a->label[i], b->labels[i]) == 0 ? "right"
                                                                     : "wrong",
               b->labels[i]);
    if (p->goodness)
        print_extra(a, i);
    if (a->class_goodness)
        print_detail(a);
    putchar('\n');
}

/* One answer, to a question of its own. */
static int tell(struct cli *cli, struct predict *p, int rc,
                struct ffc_answers *a)
{
    const char *none = NULL;
    struct window_batch row = {.n = 1, .labels = &none, .keys = &none};
    if (rc < 0)
        return cli_failed(cli, rc);
    print_row(p, &row, 0, a);
    ffc_answers_free(a);
    return EXIT_DONE;
}

/* The stream as it is now, or what comes after a text. */
static int predict_one(struct cli *cli, struct predict *p)
{
    struct ffc_answers *a = NULL;
    int rc;
    if (!p->model.samples)
        return cli_say(EXIT_INPUT, "the model has no streams");
    if (p->text && !is_symbols(p))
        return cli_say(EXIT_INPUT, "the model has no symbols: --text is of "
                                   "models with stream: {features: symbols}");
    if (p->text) {
        size_t n = strlen(p->text), most = p->model.stream.length;
        const char *from = p->text + (n > most ? n - most : 0);
        rc = ffc_predict(cli->c, cli->model, from, strlen(from), &a);
    } else {
        rc = ffc_now(cli->c, cli->model, p->input.key, true, &a);
    }
    return tell(cli, p, rc, a);
}

static int predict_input(struct cli *cli, struct predict *p)
{
    struct ask k = {.shape = &p->model.shape,
                    .batch = p->batch,
                    .detail = p->detail,
                    .next = ask_input,
                    .from = p->model.in,
                    .answer = print_row,
                    .to = p};
    if (is_symbols(p))
        return cli_say(EXIT_INPUT, "of a model of symbols, ask by --text or "
                                   "--stream");
    cli_catch();
    return p->model.samples ? observe_all(cli, &k, &p->model)
                            : ask_all(cli, &k);
}

/* Whether recordings end where the input does, which reads all of it first. Not
   of what may be live, unless nothing can be said of it before. */
static bool ends(const struct predict *p)
{
    const struct input_options *in = &p->input;
    bool live = in->path && strcmp(in->path, "-") == 0;
    if (!p->model.samples || is_symbols(p))
        return false;
    return !live || (p->model.stream.stride == 0 && !in->csv.end);
}

static int predict(struct cli *cli, struct predict *p)
{
    int code = model_input_find(cli, &p->model);
    p->json = cli->json;
    if (code != EXIT_DONE)
        return code;
    if (p->input.kind == INPUT_NONE)
        return predict_one(cli, p);
    p->input.end = p->input.end || ends(p);
    code = model_input_open(&p->model, &p->input);
    if (code == EXIT_DONE)
        code = predict_input(cli, p);
    model_input_release(&p->model);
    return code;
}

int verb_predict(struct cli *cli, struct args *a)
{
    struct predict p = {0};
    input_options_init(&p.input);
    int code = cli_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    while (args_next(a)) {
        if (args_is(a, "--batch")) {
            p.batch = args_size(a, 1);
        } else if (args_is(a, "--text")) {
            p.text = args_text(a);
        } else if (args_is(a, "--show")) {
            const char *what = args_text(a);
            p.goodness = true;
            p.detail = p.detail || strcmp(what, "detail") == 0;
            if (!p.detail && strcmp(what, "goodness") != 0)
                args_fail(a, "--show knows goodness and detail");
        } else if (!args_input(a, &p.input) && !cli_common(cli, a)) {
            args_unknown(a);
        }
    }
    if (p.input.kind == INPUT_NONE && !p.input.key && !p.text)
        args_fail(a, "no input; name one with --idx, --csv, --raw or --wav, or "
                     "ask by --stream or --text");
    if (p.text && (p.input.kind != INPUT_NONE || p.input.key))
        args_fail(a, "--text is a question of its own, without another input "
                     "or --stream");
    together_check(a, &p.input);
    if (a->why[0])
        return cli_usage(cli, a);
    code = cli_connect(cli);
    return code == EXIT_DONE ? predict(cli, &p) : code;
}
