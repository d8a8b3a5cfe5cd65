/*
 * object.h -- reading decoded values without a cast in sight.
 *
 * Each takes a borrowed value, which may be NULL (as ffp_get answers for a
 * key that is not there), and says whether it was of the wanted kind. On false
 * the output is as it was, so a default may be set before.
 */
#ifndef FFP_OBJECT_H
#define FFP_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <msgpack/object.h>

#include "proto/text.h"

/* The value under key in a map, or NULL. */
const msgpack_object *ffp_get(const msgpack_object *map, const char *key);

/* Element i of an array, or NULL. */
const msgpack_object *ffp_at(const msgpack_object *array, size_t i);

/* Elements of an array or pairs of a map; 0 for anything else. */
size_t ffp_size(const msgpack_object *o);

bool ffp_is_nil(const msgpack_object *o); /* true for NULL too */
bool ffp_as_bool(const msgpack_object *o, bool *out);
bool ffp_as_uint(const msgpack_object *o, uint64_t *out);
bool ffp_as_double(const msgpack_object *o, double *out);       /* any number */
bool ffp_as_text(const msgpack_object *o, struct ffp_str *out); /* str, bin */
bool ffp_as_bin(const msgpack_object *o, const uint8_t **at, size_t *n);

/* "a string", "an integer", ...: for sentences; borrowed, static. */
const char *ffp_kind(const msgpack_object *o);

#endif
