#include <stdio.h>
#include <string.h>

#include "clients/cli/cli.h"

static int show_one(struct cli *cli, const char *model)
{
    struct ffc_reply *reply;
    int rc = ffc_status(cli->c, model, &reply);
    return rc < 0 ? cli_failed(cli, rc) : cli_show(cli, reply);
}

/* Each model in turn: with --json one line each. */
static int show_all(struct cli *cli)
{
    struct ffc_reply *models;
    int rc = ffc_models(cli->c, &models);
    if (rc < 0)
        return cli_failed(cli, rc);
    const struct ffc_value *list = ffc_reply_value(models);
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < ffc_value_count(list); i++) {
        size_t n;
        char name[65] = "";
        const char *text =
            ffc_value_bytes(ffc_value_get(ffc_value_at(list, i), "name"), &n);
        if (text && n < sizeof name)
            memcpy(name, text, n);
        if (i && !cli->json)
            putchar('\n');
        code = show_one(cli, name);
    }
    if (ffc_value_count(list) == 0 && !cli->json)
        puts("no models; ffctl create makes one");
    ffc_reply_free(models);
    return code;
}

int verb_status(struct cli *cli, struct args *a)
{
    const char *word;
    while ((word = args_next(a))) {
        if (cli_common(cli, a))
            continue;
        if (*word == '-' || cli->model)
            args_unknown(a);
        cli->model = word;
    }
    if (a->why[0])
        return cli_usage(cli, a);
    int code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    return cli->model ? show_one(cli, cli->model) : show_all(cli);
}
