/*
 * run.h -- the main of a test program: all its tests, or by name.
 *
 *     test_lib [NAME]    NAME may hold * and ?
 */
#ifndef FFD_TEST_RUN_H
#define FFD_TEST_RUN_H

#include <fnmatch.h>
#include <stdio.h>

/* The n tests of a folder, or those that argv names. The exit code. */
static inline int run_named_tests(const char *folder,
                                  const struct CMUnitTest *tests, size_t n,
                                  int argc, char **argv)
{
    size_t named = 0;
    for (size_t i = 0; argc > 1 && i < n; i++)
        named += fnmatch(argv[1], tests[i].name, 0) == 0;
    if (argc > 1 && named == 0) {
        fprintf(stderr, "%s: no test is named %s\n", argv[0], argv[1]);
        return 2;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return _cmocka_run_group_tests(folder, tests, n, NULL, NULL) != 0;
}

#endif
