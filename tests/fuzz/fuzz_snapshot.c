/*
 * A snapshot of anybody's. Its hash is put right first, or no damage would get
 * past it: what the hash vouches for may still be nonsense. Refused with a
 * sentence; or a model that lives, and whose own snapshot is its equal.
 */
#include <string.h>

#include "lib/ff.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/live.h"

/* As is, it is saved as it was loaded, and loads again. */
static void check_again(const struct ff_model *m)
{
    struct ff_model *copy = NULL;
    uint8_t *bytes[2] = {NULL, NULL};
    size_t n[2] = {0, 0};
    char why[FF_WHY_MAX] = "";

    MUST(ff_model_save(m, &bytes[0], &n[0]) == FF_OK);
    MUST(ff_model_load(&copy, bytes[0], n[0], why) == FF_OK);
    MUST(ff_model_save(copy, &bytes[1], &n[1]) == FF_OK);
    MUST(n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0);
    ff_model_free(copy);
    free(bytes[0]);
    free(bytes[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *given, size_t n)
{
    /* Exactly so long, so that a byte read beyond it is noticed. */
    uint8_t *bytes = malloc(n > 0 ? n : 1);
    struct ff_model *m = NULL;
    char why[FF_WHY_MAX] = "";

    MUST(bytes);
    if (n > 0)
        memcpy(bytes, given, n);
    put_hash_right(bytes, n);
    if (ff_model_load(&m, bytes, n, why) != FF_OK) {
        MUST(*why);
    } else {
        check_again(m);
        if (is_small(ff_model_spec(m)))
            live(m);
        ff_model_free(m);
    }
    free(bytes);
    return 0;
}
