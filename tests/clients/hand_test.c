/*
 * The verbs that change labels by hand, and stats of the journal.
 */
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/cli.h"
#include "tests/clients/fake.h"
#include "tests/clients/support.h"

void rename_and_merge_take_two_labels(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("rename", "m", "7", "seven", "-s", f.address, NULL),
                     0);
    assert_string_equal(f.hand, "labels_rename 7 seven");
    assert_string_equal(ran_out, "m: 7 is called seven now\n");
    assert_int_equal(
        run("merge", "m", "--json", "1", "-s", f.address, "7", NULL), 0);
    assert_string_equal(f.hand, "labels_merge 1 7");
    assert_string_equal(ran_out, "{\"record\":13}\n");
    assert_int_equal(run("rename", "m", "none", "x", "-s", f.address, NULL),
                     EXIT_REFUSED);
    assert_non_null(strstr(ran_err, "UNKNOWN_LABEL"));
    fake_stop(&f);
}

void labels_may_begin_with_a_dash(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(
        run("rename", "m", "-s", f.address, "--", "-1", "--json", NULL), 0);
    assert_string_equal(f.hand, "labels_rename -1 --json");
    assert_int_equal(
        run("-s", f.address, "forget", "m", "--yes", "--", "--yes=1", NULL), 0);
    assert_string_equal(f.hand, "labels_forget --yes=1 ");
    fake_stop(&f);
}

/* Nothing was sent. */
static void assert_usage(int code, const char *holds)
{
    assert_int_equal(code, EXIT_USAGE);
    assert_non_null(strstr(ran_err, holds));
}

void usage_of_labels_is_checked(void **state)
{
    (void)state;
    assert_usage(run("labels", NULL), "which MODEL?");
    assert_usage(run("rename", "m", NULL), "which FROM");
    assert_usage(run("rename", "m", "7", NULL), "which TO");
    assert_usage(run("merge", "m", "1", "2", "3", NULL), "one word too many");
    assert_usage(run("merge", "m", "--yes", "2", "3", NULL), "unknown option");
    assert_usage(run("forget", "m", "--yes", NULL), "which LABEL");
    assert_usage(run("forget", "m", "7", "--yes", "8", NULL),
                 "one word too many");
    assert_usage(run("feed", "m", "--raw", "a", "--ack", "soon", NULL),
                 "--ack is received, applied or durable");
}

void forget_tells_what_was_erased(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("forget", "m", "7", "--yes", "-s", f.address, NULL),
                     0);
    assert_string_equal(f.hand, "labels_forget 7 ");
    assert_non_null(strstr(ran_out, "m has forgotten 7."));
    assert_non_null(strstr(ran_out, "2 older snapshots"));
    assert_non_null(strstr(ran_out, "up to record 13\n"));
    assert_int_equal(
        run("--json", "forget", "m", "7", "--yes", "-s", f.address, NULL), 0);
    assert_string_equal(ran_out, "{\"record\":13,\"versions\":2}\n");
    fake_stop(&f);
}

void forget_without_a_terminal_needs_to_be_told(void **state)
{
    (void)state;
    int old = dup(STDIN_FILENO);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(old >= 0 && null >= 0);
    assert_true(dup2(null, STDIN_FILENO) >= 0);
    assert_usage(run("forget", "m", "7", NULL), "--yes");
    assert_true(dup2(old, STDIN_FILENO) >= 0);
    close(old);
    close(null);
}

void labels_are_listed_a_line_each(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("labels", "m", "-s", f.address, NULL), 0);
    assert_string_equal(ran_out, "7\na label\n");
    assert_int_equal(run("labels", "m", "--json", "-s", f.address, NULL), 0);
    assert_string_equal(ran_out, "[\"7\",\"a label\"]\n");
    assert_int_equal(run("labels", "x", "-s", f.address, NULL), EXIT_REFUSED);
    fake_stop(&f);
}

void stats_tell_of_the_journal_in_a_line(void **state)
{
    (void)state;
    struct fake f = {0}, bad = {.trouble = true}, none = {.no_journal = true};
    fake_start(&f);
    assert_int_equal(run("stats", "-s", f.address, NULL), 0);
    fake_stop(&f);
    assert_string_equal(ran_out,
                        "daemon:\n  epoch: 3\n  journal: normal, 12.3 MB on "
                        "the disk, 999 bytes on the way; 345 records in 12 "
                        "commits, 6 refused\n");
    fake_start(&bad);
    assert_int_equal(run("stats", "-s", bad.address, NULL), 0);
    fake_stop(&bad);
    assert_non_null(strstr(ran_out, "  TROUBLE: nothing can be made durable: "
                                    "no space left\n"));
    fake_start(&none);
    assert_int_equal(run("stats", "-s", none.address, NULL), 0);
    fake_stop(&none);
    assert_non_null(strstr(ran_out, "  journal: none"));
}
