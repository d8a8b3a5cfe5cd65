#include <stdio.h>

#include "clients/cli/cli.h"

int verb_drop(struct cli *cli, struct args *a)
{
    int code = cli_only_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_drop(cli->c, cli->model);
    if (rc < 0)
        return cli_failed(cli, rc);
    if (cli->json)
        cli_print_json(json_pack("{s:s}", "name", cli->model));
    else
        printf("%s is removed\n", cli->model);
    return EXIT_DONE;
}
