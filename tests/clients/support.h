/*
 * support.h -- what the tests of the clients share: files that last one test,
 * and ffctl run inside the process with its output caught.
 */
#ifndef CLIENTS_SUPPORT_H
#define CLIENTS_SUPPORT_H

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clients/c/ffclient.h"
#include "clients/cli/bytes.h"

/* A path in this run's own directory; borrowed until the eighth call after. */
const char *scratch(const char *name);

/* Remove what is in that directory, and it. */
void scratch_clear(void);

/* Write a file, gzipped or not. */
void put_file(const char *path, const void *bytes, size_t n, int gzipped);

/* An IDX file of n frames of h by w bytes; w 0: labels. */
void put_idx(const char *path, size_t n, size_t h, size_t w,
             const uint8_t *bytes, int gzipped);

/* A model of h by w. */
struct ffc_model shape_of(size_t h, size_t w, bool f32);

/* ffctl with these words, NULL at the end; what it wrote is in ran_out and
   ran_err until the next. Its exit code. */
int run(const char *word, ...) __attribute__((sentinel));
extern char ran_out[1 << 16], ran_err[1 << 16];

#define FFC_TEST(name) void name(void **state);
#include "tests/clients/tests.def"
#undef FFC_TEST

#endif
