#include "clients/cli/cli.h"

int verb_hello(struct cli *cli, struct args *a)
{
    struct ffc_reply *reply;
    int code = cli_no_more(cli, a);
    if (code == EXIT_DONE)
        code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_hello(cli->c, &reply);
    return rc < 0 ? cli_failed(cli, rc) : cli_show(cli, reply);
}
