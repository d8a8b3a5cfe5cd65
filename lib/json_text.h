/*
 * json_text.h -- JSON to text and back, telling lack of memory from damage.
 *
 * jansson (2.14) does not. Written, what it found no memory for is left out and
 * nothing said; read, lack of memory is called a syntax error. Damage means
 * throw it away and lack of memory try again, so it matters.
 */
#ifndef FF_JSON_TEXT_H
#define FF_JSON_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Owned text of a value, terminated, *n bytes (n may be NULL); NULL without
   memory, or for NULL. */
char *ff_json_text(const json_t *value, size_t *n);

/* Owned object or array of n bytes of text. NULL: *status is FF_ENOMEM or
   FF_ECORRUPT, else 0. */
json_t *ff_json_parse(const char *text, size_t n, int *status);

/* Whether text is an object or array by JSON's grammar (RFC 8259), but for what
   no text of ours has: UTF-16 halves, and more than 64 of them in each other.
   Asks for no memory. */
bool ff_json_well_formed(const char *text, size_t n);

#endif
