/*
 * A snapshot of anybody's. Its hash is put right first, or no damage would get
 * past it: what the hash vouches for may still be nonsense. Refused with a
 * sentence; or a model that lives, and whose own snapshot is its equal.
 */
#include <string.h>

#include "lib/ff.h"
#include "lib/snapshot.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/live.h"

static void put_hash_right(uint8_t *bytes, size_t n)
{
    char hash[FF_SNAPSHOT_DIGITS + 1];
    uint64_t header = 0;
    size_t digits = 0;

    for (size_t i = 0; i < 8 && i < n; i++)
        header |= (uint64_t)bytes[i] << (8 * i);
    if (n < 8 || header > n - 8)
        return;
    digits = ff_snapshot_digits(bytes, (size_t)header);
    if (digits == 0)
        return;
    ff_snapshot_hash(bytes, n, digits, hash);
    memcpy(bytes + digits, hash, FF_SNAPSHOT_DIGITS);
}

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
