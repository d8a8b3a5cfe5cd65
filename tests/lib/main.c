/*
 * test_lib [NAME]: all tests of lib, or those that NAME (with * and ?)
 * matches.
 */
#include <fnmatch.h>
#include <stdio.h>

#include "tests/lib/support.h"

static const struct CMUnitTest tests[] = {
#define FF_TEST(name) cmocka_unit_test(name),
#include "tests/lib/tests.def"
};

int main(int argc, char **argv)
{
    size_t n = 0;

    for (size_t i = 0; argc > 1 && i < sizeof tests / sizeof *tests; i++)
        n += fnmatch(argv[1], tests[i].name, 0) == 0;
    if (argc > 1 && n == 0) {
        fprintf(stderr, "test_lib: no test is named %s\n", argv[1]);
        return 2;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("lib", tests, NULL, NULL) != 0;
}
