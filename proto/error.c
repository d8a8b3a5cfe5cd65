#include "proto/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"

static const struct {
    const char *name, *help;
} table[FFP_CODES + 1] = {
#define FFP_CODE(NAME, help) {#NAME, help},
#include "proto/error.def"
    {"UNKNOWN_CODE", "A code that this version does not know."},
};

int ffp_error_set(struct ffp_error *err, enum ffp_code code, const char *fmt,
                  ...)
{
    va_list args;
    size_t n = 0;
    int whole = 0;

    va_start(args, fmt);
    whole = vsnprintf(err->why, sizeof err->why, fmt, args);
    va_end(args);
    err->code = code;
    /* A cut may have fallen inside a character: drop what is left of it. */
    n = strlen(err->why);
    for (int i = 0;
         i < 3 && (size_t)whole > n && n > 0 && !ffp_text_valid(err->why, n);
         i++)
        err->why[--n] = '\0';
    ffp_text_mend(err->why); /* another may have fallen amid it */
    return -1;
}

const char *ffp_code_name(enum ffp_code code)
{
    return table[code < FFP_CODES ? code : FFP_CODES].name;
}

const char *ffp_code_help(enum ffp_code code)
{
    return table[code < FFP_CODES ? code : FFP_CODES].help;
}

enum ffp_code ffp_code_find(const char *name, size_t n)
{
    for (unsigned i = 0; i < FFP_CODES; i++) {
        if (strlen(table[i].name) == n && memcmp(table[i].name, name, n) == 0)
            return (enum ffp_code)i;
    }
    return FFP_CODES;
}
