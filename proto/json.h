/*
 * json.h -- a message's value as JSON text.
 *
 * What JSON cannot hold is told apart by kind: bytes, and text that is no
 * UTF-8, become base64, a number that is not finite and an extension become
 * null, keys that are not text become their JSON.
 */
#ifndef FFP_JSON_H
#define FFP_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <msgpack/object.h>

/* Owned text (free()), compact; of NULL: null. NULL: no memory. */
char *ffp_json(const msgpack_object *o);

/* The same of one packed value. It is of our own packing, or passed the walker
   (limit.h); NULL if it is not whole. */
char *ffp_json_packed(const uint8_t *bytes, size_t n);

#endif
