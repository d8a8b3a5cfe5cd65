#include "lib/snapshot.h"

#include <stdio.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY /* a state on the stack cannot fail */
#include <xxhash.h>

#define KEY "\"xxh3\":\""

const char ff_snapshot_zeros[FF_SNAPSHOT_DIGITS + 1] =
    "00000000000000000000000000000000";

size_t ff_snapshot_digits(const uint8_t *bytes, size_t header)
{
    const uint8_t *at = memmem(bytes + 8, header, KEY, strlen(KEY));
    size_t digits = at ? (size_t)(at - bytes) + strlen(KEY) : 0;
    return digits + FF_SNAPSHOT_DIGITS <= 8 + header ? digits : 0;
}

void ff_snapshot_hash(const uint8_t *bytes, size_t n, size_t digits,
                      char out[FF_SNAPSHOT_DIGITS + 1])
{
    XXH3_state_t state;
    XXH128_canonical_t hash;
    XXH3_INITSTATE(&state);
    XXH3_128bits_reset(&state);
    XXH3_128bits_update(&state, bytes, digits);
    XXH3_128bits_update(&state, ff_snapshot_zeros, FF_SNAPSHOT_DIGITS);
    XXH3_128bits_update(&state, bytes + digits + FF_SNAPSHOT_DIGITS,
                        n - digits - FF_SNAPSHOT_DIGITS);
    XXH128_canonicalFromHash(&hash, XXH3_128bits_digest(&state));
    for (size_t i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", hash.digest[i]);
}
