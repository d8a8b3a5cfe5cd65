/* test_lib: tests.def lists its tests. */
#include "tests/lib/support.h"
#include "tests/run.h"

static const struct CMUnitTest tests[] = {
#define FF_TEST(name) cmocka_unit_test(name),
#include "tests/lib/tests.def"
};

int main(int argc, char **argv)
{
    return run_named_tests("lib", tests, sizeof tests / sizeof *tests, argc,
                           argv);
}
