#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/ask.h"

struct predict {
    struct input_options input;
    size_t batch;
    bool goodness; /* show it, and scores */
    bool detail;   /* goodness for every class too */
    bool json;
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

static void print_row(void *to, const struct window_batch *b, size_t i,
                      const struct ffc_answers *a)
{
    const struct predict *p = to;
    if (p->json) {
        cli_print_json(row_json(p, b, i, a));
        return;
    }
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

static int predict(struct cli *cli, struct predict *p)
{
    struct ffc_model shape;
    char why[WHY_MAX];
    int rc = ffc_model_find(cli->c, cli->model, &shape);
    if (rc < 0)
        return cli_failed(cli, rc);
    struct input *in = input_open(&p->input, &shape, why);
    if (!in)
        return cli_say(EXIT_INPUT, "%s", why);
    struct ask k = {.shape = &shape,
                    .batch = p->batch,
                    .detail = p->detail,
                    .next = ask_input,
                    .from = in,
                    .answer = print_row,
                    .to = p};
    p->json = cli->json;
    cli_catch();
    int code = ask_all(cli, &k);
    input_free(in);
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
    if (p.input.kind == INPUT_NONE)
        args_fail(a, "no input; name one with --idx, --csv or --raw");
    if (a->why[0])
        return cli_usage(cli, a);
    code = cli_connect(cli);
    return code == EXIT_DONE ? predict(cli, &p) : code;
}
