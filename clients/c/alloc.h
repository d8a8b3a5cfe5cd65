/*
 * alloc.h -- the one place where libffclient asks for memory.
 *
 * Everything the library allocates itself comes through here, so that a test
 * can make the k-th request fail and see that nothing leaks or breaks.
 * (msgpack-c allocates for itself.)
 */
#ifndef FFC_ALLOC_H
#define FFC_ALLOC_H

#include <stddef.h>

/* Owned memory, for ffc_free; NULL when there is none. n may be 0. */
void *ffc_alloc(size_t n);               /* not cleared */
void *ffc_calloc(size_t n, size_t each); /* zeroed; NULL on overflow */
void *ffc_grow(void *p, size_t n);       /* p is kept on failure */
void ffc_free(void *p);

/* For tests: the k-th request from now fails (1: the next); 0: none does. */
void ffc_alloc_fail_at(size_t k);

#endif
