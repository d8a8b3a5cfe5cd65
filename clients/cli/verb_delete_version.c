#include <stdio.h>

#include "clients/cli/hand.h"

int verb_delete_version(struct cli *cli, struct args *a)
{
    static const char *const names[] = {"VERSION"};
    const char *version;
    int code = hand_words(cli, a, names, &version, 1, NULL);
    if (code == EXIT_DONE)
        code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_delete_version(cli->c, cli->model, version);
    if (rc < 0)
        return cli_failed(cli, rc);
    if (cli->json)
        cli_print_json(json_pack("{s:s}", "version", version));
    else
        printf("%s of %s is not kept any more\n", version, cli->model);
    return EXIT_DONE;
}
