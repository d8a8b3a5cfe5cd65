/*
 * live.h -- what a model must be able to do wherever it came from.
 */
#ifndef FFD_FUZZ_LIVE_H
#define FFD_FUZZ_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"

/* Whether a model of it is made and taught fast enough to fuzz. */
bool is_small(const struct ff_spec *spec);

/* Learn some frames, sleep a little, fit, publish: it may refuse, and must not
   break. */
void live(struct ff_model *m);

/* Give a snapshot the hash of its content, if it has a place for one: no damage
   would get past it else. */
void put_hash_right(uint8_t *bytes, size_t n);

#endif
