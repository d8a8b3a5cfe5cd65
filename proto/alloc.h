/*
 * alloc.h -- the one door to memory in proto, so that a test can close it.
 */
#ifndef FFP_ALLOC_H
#define FFP_ALLOC_H

#include <stddef.h>

/* realloc, unless a test has put something else here. */
extern void *(*ffp_realloc)(void *p, size_t n);

#endif
