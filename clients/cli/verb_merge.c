#include <stdio.h>

#include "clients/cli/hand.h"

int verb_merge(struct cli *cli, struct args *a)
{
    static const char *const names[] = {"FROM (the label that goes)",
                                        "TO (the label that it becomes)"};
    const char *label[2];
    struct ffc_reply *reply = NULL;
    int code = hand_words(cli, a, names, label, 2, NULL);
    if (code == EXIT_DONE)
        code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_labels_merge(cli->c, cli->model, label[0], label[1], &reply);
    code = hand_answered(cli, rc, &reply);
    if (reply)
        printf("%s: what was %s is %s now; sleep makes one of them\n",
               cli->model, label[0], label[1]);
    ffc_reply_free(reply);
    return code;
}
