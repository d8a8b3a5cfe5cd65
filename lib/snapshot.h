/*
 * snapshot.h -- a model as bytes, in the safetensors layout.
 *
 *     8 bytes   length n of the header, little-endian
 *     n bytes   JSON: {"__metadata__": {...}, "NAME": {dtype, shape,
 *               data_offsets}, ...}, padded with spaces to a multiple of 64
 *     the rest  tensors, little-endian, in the header's order, without gaps
 *
 * Metadata values are strings, as the format demands; `spec` and `labels` are
 * JSON in a string. `xxh3` is the XXH3-128 of the whole file with its own 32
 * digits read as '0': a hash of the tensors alone would let a flipped bit in
 * the header load as a wrong model.
 *
 * Format 2 knows more than format 1 did (frames without labels, calibration,
 * drift); an older snapshot loads, and what it has not begins empty.
 *
 * Loading trusts nothing: the hash first; then the specification is checked as
 * a user's would be, a model made from it, and every tensor must be there with
 * the very type, shape and place that this model would save it with.
 */
#ifndef FF_SNAPSHOT_H
#define FF_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"

#define FF_SNAPSHOT_FORMAT 2
#define FF_SNAPSHOT_ALIGN  64
#define FF_SNAPSHOT_DIGITS 32 /* of the hash, hexadecimal */

/* What the hash's digits are read as while hashing, and until it is known. */
extern const char ff_snapshot_zeros[FF_SNAPSHOT_DIGITS + 1];

/* Where the digits are in the file; 0 if nowhere. header: its length. */
size_t ff_snapshot_digits(const uint8_t *bytes, size_t header);

/* XXH3-128 of n bytes whose digits are at `digits`. Cannot fail. */
void ff_snapshot_hash(const uint8_t *bytes, size_t n, size_t digits,
                      char out[FF_SNAPSHOT_DIGITS + 1]);

/* The same of a file that is not there: its first n bytes, up to the tensors,
   whose digits are zeros, and the tensors of m. */
void ff_snapshot_hash_model(const uint8_t *head, size_t n,
                            const struct ff_model *m,
                            char out[FF_SNAPSHOT_DIGITS + 1]);

#endif
