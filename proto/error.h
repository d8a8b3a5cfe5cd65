/*
 * error.h -- error codes of the wire, and an error with its sentence.
 *
 * The table is error.def. An error travels as the string "CODE: sentence":
 * clients compare the code and show the sentence.
 */
#ifndef FFP_ERROR_H
#define FFP_ERROR_H

#include <stddef.h>

#define FFP_WHY_MAX 256 /* bytes of a sentence, with terminator */

enum ffp_code {
#define FFP_CODE(NAME, help) FFP_##NAME,
#include "proto/error.def"
    FFP_CODES /* how many; also "a code that we do not know" */
};

struct ffp_error {
    enum ffp_code code;
    char why[FFP_WHY_MAX]; /* UTF-8, terminated */
};

/* Fill err, cutting the sentence at FFP_WHY_MAX (never inside a character),
   and return -1, so that a caller may return it. */
int ffp_error_set(struct ffp_error *err, enum ffp_code code, const char *fmt,
                  ...) __attribute__((format(printf, 3, 4)));

/* "BAD_FRAME" and the like, and its sentence; borrowed, static. */
const char *ffp_code_name(enum ffp_code code);
const char *ffp_code_help(enum ffp_code code);

/* The code whose name is the first n bytes of name, or FFP_CODES. */
enum ffp_code ffp_code_find(const char *name, size_t n);

#endif
