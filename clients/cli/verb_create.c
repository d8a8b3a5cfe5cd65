#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/cli.h"
#include "clients/cli/mem.h"

#define CONFIG_MAX (1u << 20)

/* Owned text of a file; NULL with why. */
static char *read_text(const char *path, char why[WHY_MAX])
{
    struct bytes b;
    if (bytes_open(&b, path, why) < 0)
        return NULL;
    char *text = must_alloc(CONFIG_MAX + 1, 1);
    long n = bytes_read(&b, text, CONFIG_MAX, why);
    if (n == (long)CONFIG_MAX) {
        snprintf(why, WHY_MAX, "%s is longer than a configuration can be",
                 path);
        n = -1;
    }
    bytes_release(&b);
    if (n < 0) {
        free(text);
        return NULL;
    }
    text[n] = '\0';
    return text;
}

/* Whether the text is a whole ffd.yaml and not the part under a name. */
static bool is_whole(const char *text)
{
    return strncmp(text, "models:", 7) == 0 || strstr(text, "\nmodels:");
}

static int create(struct cli *cli, const char *text)
{
    int rc = ffc_create(cli->c, cli->model, text);
    if (rc < 0) {
        int code = cli_failed(cli, rc);
        if (is_whole(text))
            (void)cli_say(code, "the file looks like a whole ffd.yaml; give "
                                "only what stands under the model's name in "
                                "models:");
        return code;
    }
    if (cli->json)
        cli_print_json(json_pack("{s:s}", "name", cli->model));
    else
        printf("%s is made; feed it with: ffctl feed %s ...\n", cli->model,
               cli->model);
    return EXIT_DONE;
}

int verb_create(struct cli *cli, struct args *a)
{
    const char *path = NULL;
    char why[WHY_MAX];
    int code = cli_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    while (args_next(a)) {
        if (args_is(a, "--config"))
            path = args_text(a);
        else if (!cli_common(cli, a))
            args_unknown(a);
    }
    if (!path)
        args_fail(a, "--config FILE is missing");
    if (a->why[0])
        return cli_usage(cli, a);
    char *text = read_text(path, why);
    if (!text)
        return cli_say(EXIT_INPUT, "%s", why);
    code = cli_connect(cli);
    if (code == EXIT_DONE)
        code = create(cli, text);
    free(text);
    return code;
}
