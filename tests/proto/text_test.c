#include <string.h>

#include "proto/error.h"
#include "proto/limits.h"
#include "proto/text.h"
#include "tests/proto/support.h"

void text_is_utf8_without_zeros(void **state)
{
    static const char *const good[] = {"",
                                       "7",
                                       "caf\xc3\xa9",
                                       "\xe2\x82\xac",
                                       "\xf0\x9f\x98\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xed\x9f\xbf",
                                       "\x7f"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc3",
                                      "\xc3(",
                                      "\xe0\x80\x80",
                                      "\xe2\x82",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf0\x9f\x98",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "ok\xfe"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(ffp_text_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(ffp_text_valid(bad[i], strlen(bad[i])));
    assert_false(ffp_text_valid("a\0b", 3));
}

void model_names_cannot_be_paths(void **state)
{
    static const char *const bad[] = {"",  ".",  "..", "a/b",      "A",
                                      " ", "a.", "\n", "m\xc3\xa9"};
    char longest[FFP_MODEL_MAX + 1];

    (void)state;
    assert_true(ffp_model_name_valid("az09_-", 6));
    memset(longest, 'm', sizeof longest);
    assert_true(ffp_model_name_valid(longest, FFP_MODEL_MAX));
    assert_false(ffp_model_name_valid(longest, FFP_MODEL_MAX + 1));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(ffp_model_name_valid(bad[i], strlen(bad[i])));
    assert_false(ffp_model_name_valid("a\0", 2));
}

void quotes_are_printable_and_short(void **state)
{
    char out[FFP_QUOTE_MAX];
    char longest[FFP_QUOTE_MAX];

    (void)state;
    assert_string_equal(ffp_quote(out, "a\n\x80z", 4), "a??z");
    assert_string_equal(ffp_quote(out, "", 0), "");
    memset(longest, 'x', sizeof longest);
    assert_int_equal(strlen(ffp_quote(out, longest, FFP_QUOTE_MAX - 1)),
                     FFP_QUOTE_MAX - 1);
    ffp_quote(out, longest, FFP_QUOTE_MAX);
    assert_int_equal(strlen(out), FFP_QUOTE_MAX - 1);
    assert_string_equal(out + FFP_QUOTE_MAX - 5, "x...");
}

void codes_are_found_by_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FFP_CODES; i++) {
        const char *name = ffp_code_name((enum ffp_code)i);

        assert_int_equal(ffp_code_find(name, strlen(name)), i);
        assert_true(strlen(ffp_code_help((enum ffp_code)i)) > 0);
    }
    assert_int_equal(ffp_code_find("BUS", 3), FFP_CODES);
    assert_string_equal(ffp_code_name(FFP_CODES), "UNKNOWN_CODE");
}

void mended_text_is_valid_and_else_as_it_was(void **state)
{
    static const char *const texts[][2] = {{"", ""},
                                           {"caf\xc3\xa9", "caf\xc3\xa9"},
                                           {"key '\xe2\x82'", "key '?\?'"},
                                           {"\xff\xc3\xa9\xc3", "?\xc3\xa9?"}};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[16];

        strcpy(text, texts[i][0]);
        ffp_text_mend(text);
        assert_string_equal(text, texts[i][1]);
        assert_true(ffp_text_valid(text, strlen(text)));
    }
}

void an_error_that_cuts_a_character_amid_is_text(void **state)
{
    struct ffp_error err;

    (void)state;
    ffp_error_set(&err, FFP_BAD_PARAMS, "key '%.1s' is given twice",
                  "\xc3\xa9");
    assert_string_equal(err.why, "key '?' is given twice");
}
