/*
 * spec_json.h -- a specification as JSON and back, for snapshots.
 *
 * Numbers go through doubles, which hold every float and every integer below
 * 2^53; the seed, which may be larger, goes as text.
 */
#ifndef FF_SPEC_JSON_H
#define FF_SPEC_JSON_H

#include <jansson.h>

#include "lib/ff.h"

/* A list of sizes. Owned; NULL without memory. */
json_t *ff_json_sizes(const size_t *values, size_t n);

/* Owned; NULL without memory. */
json_t *ff_spec_to_json(const struct ff_spec *spec);

/* Absent keys keep their default, so that older snapshots load. FF_ECORRUPT
   if a value is of the wrong kind. */
int ff_spec_from_json(struct ff_spec *spec, const json_t *json);

#endif
