#include "clients/cli/cli.h"

int verb_wake(struct cli *cli, struct args *a)
{
    struct ffc_reply *reply;
    int code = cli_only_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_wake(cli->c, cli->model, &reply);
    return rc < 0 ? cli_failed(cli, rc) : cli_show(cli, reply);
}
