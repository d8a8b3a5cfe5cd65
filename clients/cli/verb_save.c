#include "clients/cli/cli.h"

int verb_save(struct cli *cli, struct args *a)
{
    bool wait = false;
    const char *name = NULL;
    struct ffc_reply *reply;
    int code = cli_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    while (args_next(a)) {
        if (args_is(a, "--wait"))
            wait = true;
        else if (args_is(a, "--name"))
            name = args_text(a);
        else if (!cli_common(cli, a))
            args_unknown(a);
    }
    if (a->why[0])
        return cli_usage(cli, a);
    code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    int rc = name ? ffc_save_named(cli->c, cli->model, name, wait, &reply)
                  : ffc_save(cli->c, cli->model, wait, &reply);
    return rc < 0 ? cli_failed(cli, rc) : cli_show(cli, reply);
}
