#include <stdio.h>
#include <unistd.h>

#include "clients/cli/hand.h"

/* Nobody can take it back, so somebody must have meant it. */
static int confirm(const struct cli *cli, const char *label)
{
    char line[16] = "";
    if (!isatty(STDIN_FILENO))
        return cli_say(EXIT_USAGE,
                       "forget: it cannot be undone; say --yes where nobody "
                       "can be asked");
    fprintf(stderr,
            "Forget %s of model %s, in memory and on the disk? It cannot be "
            "undone. [y/N] ",
            label, cli->model);
    if (fgets(line, sizeof line, stdin) && (*line == 'y' || *line == 'Y'))
        return EXIT_DONE;
    return cli_say(EXIT_REFUSED, "nothing was forgotten");
}

static void tell(const struct cli *cli, const char *label,
                 const struct ffc_value *v)
{
    long long n = ffc_value_int(ffc_value_get(v, "versions"), 0);
    printf("%s has forgotten %s. Erased: its weights and counts, remembered "
           "frames, frames that waited for a label, %lld older snapshot%s, and "
           "what the journal held up to record %lld\n",
           cli->model, label, n, n == 1 ? "" : "s",
           (long long)ffc_value_int(ffc_value_get(v, "record"), 0));
}

int verb_forget(struct cli *cli, struct args *a)
{
    static const char *const names[] = {"LABEL"};
    const char *label;
    bool yes = false;
    struct ffc_reply *reply = NULL;
    int code = hand_words(cli, a, names, &label, 1, &yes);
    if (code == EXIT_DONE && !yes)
        code = confirm(cli, label);
    if (code == EXIT_DONE)
        code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_labels_forget(cli->c, cli->model, label, &reply);
    code = hand_answered(cli, rc, &reply);
    if (reply)
        tell(cli, label, ffc_reply_value(reply));
    ffc_reply_free(reply);
    return code;
}
