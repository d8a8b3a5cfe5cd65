/*
 * A model's course, as a journal would hold it: u16 bytes, body, and so on,
 * numbered from 1. Applied one after another until one is refused, with a
 * sentence; the model there is then is one that can be saved, loaded and that
 * lives.
 */
#include <string.h>

#include "daemon/record.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/live.h"

#define HEAD 2 /* kind, version */

/* Whether a new model of it is quickly made. Not whether it is valid. */
static bool creates_much(const uint8_t *body, size_t n)
{
    struct ff_spec spec;
    char why[FF_WHY_MAX];

    return n > HEAD && body[0] == FFD_RECORD_CREATE &&
           ff_spec_from_text(&spec, (const char *)body + HEAD, n - HEAD, why) ==
               FF_OK &&
           !is_small(&spec);
}

/* Exactly so long, so that a byte read beyond it is noticed. */
static enum ffd_applied apply(struct ffd_replay *p, uint64_t number,
                              const uint8_t *given, size_t n)
{
    uint8_t *body = malloc(n > 0 ? n : 1);
    char why[FF_WHY_MAX] = "";
    enum ffd_applied done = FFD_APPLY_DAMAGED;

    MUST(body);
    if (n > 0)
        memcpy(body, given, n);
    if (n > HEAD && body[0] == FFD_RECORD_LOAD)
        put_hash_right(body + HEAD, n - HEAD);
    if (!creates_much(body, n)) {
        done = ffd_record_apply(p, number, body, n, why);
        MUST(done == FFD_APPLIED || *why);
    }
    free(body);
    return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct ffd_replay p = {0};
    uint64_t number = 1;
    size_t at = 0;

    while (n - at >= 2 && (!p.ff || is_small(ff_model_spec(p.ff)))) {
        size_t is = bytes[at] | (size_t)bytes[at + 1] << 8;

        at += 2;
        if (is > n - at)
            is = n - at;
        if (apply(&p, number++, bytes + at, is) != FFD_APPLIED)
            break;
        MUST(ff_model_record(p.ff) == number - 1);
        at += is;
    }
    if (p.fit_ready)
        ff_fit_install(p.ff);
    if (p.ff && is_small(ff_model_spec(p.ff)))
        live(p.ff);
    ff_model_free(p.ff);
    return 0;
}
