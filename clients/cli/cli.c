#include "clients/cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

volatile sig_atomic_t cli_interrupted;

static void interrupt(int signal)
{
    (void)signal;
    cli_interrupted = 1;
}

void cli_catch(void)
{
    struct sigaction act = {.sa_handler = interrupt,
                            .sa_flags = (int)SA_RESETHAND};
    cli_interrupted = 0;
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
}

int cli_say(int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("ffctl: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    return code;
}

int cli_usage(const struct cli *cli, const struct args *a)
{
    return cli_say(EXIT_USAGE, "%s: %s; see ffctl %s --help", cli->verb->name,
                   a->why, cli->verb->name);
}

bool cli_common(struct cli *cli, struct args *a)
{
    if (args_is(a, "-s") || args_is(a, "--server"))
        cli->options.address = args_text(a);
    else if (args_is(a, "--ca"))
        cli->options.ca = args_text(a);
    else if (args_is(a, "--cert"))
        cli->options.certificate = args_text(a);
    else if (args_is(a, "--key"))
        cli->options.key = args_text(a);
    else if (args_is(a, "--token-file"))
        cli->options.token_file = args_text(a);
    else if (args_is(a, "--json"))
        cli->json = true;
    else
        return false;
    return true;
}

int cli_model(struct cli *cli, struct args *a)
{
    const char *word;
    while ((word = args_next(a))) {
        if (cli_common(cli, a))
            continue;
        if (*word == '-')
            break;
        cli->model = word;
        return EXIT_DONE;
    }
    args_fail(a, "which MODEL? (ffctl models lists them)");
    return cli_usage(cli, a);
}

int cli_no_more(struct cli *cli, struct args *a)
{
    while (args_next(a)) {
        if (!cli_common(cli, a))
            args_unknown(a);
    }
    return a->why[0] ? cli_usage(cli, a) : EXIT_DONE;
}

int cli_connect(struct cli *cli)
{
    char why[FFC_WHY_MAX];
    int rc, code = EXIT_CONNECTION;
    cli->options.client = "ffctl";
    rc = ffc_open(&cli->c, &cli->options, why);
    if (rc == FFC_OK)
        return EXIT_DONE;
    if (rc == FFC_EADDRESS)
        code = EXIT_USAGE;
    else if (rc == FFC_EARGUMENT)
        code = EXIT_INPUT;
    else if (rc == FFC_EREFUSED)
        code = EXIT_REFUSED;
    return cli_say(code, "%s", why);
}

int cli_only_model(struct cli *cli, struct args *a)
{
    int code = cli_model(cli, a);
    if (code == EXIT_DONE)
        code = cli_no_more(cli, a);
    return code == EXIT_DONE ? cli_connect(cli) : code;
}

int cli_failed(const struct cli *cli, int status)
{
    int code = EXIT_REFUSED;
    if (status == FFC_ELOST || status == FFC_EPROTOCOL)
        code = EXIT_CONNECTION;
    return cli_say(code, "%s", ffc_error(cli->c));
}

static void help(FILE *to)
{
    fputs("ffctl -- talk to ffd, the daemon that learns from a stream\n\n"
          "usage: ffctl [-s ADDRESS] [--json] VERB ...\n\n",
          to);
    for (const struct verb *v = cli_verbs; v->name; v++)
        fprintf(to, "  %-8s %s\n", v->name, v->help);
    fputs(
        "\nffctl VERB --help tells more of one.\n\n"
        "  -s, --server ADDRESS  unix:/path, tcp:host:port or "
        "tls:host:port (default:\n"
        "                        FFD_ADDRESS, else unix:/run/ffd/ffd.sock\n"
        "                        if it exists, else tcp:127.0.0.1:7310)\n"
        "  --ca FILE             CAs to trust with tls: (FFD_CA; default: the "
        "system's)\n"
        "  --cert FILE, --key FILE  a client certificate (FFD_CERT, "
        "FFD_KEY)\n"
        "  --token-file FILE     holds the token to show (default: "
        "FFD_TOKEN)\n"
        "  --json                results as JSON\n"
        "  --version\n\n"
        "exit codes: 0 done, 1 the daemon refused (or memory ran out),\n"
        "2 usage, 3 cannot connect, 4 a file cannot be read or written,\n"
        "130 interrupted\n",
        to);
}

static int verb_help(const struct verb *v)
{
    printf("usage: ffctl [-s ADDRESS] [--json] %s %s\n\n%s\n", v->name,
           v->usage, v->help);
    if (v->more)
        printf("\n%s", v->more);
    if (strstr(v->usage, "--idx"))
        printf("\n%s", cli_input_help);
    return EXIT_DONE;
}

static const struct verb *find(const char *name)
{
    for (const struct verb *v = cli_verbs; v->name; v++) {
        if (strcmp(v->name, name) == 0)
            return v;
    }
    return NULL;
}

static bool wants_help(char **words)
{
    for (; *words; words++) {
        if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0)
            return true;
    }
    return false;
}

static int run(struct cli *cli, const char *name, struct args *a)
{
    cli->verb = find(name);
    if (!cli->verb)
        return cli_say(EXIT_USAGE,
                       "there is no verb \"%.40s\"; see ffctl "
                       "--help",
                       name);
    if (wants_help(a->words))
        return verb_help(cli->verb);
    int code = cli->verb->run(cli, a);
    ffc_close(cli->c);
    if (fflush(stdout) != 0 && code == EXIT_DONE)
        return cli_say(EXIT_INPUT, "cannot write the result");
    return code;
}

int cli_main(char **words)
{
    struct cli cli = {0};
    struct args a;
    const char *word;
    args_init(&a, words);
    while ((word = args_next(&a))) {
        if (cli_common(&cli, &a))
            continue;
        if (args_is(&a, "--help") || args_is(&a, "-h")) {
            help(stdout);
            return EXIT_DONE;
        }
        if (args_is(&a, "--version")) {
            puts("ffctl " CLI_VERSION);
            return EXIT_DONE;
        }
        if (*word != '-')
            return run(&cli, word, &a);
        args_unknown(&a);
    }
    if (a.why[0])
        return cli_say(EXIT_USAGE, "%s; see ffctl --help", a.why);
    help(stderr);
    return EXIT_USAGE;
}
