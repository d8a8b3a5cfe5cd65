#include <stdio.h>

#include "clients/cli/hand.h"

int verb_rollback(struct cli *cli, struct args *a)
{
    static const char *const names[] = {"VERSION"};
    const char *version;
    struct ffc_reply *reply = NULL;
    int code = hand_words(cli, a, names, &version, 1, NULL);
    if (code == EXIT_DONE)
        code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_rollback(cli->c, cli->model, version, &reply);
    code = hand_answered(cli, rc, &reply);
    if (reply)
        printf("%s is what it was at version %s\n", cli->model, version);
    ffc_reply_free(reply);
    return code;
}
