/*
 * heap.h -- counts calls of malloc and its kin from lib and from the tests.
 *
 * The linker sends them here (--wrap) and on to the real ones. What a shared
 * library does for itself is not seen.
 */
#ifndef FF_TEST_HEAP_H
#define FF_TEST_HEAP_H

#include <stddef.h>

/* Calls since the program began. */
size_t heap_calls(void);

#endif
