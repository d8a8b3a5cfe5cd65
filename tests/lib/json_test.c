/* What is JSON, said without memory; against what jansson says with it. */
#include <jansson.h>
#include <string.h>

#include "lib/json_text.h"
#include "tests/lib/support.h"

/* jansson's verdict, but for what we refuse on purpose: halves of pairs. */
static void compare(const char *text, size_t n)
{
    json_error_t error = {.text = ""};
    json_t *json = json_loadb(text, n, JSON_ALLOW_NUL, &error);
    bool known = json || json_error_code(&error) == json_error_invalid_syntax ||
                 json_error_code(&error) == json_error_premature_end_of_input ||
                 json_error_code(&error) == json_error_end_of_input_expected;
    if (known && ff_json_well_formed(text, n) != (json != NULL))
        fail_msg("%.*s: jansson says %s", (int)n, text,
                 json ? "yes" : error.text);
    json_decref(json);
}

void what_is_json_is_told_without_memory(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        " [ ] ",
        "",
        "[",
        "]",
        "[}",
        "[1,2,[3,{\"a\":[]}],\"x\"]",
        "{\"a\":{\"b\":[1,null,true,false]},\"c\":-0.5e+7}",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{1:2}",
        "[01]",
        "[-]",
        "[1.]",
        "[1e]",
        "[.5]",
        "[+1]",
        "[nul]",
        "[nulll]",
        "[\"\\u00e9\\n\\\\\"]",
        "[\"\\x\"]",
        "[\"\\u12g4\"]",
        "[\"\x01\"]",
        "[\"open]",
        "[] []",
        "1",
        "\"text\"",
        "[[[[[[[[[[]]]]]]]]]]",
        "[{},{},[[],[]]]",
        "{\"a\":[{\"b\":\"}\"}]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        compare(texts[i], strlen(texts[i]));
}

void damaged_json_is_told_from_json(void **state)
{
    (void)state;
    static const char marks[] = "{}[]\",:0 1\\eun-.tf\n";
    static const char whole[] =
        "{\"__metadata__\":{\"xxh3\":\"00\",\"labels\":\"[\\\"0\\\",null]\"},"
        "\"layers.0.W\":{\"dtype\":\"F32\",\"shape\":[8,-6.5e1],\"u\":\"\\u00e9"
        "\",\"t\":true,\"data_offsets\":[0,192],\"o\":{},\"n\":[[],null]}}";
    struct ff_rng g;
    ff_rng_init(&g, 5);
    for (int i = 0; i < 30000; i++) {
        char text[sizeof whole];
        size_t n = sizeof whole - 1, from = ff_rng_below(&g, n);
        memcpy(text, whole, sizeof whole);
        for (uint64_t j = ff_rng_below(&g, 4); j > 0; j--)
            text[ff_rng_below(&g, n)] =
                marks[ff_rng_below(&g, sizeof marks - 1)];
        if (i % 3 == 0) /* without its middle */
            memmove(text + from, text + n - (n - from) / 2, (n - from) / 2);
        compare(text, i % 5 ? n : from);
    }
}
