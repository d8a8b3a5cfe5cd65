/*
 * eval_report.h -- the result of eval, as JSON or as a table.
 */
#ifndef CLI_EVAL_REPORT_H
#define CLI_EVAL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/cli/cli.h"
#include "clients/cli/score.h"

/* How typical the model found the frames: NaN where it has not been
   calibrated, or nothing was measured. */
struct eval_typicality {
    double alarm;    /* typicality at or below which a frame is strange */
    double alarms;   /* share of the input's frames that are */
    double auroc;    /* against strange frames, as of novelty */
    double detected; /* share of the strange frames at or below the alarm */
};

struct eval_result {
    struct score score;
    size_t frames; /* asked, labelled or not */
    double seconds;
    uint64_t step; /* of the weights that answered last */
    bool of_text;
    double bits;    /* of it: sum over these */
    size_t symbols; /* that the model knows */
    bool has_auroc;
    double auroc;
    size_t strange; /* frames it was measured against */
    struct eval_typicality typicality;
};

void eval_report(const struct cli *cli, const struct eval_result *r);

/* Owned. */
json_t *eval_json(const struct eval_result *r);

#endif
