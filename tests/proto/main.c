/* test_proto: tests.def lists its tests. */
#include "tests/proto/support.h"
#include "tests/run.h"

static const struct CMUnitTest tests[] = {
#define FFP_TEST(name) cmocka_unit_test(name),
#include "tests/proto/tests.def"
};

int main(int argc, char **argv)
{
    return run_named_tests("proto", tests, sizeof tests / sizeof *tests, argc,
                           argv);
}
