#include "clients/cli/cli.h"

int verb_stats(struct cli *cli, struct args *a)
{
    const char *word;
    struct ffc_reply *reply;
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
    int rc = ffc_stats(cli->c, cli->model, &reply);
    return rc < 0 ? cli_failed(cli, rc) : cli_show(cli, reply);
}
