/*
 * The walker: fed whole or byte by byte, it says the same; and msgpack-c reads
 * exactly what it passes.
 */
#include "proto/decoder.h"
#include "proto/limit.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct ffp_limit whole;
    struct ffp_limit apart;
    struct ffp_decoder d;
    struct ffp_error err;
    const struct msgpack_object *o = NULL;
    enum ffp_walk walk = FFP_WALK_MORE;
    size_t used = 0;
    size_t one = 0;
    size_t i = 0;

    ffp_limit_init(&whole, FFP_MAX_GREETING_BYTES);
    ffp_limit_init(&apart, FFP_MAX_GREETING_BYTES);
    ffp_limit_feed(&whole, bytes, n, &used);
    for (; i < n && walk == FFP_WALK_MORE; i += one) {
        MUST(ffp_limit_need(&apart) >= 1);
        MUST(apart.seen + ffp_limit_need(&apart) <= apart.cap);
        walk = ffp_limit_feed(&apart, bytes + i, 1, &one);
    }
    MUST(walk == whole.walk && i == used);
    if (walk != FFP_WALK_DONE)
        return 0;
    ffp_decoder_init(&d);
    MUST(ffp_decoder_read(&d, bytes, used, &o, &err) == 0);
    ffp_decoder_release(&d);
    return 0;
}
