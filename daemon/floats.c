#include "daemon/floats.h"

#include <stdint.h>
#include <string.h>

/* Bits of floats, without their sign, ascend as they do; NaN is above all. */
bool ffd_floats_within(const void *at, size_t n, float most)
{
    const uint8_t *bytes = at;
    uint32_t last, bad = 0;

    memcpy(&last, &most, sizeof(last));
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;

        memcpy(&bits, bytes + sizeof(bits) * i, sizeof(bits));
        bad |= (bits & 0x7fffffffu) > last;
    }
    return !bad;
}
