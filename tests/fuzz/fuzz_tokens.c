/*
 * The file of tokens: read or refused with a sentence, and what was read is
 * what the lines say.
 */
#include <string.h>

#include "daemon/tokens.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct ffd_tokens t;
    char why[FFD_CONFIG_WHY_MAX] = "";

    if (ffd_tokens_parse(&t, "tokens", (const char *)bytes, n, why) < 0) {
        MUST(strncmp(why, "tokens:", 7) == 0);
        MUST(t.at == NULL && t.n == 0);
        return 0;
    }
    MUST(t.n <= FFD_TOKENS_MAX);
    for (size_t i = 0; i < t.n; i++) {
        MUST(t.at[i].role > FFP_ROLE_NONE && t.at[i].role <= FFP_ROLE_ADMIN);
        MUST(ffd_tokens_hold(&t, &t.at[i]));
    }
    if (n >= FFD_TOKEN_CHARS)
        MUST(!ffd_tokens_find(&t, (const char *)bytes, FFD_TOKEN_CHARS) ||
             t.n > 0);
    ffd_tokens_release(&t);
    return 0;
}
