/* test_lib: tests.def lists its tests. */
#include "tests/lib/support.h"
#include "tests/run.h"

/* A watcher of threads makes all else ten times as slow, and has nothing to
   see in one thread. */
#ifdef __SANITIZE_THREAD__
#define FF_TEST(name)
#else
#define FF_TEST(name) cmocka_unit_test(name),
#endif
#define FF_THREADS(name) cmocka_unit_test(name),

static const struct CMUnitTest tests[] = {
#include "tests/lib/tests.def"
};

int main(int argc, char **argv)
{
    return run_named_tests("lib", tests, sizeof tests / sizeof *tests, argc,
                           argv);
}
