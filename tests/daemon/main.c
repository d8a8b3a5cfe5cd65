/* test_daemon: tests.def lists its tests. */
#include "tests/daemon/support.h"
#include "tests/run.h"

static const struct CMUnitTest tests[] = {
#define FFD_TEST(name) cmocka_unit_test(name),
#include "tests/daemon/tests.def"
};

int main(int argc, char **argv)
{
    return run_named_tests("daemon", tests, sizeof tests / sizeof *tests, argc,
                           argv);
}
