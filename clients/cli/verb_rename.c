#include <stdio.h>

#include "clients/cli/hand.h"

int verb_rename(struct cli *cli, struct args *a)
{
    static const char *const names[] = {"FROM (a label of the model's)",
                                        "TO (its new name)"};
    const char *label[2];
    struct ffc_reply *reply = NULL;
    int code = hand_words(cli, a, names, label, 2, NULL);
    if (code == EXIT_DONE)
        code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_labels_rename(cli->c, cli->model, label[0], label[1], &reply);
    code = hand_answered(cli, rc, &reply);
    if (reply)
        printf("%s: %s is called %s now\n", cli->model, label[0], label[1]);
    ffc_reply_free(reply);
    return code;
}
