/*
 * What a client does with the bytes of a server that it does not trust.
 */
#include "proto/client.h"
#include "proto/limit.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct ffp_limit l;
    struct ffp_decoder d;
    struct ffp_response r;
    size_t used = 0;

    ffp_limit_init(&l, FFP_MAX_GREETING_BYTES);
    if (ffp_limit_feed(&l, bytes, n, &used) != FFP_WALK_DONE)
        return 0;
    ffp_decoder_init(&d);
    if (ffp_receive(&d, bytes, used, &r) == FFP_RESPONSE && r.is_error)
        MUST(r.why.n <= r.error.n && r.code <= FFP_CODES);
    ffp_decoder_release(&d);
    return 0;
}
