#include "clients/cli/hand.h"

#include <string.h>

int hand_words(struct cli *cli, struct args *a, const char *const *names,
               const char **label, size_t n, bool *yes)
{
    const char *word;
    size_t got = 0;
    bool literal = false;
    int code = cli_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    while ((word = literal ? args_raw(a) : args_next(a))) {
        if (!literal && cli_common(cli, a))
            continue;
        if (!literal && yes && args_is(a, "--yes"))
            *yes = true;
        else if (!literal && strcmp(word, "--") == 0)
            literal = true;
        else if (got == n || (!literal && *word == '-'))
            args_unknown(a);
        else
            label[got++] = word;
    }
    if (got < n)
        args_fail(a, "which %s?", names[got]);
    return a->why[0] ? cli_usage(cli, a) : EXIT_DONE;
}

int hand_answered(struct cli *cli, int rc, struct ffc_reply **reply)
{
    if (rc < 0)
        return cli_failed(cli, rc);
    if (!cli->json)
        return EXIT_DONE;
    rc = cli_show(cli, *reply);
    *reply = NULL;
    return rc;
}
