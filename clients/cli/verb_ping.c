#include <stdio.h>

#include "clients/cli/cli.h"
#include "clients/cli/clock.h"

int verb_ping(struct cli *cli, struct args *a)
{
    int code = cli_no_more(cli, a);
    if (code == EXIT_DONE)
        code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    double from = clock_s();
    int rc = ffc_ping(cli->c);
    if (rc < 0)
        return cli_failed(cli, rc);
    double ms = (clock_s() - from) * 1000;
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:f}", "answer", "pong", "ms", ms));
    else
        printf("pong in %.3f ms\n", ms);
    return EXIT_DONE;
}
