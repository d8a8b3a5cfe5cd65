#include "clients/cli/eval_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define JSON_LABELS  100 /* beyond it the confusion matrix is left out */
#define TABLE_LABELS 20  /* likewise, of the table */

/* The score with its labels in order. */
struct table {
    const struct score *s;
    size_t K;
    size_t *order, *counts; /* owned */
};

static void table_init(struct table *t, const struct score *s)
{
    t->s = s;
    t->K = s->names.n;
    t->order = score_order(s);
    t->counts = score_confusion(s, t->order);
}

static void table_release(struct table *t)
{
    free(t->order);
    free(t->counts);
}

static const char *name(const struct table *t, size_t k)
{
    return t->s->names.text[t->order[k]];
}

/* Count of row k and column j; j == K: no answer. */
static size_t count(const struct table *t, size_t k, size_t j)
{
    return t->counts[k * (t->K + 1) + j];
}

static size_t frames(const struct table *t, size_t k)
{
    size_t n = 0;
    for (size_t j = 0; j <= t->K; j++)
        n += count(t, k, j);
    return n;
}

static json_t *per_class(const struct table *t)
{
    json_t *map = json_object();
    for (size_t k = 0; k < t->K; k++) {
        size_t n = frames(t, k);
        if (n)
            json_object_set_new(map, name(t, k),
                                cli_real((double)count(t, k, k) / (double)n));
    }
    return map;
}

static json_t *confusion(const struct table *t)
{
    if (t->K > JSON_LABELS)
        return json_null();
    json_t *labels = json_array(), *counts = json_array();
    for (size_t k = 0; k < t->K; k++) {
        json_t *row = json_array();
        for (size_t j = 0; j <= t->K; j++)
            json_array_append_new(row,
                                  json_integer((json_int_t)count(t, k, j)));
        json_array_append_new(labels, json_string(name(t, k)));
        json_array_append_new(counts, row);
    }
    return json_pack("{s:o,s:o}", "labels", labels, "counts", counts);
}

static double rate(const struct eval_result *r)
{
    return r->seconds > 0 ? (double)r->frames / r->seconds : 0;
}

static json_t *typicality(const struct eval_typicality *t)
{
    return json_pack("{s:f,s:o,s:o,s:o}", "alarm", t->alarm, "alarms",
                     cli_real(t->alarms), "auroc", cli_real(t->auroc),
                     "detected", cli_real(t->detected));
}

json_t *eval_json(const struct eval_result *r)
{
    struct table t;
    table_init(&t, &r->score);
    json_t *j = json_pack(
        "{s:I,s:I,s:o,s:o,s:o,s:f,s:f,s:o,s:o,s:I}", "frames",
        (json_int_t)r->frames, "labelled", (json_int_t)r->score.n, "accuracy",
        cli_real(score_accuracy(&r->score)), "per_class", per_class(&t), "ece",
        cli_real(score_ece(&r->score)), "seconds", r->seconds,
        "frames_per_second", rate(r), "confusion", confusion(&t), "typicality",
        typicality(&r->typicality), "step", (json_int_t)r->step);
    if (j && r->symbols)
        json_object_set_new(j, "bits_per_symbol",
                            cli_real(r->bits / (double)r->symbols));
    if (j && r->has_auroc) {
        json_object_set_new(j, "auroc", cli_real(r->auroc));
        json_object_set_new(j, "auroc_frames",
                            json_integer((json_int_t)r->strange));
    }
    table_release(&t);
    return j;
}

static void print_confusion(const struct table *t)
{
    printf("\n%-12s", "true \\ said");
    for (size_t j = 0; j < t->K; j++)
        printf(" %6.6s", name(t, j));
    puts("   none");
    for (size_t k = 0; k < t->K; k++) {
        printf("%-12.12s", name(t, k));
        for (size_t j = 0; j <= t->K; j++)
            printf(" %6zu", count(t, k, j));
        putchar('\n');
    }
}

static void print_table(const struct table *t)
{
    puts("\nlabel          frames   right");
    for (size_t k = 0; k < t->K; k++) {
        size_t n = frames(t, k);
        if (n)
            printf("%-12.12s %8zu %6.2f %%\n", name(t, k), n,
                   100.0 * (double)count(t, k, k) / (double)n);
    }
    if (t->K <= TABLE_LABELS)
        print_confusion(t);
}

static void print_typicality(const struct eval_result *r)
{
    const struct eval_typicality *t = &r->typicality;
    if (isnan(t->alarms)) {
        puts("\ntypicality: the model has none to tell yet; it takes frames "
             "held out to\ncalibrate it");
        return;
    }
    printf("\ntypicality: %.2f %% of these frames are at or below %g",
           100 * t->alarms, t->alarm);
    if (isfinite(t->auroc))
        printf(";\nAUROC %.4f against %zu strange frames, %.2f %% of them "
               "detected",
               t->auroc, r->strange, 100 * t->detected);
    putchar('\n');
}

void eval_report(const struct cli *cli, const struct eval_result *r)
{
    if (cli->json) {
        cli_print_json(eval_json(r));
        return;
    }
    printf("%s: %zu frames in %.2f s, %.0f a second, at step %llu\n",
           cli->model, r->frames, r->seconds, rate(r),
           (unsigned long long)r->step);
    if (r->score.n) {
        struct table t;
        printf("accuracy %.2f %%, calibration error %.4f\n",
               100 * score_accuracy(&r->score), score_ece(&r->score));
        if (r->symbols)
            printf("%.3f bits a symbol, of %zu that the model knows\n",
                   r->bits / (double)r->symbols, r->symbols);
        table_init(&t, &r->score);
        print_table(&t);
        table_release(&t);
    } else {
        puts("no frame had a label, so there is no accuracy");
    }
    if (r->has_auroc && isfinite(r->auroc))
        printf("\nnovelty: AUROC %.4f against %zu strange frames\n", r->auroc,
               r->strange);
    else if (r->has_auroc)
        puts("\nnovelty: the model has none to tell yet; it learns it asleep");
    if (!r->of_text)
        print_typicality(r);
}
