#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/cli.h"

/* What a stream brought may hold bytes that command a terminal. */
static bool is_harmless(unsigned char byte)
{
    return (byte >= 0x20 && byte != 0x7f) || byte == '\n' || byte == '\t';
}

static void print_text(const struct ffc_value *text)
{
    size_t n = 0;
    const char *at = ffc_value_bytes(text, &n);
    bool terminal = isatty(STDOUT_FILENO);
    for (size_t i = 0; at && i < n; i++)
        putchar(!terminal || is_harmless((unsigned char)at[i]) ? at[i] : '?');
    if (at && (n == 0 || at[n - 1] != '\n'))
        putchar('\n');
}

static int generate(struct cli *cli, const struct ffc_generating *how)
{
    struct ffc_reply *reply;
    int rc = ffc_generate(cli->c, cli->model, how, &reply);
    if (rc < 0)
        return cli_failed(cli, rc);
    if (cli->json)
        return cli_show(cli, reply);
    print_text(ffc_value_get(ffc_reply_value(reply), "text"));
    ffc_reply_free(reply);
    return EXIT_DONE;
}

int verb_generate(struct cli *cli, struct args *a)
{
    struct ffc_generating how = {.fresh = true};
    uint64_t seed;
    int code = cli_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    while (args_next(a)) {
        if (args_is(a, "-n"))
            how.n = args_size(a, 1);
        else if (args_is(a, "--temperature"))
            how.temperature = args_positive(a);
        else if (args_is(a, "--prompt")) {
            how.prompt = args_text(a);
            how.prompt_bytes = strlen(how.prompt);
        } else if (args_is(a, "--stream"))
            how.stream = args_text(a);
        else if (args_is(a, "--seed")) {
            seed = args_size(a, 0);
            how.seed = &seed;
        } else if (args_is(a, "--list"))
            how.list = true;
        else if (!cli_common(cli, a))
            args_unknown(a);
    }
    if (a->why[0])
        return cli_usage(cli, a);
    code = cli_connect(cli);
    return code == EXIT_DONE ? generate(cli, &how) : code;
}
