#include "proto/text.h"

#include <stdint.h>
#include <string.h>

#include "proto/limits.h"

bool ffp_str_is(struct ffp_str s, const char *word)
{
    return s.at && s.n == strlen(word) && memcmp(s.at, word, s.n) == 0;
}

/* Bytes of the character at the front of n > 0 bytes; 0 if malformed. */
static size_t character(const uint8_t *p, size_t n)
{
    size_t length = 0;
    uint32_t least = 0;
    uint32_t c = 0;

    if (p[0] < 0x80)
        return p[0] != 0;
    if (p[0] >= 0xc2 && p[0] < 0xe0) {
        length = 2;
        least = 0x80;
        c = p[0] & 0x1f;
    } else if (p[0] >= 0xe0 && p[0] < 0xf0) {
        length = 3;
        least = 0x800;
        c = p[0] & 0x0f;
    } else if (p[0] >= 0xf0 && p[0] < 0xf5) {
        length = 4;
        least = 0x10000;
        c = p[0] & 0x07;
    }
    if (length == 0 || n < length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    return length;
}

bool ffp_text_valid(const char *at, size_t n)
{
    const uint8_t *p = (const uint8_t *)at;

    while (n > 0) {
        size_t step = character(p, n);

        if (step == 0)
            return false;
        p += step;
        n -= step;
    }
    return true;
}

void ffp_text_mend(char *text)
{
    size_t n = strlen(text);

    for (size_t i = 0, step = 0; i < n; i += step) {
        step = character((const uint8_t *)text + i, n - i);
        if (step == 0) {
            text[i] = '?';
            step = 1;
        }
    }
}

bool ffp_model_name_valid(const char *at, size_t n)
{
    if (n < 1 || n > FFP_MODEL_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
              c == '-'))
            return false;
    }
    return true;
}

bool ffp_snapshot_name_valid(const char *at, size_t n)
{
    size_t digits = 0;

    while (digits < n && at[digits] >= '0' && at[digits] <= '9')
        digits++;
    return digits < n && ffp_model_name_valid(at, n);
}

const char *ffp_quote(char out[FFP_QUOTE_MAX], const char *at, size_t n)
{
    bool cut = n > FFP_QUOTE_MAX - 1;
    size_t keep = cut ? FFP_QUOTE_MAX - 4 : n;

    for (size_t i = 0; i < keep; i++) {
        out[i] = '?';
        if (at[i] >= ' ' && at[i] <= '~')
            out[i] = at[i];
    }
    memcpy(out + keep, "...", cut ? 3 : 0);
    out[keep + (cut ? 3 : 0)] = '\0';
    return out;
}
