/*
 * floats.h -- whether values that came in can be reckoned with.
 */
#ifndef FFD_FLOATS_H
#define FFD_FLOATS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all n float32 at `at` (which may be unaligned) are from -most to
   most; NaN and infinity never are. */
bool ffd_floats_within(const void *at, size_t n, float most);

#endif
