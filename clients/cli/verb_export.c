#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/cli.h"
#include "clients/cli/hand.h"
#include "clients/cli/mem.h"

/* What has come of a snapshot so far. */
struct coming {
    FILE *f;
    const char *path;
    char *version; /* owned; NULL: the newest, whichever it will be */
    uint64_t got, total;
};

/* The first piece says which version is the newest; the others must be of the
   same. */
static void note_version(struct coming *e, const struct ffc_value *v)
{
    size_t n;
    const char *text = ffc_value_bytes(ffc_value_get(v, "version"), &n);
    if (!e->version && text)
        e->version = must_copy(text, n);
}

static int piece(struct cli *cli, struct coming *e)
{
    struct ffc_reply *reply;
    size_t n = 0;
    int code = EXIT_DONE;
    int rc = ffc_export(cli->c, cli->model, e->version, e->got, &reply);
    if (rc < 0)
        return cli_failed(cli, rc);
    const struct ffc_value *v = ffc_reply_value(reply);
    const char *data = ffc_value_bytes(ffc_value_get(v, "data"), &n);
    note_version(e, v);
    e->total = (uint64_t)ffc_value_int(ffc_value_get(v, "total"), 0);
    if (n == 0 || n > e->total - e->got)
        code = cli_say(EXIT_CONNECTION, "the answer to export makes no sense");
    else if (fwrite(data, 1, n, e->f) != n)
        code = cli_say(EXIT_INPUT, "%s: %s", e->path, strerror(errno));
    e->got += n;
    ffc_reply_free(reply);
    return code;
}

static int whole(struct cli *cli, struct coming *e)
{
    int code;
    do
        code = piece(cli, e);
    while (code == EXIT_DONE && e->got < e->total);
    if (fclose(e->f) != 0 && code == EXIT_DONE)
        code = cli_say(EXIT_INPUT, "%s: %s", e->path, strerror(errno));
    if (code != EXIT_DONE)
        (void)unlink(e->path); /* half a snapshot is none */
    return code;
}

static void tell(const struct cli *cli, const struct coming *e)
{
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:s,s:I}", "version", e->version, "path",
                                 e->path, "bytes", (json_int_t)e->total));
    else
        printf("%s, version %s: %" PRIu64 " bytes in %s\n", cli->model,
               e->version, e->total, e->path);
}

int verb_export(struct cli *cli, struct args *a)
{
    struct coming e = {0};
    const char *version = NULL;
    int code = cli_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    while (args_next(a)) {
        if (args_is(a, "--version"))
            version = args_text(a);
        else if (cli_common(cli, a))
            continue;
        else if (e.path || *a->word == '-')
            args_unknown(a);
        else
            e.path = a->word;
    }
    if (!e.path)
        args_fail(a, "which FILE?");
    if (a->why[0] || !e.path)
        return cli_usage(cli, a);
    code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    e.f = fopen(e.path, "wbe");
    if (!e.f)
        return cli_say(EXIT_INPUT, "%s: %s", e.path, strerror(errno));
    e.version = version ? must_copy(version, strlen(version)) : NULL;
    code = whole(cli, &e);
    if (code == EXIT_DONE)
        tell(cli, &e);
    free(e.version);
    return code;
}
