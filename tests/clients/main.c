/* test_clients: tests.def lists its tests. */
#include "tests/clients/support.h"
#include "tests/run.h"

static const struct CMUnitTest tests[] = {
#define FFC_TEST(name) cmocka_unit_test(name),
#include "tests/clients/tests.def"
};

int main(int argc, char **argv)
{
    int status = run_named_tests("clients", tests, sizeof tests / sizeof *tests,
                                 argc, argv);
    scratch_clear();
    return status;
}
