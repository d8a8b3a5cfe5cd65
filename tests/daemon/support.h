/*
 * support.h -- what the tests of the daemon share: the list of them.
 */
#ifndef FFD_TEST_SUPPORT_H
#define FFD_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FFD_TEST(name) void name(void **state);
#include "tests/daemon/tests.def"

#endif
