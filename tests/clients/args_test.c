#include <string.h>

#include "clients/cli/cli.h"
#include "tests/clients/support.h"

/* A usage error, whose sentence holds this. */
static void assert_usage(int code, const char *holds)
{
    assert_int_equal(code, EXIT_USAGE);
    assert_non_null(strstr(ran_err, holds));
    assert_string_equal(ran_out, "");
}

void usage_help_lists_every_verb(void **state)
{
    (void)state;
    assert_int_equal(run("--help", NULL), EXIT_DONE);
    for (const struct verb *v = cli_verbs; v->name; v++)
        assert_non_null(strstr(ran_out, v->name));
    assert_non_null(strstr(ran_out, "exit codes"));
    assert_int_equal(run("--version", NULL), EXIT_DONE);
    assert_int_equal(strncmp(ran_out, "ffctl ", 6), 0);
}

void usage_each_verb_explains_itself(void **state)
{
    (void)state;
    for (const struct verb *v = cli_verbs; v->name; v++) {
        assert_int_equal(run(v->name, "--help", NULL), EXIT_DONE);
        assert_non_null(strstr(ran_out, v->help));
    }
    assert_int_equal(run("feed", "m", "--help", NULL), EXIT_DONE);
    assert_non_null(strstr(ran_out, "--order"));
}

void usage_mistakes_are_told_before_connecting(void **state)
{
    (void)state;
    assert_usage(run("-s", "unix:/nowhere", "fly", NULL), "no verb \"fly\"");
    assert_usage(run("ping", "twice", NULL), "one word too many");
    assert_usage(run("ping", "--hard", NULL), "unknown option --hard");
    assert_usage(run("ping", "--json=yes", NULL), "takes no value");
    assert_usage(run("drop", NULL), "which MODEL?");
    assert_usage(run("create", "m", NULL), "--config FILE is missing");
    assert_usage(run("sleep", "m", "--frames", "0", NULL), "at least 1");
    assert_usage(run("sleep", "m", "--frames", NULL), "needs a value");
    assert_usage(run("ping", "-s", NULL), "needs a value");
    assert_usage(run("-s", "nowhere", "ping", NULL), "unix:/path");
}

void usage_of_inputs_is_checked(void **state)
{
    (void)state;
    assert_usage(run("feed", "m", NULL), "no input");
    assert_usage(run("feed", "m", "--raw", "a", "--csv", "b", NULL),
                 "one input");
    assert_usage(run("feed", "m", "--raw", "a", "--limit", "-3", NULL),
                 "whole number");
    assert_usage(run("eval", "m", "--raw", "a", "--limit=1x", NULL),
                 "whole number");
    assert_usage(run("feed", "m", "--raw", "a", "--rate", "0", NULL),
                 "above 0");
    assert_usage(run("feed", "m", "--raw", "a", "--order", "up", NULL),
                 "by-class");
    assert_usage(run("predict", "m", "--raw", "a", "--show", "x", NULL),
                 "--show knows goodness and detail");
    assert_usage(run("predict", "m", "--text", "a", "--stream", "s", NULL),
                 "question of its own");
    assert_usage(run("predict", "m", "--raw", "a", "--text", "a", NULL),
                 "question of its own");
}

void usage_of_what_would_be_passed_over_names_the_mend(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *option, *mend;
    } of[] = {
        {"--wav", "--label-column=1", "--label-from-name labels the files"},
        {"--raw", "--label-column=1", "--label is one for all"},
        {"--idx", "--label-column=1", "a file of LABELS"},
        {"--idx", "--label=a", "a file of LABELS"},
        {"--text", "--label=a", "each symbol is its own label"},
        {"--text", "--label-column=1", "each symbol is its own label"},
        {"--text", "--columns=1", "--columns is of --csv, not of --text"},
        {"--text", "--stream-column=1", "--stream names the stream"},
        {"--raw", "--end-column=1", "with --end"},
        {"--csv", "--label-from-name=(.)", "--label-from-name is of --wav"},
    };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        assert_usage(run("feed", "m", of[i].kind, "a", of[i].option, NULL),
                     of[i].mend);
    assert_usage(run("eval", "m", "--raw", "a", "--columns", "1", NULL),
                 "--columns is of --csv");
    assert_usage(run("feed", "m", "--csv", "a", "--label", "a",
                     "--label-column", "1", NULL),
                 "name one of them");
    assert_usage(run("feed", "m", "--wav", "a", "--label", "a",
                     "--label-from-name", "(.)", NULL),
                 "name one of them");
    assert_usage(run("predict", "m", "--stream", "a", "--label", "a", NULL),
                 "not of a question of its own");
    assert_usage(run("feed", "m", "--text", "a", "--label-delay", "1", NULL),
                 "each symbol is its own label");
    assert_usage(run("feed", "m", "--text", "a", "--unlabelled=0.1", NULL),
                 "each symbol is its own label");
}

void usage_nobody_there_has_a_code_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(run("-s", "unix:/nowhere/at/all", "ping", NULL),
                     EXIT_CONNECTION);
    assert_non_null(strstr(ran_err, "is ffd running?"));
    assert_int_equal(run("create", "m", "--config", "/nowhere", NULL),
                     EXIT_INPUT);
}
