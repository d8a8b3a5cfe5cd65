/*
 * json.h -- a message's value as JSON text, written as it is read.
 *
 * What JSON cannot hold is told apart by kind: bytes, and text that is no
 * UTF-8, become base64, a number that is not finite and an extension become
 * null, keys that are not text become their JSON. Integers are written whole up
 * to INT64_MAX, above it as reals; reals have 15 digits, or 7 where they were
 * of 32 bits, and always a point or an exponent. A key that is twice in a map
 * is twice in the text.
 */
#ifndef FFP_JSON_H
#define FFP_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <msgpack/object.h>

#include "proto/buf.h"

/* Append it, compact; of NULL: null. Look at out->failed. */
void ffp_json_add(struct ffp_buf *out, const msgpack_object *o);

/* Owned text (free()); NULL: no memory. */
char *ffp_json(const msgpack_object *o);

/* The same of one packed value. It is of our own packing, or passed the walker
   (limit.h); NULL if it is not whole. */
char *ffp_json_packed(const uint8_t *bytes, size_t n);

#endif
