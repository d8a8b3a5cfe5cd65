#include "clients/cli/cli.h"

int verb_sleep(struct cli *cli, struct args *a)
{
    size_t frames = 0;
    struct ffc_reply *reply;
    int code = cli_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    while (args_next(a)) {
        if (args_is(a, "--frames"))
            frames = args_size(a, 1);
        else if (!cli_common(cli, a))
            args_unknown(a);
    }
    if (a->why[0])
        return cli_usage(cli, a);
    code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_sleep(cli->c, cli->model, frames, &reply);
    return rc < 0 ? cli_failed(cli, rc) : cli_show(cli, reply);
}
