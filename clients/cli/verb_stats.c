#include <stdio.h>

#include "clients/cli/cli.h"

static long long count(const struct ffc_value *journal, const char *key)
{
    return ffc_value_int(ffc_value_get(journal, key), 0);
}

static void print_bytes(long long n)
{
    if (n < 1000)
        printf("%lld bytes", n);
    else if (n < 1000000)
        printf("%.1f kB", (double)n / 1e3);
    else
        printf("%.1f MB", (double)n / 1e6);
}

/* What is safe, and whether what comes next will be. */
static void print_journal(const struct ffc_value *j)
{
    const struct ffc_value *trouble = ffc_value_get(j, "trouble");
    if (ffc_value_kind(j) != FFC_MAP) {
        puts("  journal: none; a kill loses what came after the last snapshot");
        return;
    }
    printf("  journal: ");
    cli_print_scalar(ffc_value_get(j, "durability"));
    printf(", ");
    print_bytes(count(j, "bytes"));
    printf(" on the disk, ");
    print_bytes(count(j, "waiting_bytes"));
    printf(" on the way; %lld records in %lld commits, %lld refused\n",
           count(j, "records"), count(j, "commits"), count(j, "failures"));
    if (ffc_value_kind(trouble) == FFC_NIL)
        return;
    printf("  TROUBLE: nothing can be made durable: ");
    cli_print_value(trouble, 0);
}

static void print_daemon(const struct ffc_value *v)
{
    puts("daemon:");
    for (size_t i = 0; i < ffc_value_count(v); i++) {
        if (ffc_value_is(ffc_value_key(v, i), "journal"))
            print_journal(ffc_value_at(v, i));
        else
            cli_print_pair(v, i, 2);
    }
}

static void print_stats(const struct ffc_value *v)
{
    for (size_t i = 0; i < ffc_value_count(v); i++) {
        if (ffc_value_is(ffc_value_key(v, i), "daemon"))
            print_daemon(ffc_value_at(v, i));
        else
            cli_print_pair(v, i, 0);
    }
}

int verb_stats(struct cli *cli, struct args *a)
{
    const char *word;
    struct ffc_reply *reply;
    while ((word = args_next(a))) {
        if (cli_common(cli, a))
            continue;
        if (*word == '-' || cli->model)
            args_unknown(a);
        cli->model = word;
    }
    if (a->why[0])
        return cli_usage(cli, a);
    int code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    int rc = ffc_stats(cli->c, cli->model, &reply);
    if (rc < 0)
        return cli_failed(cli, rc);
    if (cli->json)
        return cli_show(cli, reply);
    print_stats(ffc_reply_value(reply));
    ffc_reply_free(reply);
    return EXIT_DONE;
}
