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

struct eval_result {
    struct score score;
    size_t frames; /* asked, labelled or not */
    double seconds;
    uint64_t step; /* of the weights that answered last */
    bool has_auroc;
    double auroc;
    size_t strange; /* frames it was measured against */
};

void eval_report(const struct cli *cli, const struct eval_result *r);

/* Owned. */
json_t *eval_json(const struct eval_result *r);

#endif
