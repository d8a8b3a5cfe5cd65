/*
 * mem.h -- memory for a program that cannot go on without it.
 *
 * ffctl is short-lived and holds nothing that is worth saving, so a request
 * that fails ends it with a sentence (exit code 1).
 */
#ifndef CLI_MEM_H
#define CLI_MEM_H

#include <stddef.h>

void *must_alloc(size_t n, size_t each);         /* zeroed, owned */
void *must_grow(void *p, size_t n, size_t each); /* moved in, owned out */
char *must_copy(const char *text, size_t n);     /* terminated, owned */

#endif
