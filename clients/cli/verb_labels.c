#include <stdio.h>

#include "clients/cli/cli.h"

/* Labels alone, a line each; with --json a list of them. */
static int show(const struct cli *cli, const struct ffc_value *labels)
{
    if (cli->json) {
        char *text = ffc_value_json(labels);
        if (!text)
            return cli_say(EXIT_REFUSED, "out of memory");
        puts(text);
        ffc_text_free(text);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < ffc_value_count(labels); i++)
        cli_print_value(ffc_value_at(labels, i), 0);
    return EXIT_DONE;
}

int verb_labels(struct cli *cli, struct args *a)
{
    struct ffc_reply *reply;
    int code = cli_only_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_status(cli->c, cli->model, &reply);
    if (rc < 0)
        return cli_failed(cli, rc);
    code = show(cli, ffc_value_get(ffc_reply_value(reply), "labels"));
    ffc_reply_free(reply);
    return code;
}
