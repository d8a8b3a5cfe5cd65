#include <stdio.h>
#include <string.h>

#include "clients/cli/cli.h"

/* What people are told in sentences, below the rest. */
static const char *const told[] = {
    "labelled", "late",    "missed",       "pending", "pseudo",      "held_out",
    "fits",     "fitting", "error_alarms", "drifted", "level_alarms"};

static bool is_told(const struct ffc_value *key)
{
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        if (ffc_value_is(key, told[i]))
            return true;
    }
    return false;
}

/* A digest that nobody asked for is none. */
static bool is_unasked(const struct ffc_value *v, size_t i)
{
    return ffc_value_is(ffc_value_key(v, i), "digest") &&
           ffc_value_kind(ffc_value_at(v, i)) == FFC_NIL;
}

static long long count(const struct ffc_value *status, const char *key)
{
    return ffc_value_int(ffc_value_get(status, key), 0);
}

static const char *s(long long n)
{
    return n == 1 ? "" : "s";
}

/* seq counts late labels too, and with streams it counts samples. */
static long long frames_of(const struct ffc_value *v)
{
    const struct ffc_value *stream = ffc_value_get(v, "stream");
    if (ffc_value_kind(stream) == FFC_MAP)
        return count(stream, "windows");
    return count(v, "seq") - count(v, "late") - count(v, "missed");
}

static void print_labels(const struct ffc_value *v)
{
    long long labelled = count(v, "labelled"), late = count(v, "late");
    long long missed = count(v, "missed"), pending = count(v, "pending");
    long long frames = frames_of(v);
    printf("labelled: %lld of %lld frame%s", labelled, frames, s(frames));
    if (frames > 0)
        printf(", %.1f %%", 100 * (double)labelled / (double)frames);
    printf("; %lld label%s came late, %lld for no frame; %lld frame%s wait%s "
           "for one, %lld learned as its own answer\n",
           late, s(late), missed, pending, s(pending), pending == 1 ? "s" : "",
           count(v, "pseudo"));
}

static void print_fits(const struct ffc_value *v)
{
    long long held = count(v, "held_out");
    bool under_way = ffc_value_bool(ffc_value_get(v, "fitting"), false);
    printf("fits: %lld%s; %lld frame%s held out\n", count(v, "fits"),
           under_way ? ", and one under way" : "", held, s(held));
}

static void print_drift(const struct ffc_value *v)
{
    long long errors = count(v, "error_alarms");
    long long doubts = count(v, "level_alarms");
    printf("drift: %lld alarm%s of errors", errors, s(errors));
    if (errors > 0)
        printf(", the last at labelled frame %lld", count(v, "drifted"));
    printf("; %lld alarm%s of doubt\n", doubts, s(doubts));
}

static void print_status(const struct ffc_value *v)
{
    for (size_t i = 0; i < ffc_value_count(v); i++) {
        if (!is_told(ffc_value_key(v, i)) && !is_unasked(v, i))
            cli_print_pair(v, i, 0);
    }
    if (ffc_value_get(v, "labelled"))
        print_labels(v);
    if (ffc_value_get(v, "fits"))
        print_fits(v);
    if (ffc_value_get(v, "error_alarms"))
        print_drift(v);
}

static int show_one(struct cli *cli, const char *model, bool digest)
{
    struct ffc_reply *reply;
    int rc = digest ? ffc_status_digest(cli->c, model, &reply)
                    : ffc_status(cli->c, model, &reply);
    if (rc < 0)
        return cli_failed(cli, rc);
    if (cli->json)
        return cli_show(cli, reply);
    print_status(ffc_reply_value(reply));
    ffc_reply_free(reply);
    return EXIT_DONE;
}

/* Each model in turn: with --json one line each. */
static int show_all(struct cli *cli, bool digest)
{
    struct ffc_reply *models;
    int rc = ffc_models(cli->c, &models);
    if (rc < 0)
        return cli_failed(cli, rc);
    const struct ffc_value *list = ffc_reply_value(models);
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < ffc_value_count(list); i++) {
        size_t n;
        char name[65] = "";
        const char *text =
            ffc_value_bytes(ffc_value_get(ffc_value_at(list, i), "name"), &n);
        if (text && n < sizeof name)
            memcpy(name, text, n);
        if (i && !cli->json)
            putchar('\n');
        code = show_one(cli, name, digest);
    }
    if (ffc_value_count(list) == 0 && !cli->json)
        puts("no models; ffctl create makes one");
    ffc_reply_free(models);
    return code;
}

int verb_status(struct cli *cli, struct args *a)
{
    const char *word;
    bool digest = false;
    while ((word = args_next(a))) {
        if (cli_common(cli, a))
            continue;
        if (args_is(a, "--digest")) {
            digest = true;
            continue;
        }
        if (*word == '-' || cli->model)
            args_unknown(a);
        cli->model = word;
    }
    if (a->why[0])
        return cli_usage(cli, a);
    int code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    return cli->model ? show_one(cli, cli->model, digest)
                      : show_all(cli, digest);
}
