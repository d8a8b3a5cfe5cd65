/*
 * test_clients [NAME]: all tests of the clients, or those that NAME (with *
 * and ?) matches.
 */
#include <fnmatch.h>
#include <stdio.h>

#include "tests/clients/support.h"

static const struct CMUnitTest tests[] = {
#define FFC_TEST(name) cmocka_unit_test(name),
#include "tests/clients/tests.def"
};

int main(int argc, char **argv)
{
    size_t n = 0;
    for (size_t i = 0; argc > 1 && i < sizeof tests / sizeof *tests; i++)
        n += fnmatch(argv[1], tests[i].name, 0) == 0;
    if (argc > 1 && n == 0) {
        fprintf(stderr, "test_clients: no test is named %s\n", argv[1]);
        return 2;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    int failed = cmocka_run_group_tests_name("clients", tests, NULL, NULL);
    scratch_clear();
    return failed != 0;
}
