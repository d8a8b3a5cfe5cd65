#include "lib/snapshot.h"

#include <stdio.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY /* a state on the stack cannot fail */
#include <xxhash.h>

#include "lib/tensors.h"

#define KEY "\"xxh3\":\""

const char ff_snapshot_zeros[FF_SNAPSHOT_DIGITS + 1] =
    "00000000000000000000000000000000";

size_t ff_snapshot_digits(const uint8_t *bytes, size_t header)
{
    const uint8_t *at = memmem(bytes + 8, header, KEY, strlen(KEY));
    size_t digits = at ? (size_t)(at - bytes) + strlen(KEY) : 0;
    return digits + FF_SNAPSHOT_DIGITS <= 8 + header ? digits : 0;
}

static void start(XXH3_state_t *state)
{
    XXH3_INITSTATE(state);
    XXH3_128bits_reset(state);
}

static void finish(const XXH3_state_t *state, char out[FF_SNAPSHOT_DIGITS + 1])
{
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits_digest(state));
    for (size_t i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", hash.digest[i]);
}

void ff_snapshot_hash(const uint8_t *bytes, size_t n, size_t digits,
                      char out[FF_SNAPSHOT_DIGITS + 1])
{
    XXH3_state_t state;
    start(&state);
    XXH3_128bits_update(&state, bytes, digits);
    XXH3_128bits_update(&state, ff_snapshot_zeros, FF_SNAPSHOT_DIGITS);
    XXH3_128bits_update(&state, bytes + digits + FF_SNAPSHOT_DIGITS,
                        n - digits - FF_SNAPSHOT_DIGITS);
    finish(&state, out);
}

static int take_in(void *ctx, const struct ff_tensor *t)
{
    XXH3_128bits_update(ctx, t->data, ff_tensor_bytes(t));
    return 0;
}

void ff_snapshot_hash_model(const uint8_t *head, size_t n,
                            const struct ff_model *m,
                            char out[FF_SNAPSHOT_DIGITS + 1])
{
    XXH3_state_t state;
    start(&state);
    XXH3_128bits_update(&state, head, n);
    ff_tensors_visit(m, take_in, &state);
    finish(&state, out);
}
