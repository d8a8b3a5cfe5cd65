#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "clients/cli/cli.h"

static void print_number(const struct ffc_value *v, int width)
{
    if (ffc_value_kind(v) == FFC_INT)
        printf("  %*" PRId64, width, ffc_value_int(v, 0));
    else
        printf("  %*s", width, "-");
}

static void print_version(const struct ffc_value *v)
{
    const struct ffc_value *version = ffc_value_get(v, "version");
    time_t at = (time_t)ffc_value_int(ffc_value_get(v, "time"), 0);
    char when[32] = "-";
    struct tm local;
    size_t n;
    const char *text = ffc_value_bytes(version, &n);
    if (localtime_r(&at, &local))
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &local);
    printf("%-20.*s  %s", (int)n, text, when);
    print_number(ffc_value_get(v, "record"), 10);
    print_number(ffc_value_get(v, "seq"), 10);
    print_number(ffc_value_get(v, "bytes"), 12);
    printf("  ");
    cli_print_scalar(ffc_value_get(v, "xxh3"));
    putchar('\n');
}

static int show(const struct cli *cli, struct ffc_reply *reply)
{
    const struct ffc_value *list = ffc_reply_value(reply);
    if (cli->json)
        return cli_show(cli, reply);
    printf("%-20s  %-19s  %10s  %10s  %12s  %s\n", "version", "written",
           "record", "seq", "bytes", "xxh3");
    for (size_t i = 0; i < ffc_value_count(list); i++)
        print_version(ffc_value_at(list, i));
    ffc_reply_free(reply);
    return EXIT_DONE;
}

int verb_versions(struct cli *cli, struct args *a)
{
    struct ffc_reply *reply;
    int code = cli_only_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_versions(cli->c, cli->model, &reply);
    return rc < 0 ? cli_failed(cli, rc) : show(cli, reply);
}
