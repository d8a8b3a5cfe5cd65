/*
 * test_daemon [NAME]: all tests of the daemon that need no socket, or those
 * that NAME (with * and ?) matches.
 */
#include <fnmatch.h>
#include <stdio.h>

#include "tests/daemon/support.h"

static const struct CMUnitTest tests[] = {
#define FFD_TEST(name) cmocka_unit_test(name),
#include "tests/daemon/tests.def"
};

int main(int argc, char **argv)
{
    size_t n = 0;

    for (size_t i = 0; argc > 1 && i < sizeof(tests) / sizeof(*tests); i++)
        n += fnmatch(argv[1], tests[i].name, 0) == 0;
    if (argc > 1 && n == 0) {
        fprintf(stderr, "test_daemon: no test is named %s\n", argv[1]);
        return 2;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("daemon", tests, NULL, NULL) != 0;
}
