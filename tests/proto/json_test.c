#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json.h"
#include "proto/limits.h"
#include "proto/pack.h"
#include "tests/proto/support.h"

/* A packed value's text. */
static void says(const char *hex, const char *json)
{
    size_t n;
    uint8_t *bytes = from_hex(hex, &n);
    char *text = ffp_json_packed(bytes, n);

    assert_non_null(text);
    assert_string_equal(text, json);
    free(text);
    free(bytes);
}

static void packed_says(struct ffp_buf *b, const char *json)
{
    char *text = ffp_json_packed(b->data, b->n);

    assert_false(b->failed);
    assert_non_null(text);
    assert_string_equal(text, json);
    free(text);
    ffp_buf_release(b);
}

static void double_says(double v, const char *json)
{
    struct ffp_buf b;

    ffp_buf_init(&b, 64);
    ffp_pack_double(&b, v);
    packed_says(&b, json);
}

static void float_says(float v, const char *json)
{
    struct ffp_buf b;

    ffp_buf_init(&b, 64);
    ffp_pack_float(&b, v);
    packed_says(&b, json);
}

static void text_says(const char *at, size_t n, const char *json)
{
    struct ffp_buf b;

    ffp_buf_init(&b, 64);
    ffp_pack_strn(&b, at, n);
    packed_says(&b, json);
}

static void bytes_say(const char *at, size_t n, const char *json)
{
    struct ffp_buf b;

    ffp_buf_init(&b, FFP_MAX_MESSAGE_BYTES);
    ffp_pack_bin(&b, at, n);
    packed_says(&b, json);
}

void json_escapes_what_would_end_or_break_text(void **state)
{
    (void)state;
    text_says("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
    text_says("\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"");
    text_says("\x01\v\x1f", 3, "\"\\u0001\\u000B\\u001F\"");
    text_says("\x7f caf\xc3\xa9 \xf0\x9f\x98\x80", 12,
              "\"\x7f caf\xc3\xa9 \xf0\x9f\x98\x80\"");
    text_says("\"", 1, "\"\\\"\"");
}

void json_of_empty_text_and_bytes_is_empty_text(void **state)
{
    (void)state;
    says("a0", "\"\"");
    says("c4 00", "\"\"");
    says("82 a0 a0 a1 61 90", "{\"\":\"\",\"a\":[]}");
}

void json_integers_are_whole_up_to_the_top_of_int64(void **state)
{
    (void)state;
    says("00", "0");
    says("ff", "-1");
    says("cd 27 10", "10000");
    says("cf 7f ff ff ff ff ff ff ff", "9223372036854775807");
    says("d3 80 00 00 00 00 00 00 00", "-9223372036854775808");
    says("cf 80 00 00 00 00 00 00 00", "9.22337203685478e18");
    says("cf ff ff ff ff ff ff ff ff", "1.84467440737096e19");
}

void json_reals_have_a_point_or_an_exponent(void **state)
{
    (void)state;
    double_says(0, "0.0");
    double_says(-0.0, "-0.0");
    double_says(-3, "-3.0");
    double_says(999999, "999999.0");
    double_says(1e6, "1000000.0");
    double_says(123456789012345.0, "123456789012345.0");
    double_says(1e15, "1e15");
    double_says(-1e100, "-1e100");
    double_says(1e-5, "1e-5");
    double_says(2.5e-300, "2.5e-300");
    double_says(0.1, "0.1");
    double_says(1.0 / 3, "0.333333333333333");
    double_says(1764201600.25, "1764201600.25");
}

void json_of_a_float_is_what_was_meant(void **state)
{
    (void)state;
    float_says(0.9F, "0.9");
    float_says(-0.0F, "-0.0");
    float_says(1.0F / 3, "0.3333333");
    float_says(16777216.0F, "16777220.0");
    float_says(1e10F, "10000000000.0");
    float_says(1e20F, "1e20");
    float_says(1.5e-7F, "1.5e-7");
}

void json_has_null_for_what_it_cannot_hold(void **state)
{
    (void)state;
    says("c0", "null");
    says("d4 05 00", "null"); /* an extension */
    double_says((double)NAN, "null");
    double_says((double)INFINITY, "null");
    double_says((double)-INFINITY, "null");
    float_says(NAN, "null");
    float_says(-INFINITY, "null");
}

void json_nests_as_the_value_does(void **state)
{
    struct ffp_buf b;

    (void)state;
    says("90", "[]");
    says("80", "{}");
    says("93 01 92 c2 c3 81 a1 61 93 c0 80 90",
         "[1,[false,true],{\"a\":[null,{},[]]}]");
    ffp_buf_init(&b, 64);
    for (int i = 0; i < FFP_MAX_DEPTH; i++)
        ffp_pack_array(&b, 1);
    ffp_pack_nil(&b);
    packed_says(&b, "[[[[[[[[[[[[[[[[null]]]]]]]]]]]]]]]]");
}

void json_keys_are_text_whatever_they_were(void **state)
{
    (void)state;
    says("81 07 01", "{\"7\":1}");
    says("82 c0 01 c3 02", "{\"null\":1,\"true\":2}");
    says("81 ca 3f 00 00 00 01", "{\"0.5\":1}");
    says("81 92 01 a1 22 02", "{\"[1,\\\"\\\\\\\"\\\"]\":2}");
    says("81 c4 01 61 01", "{\"YQ==\":1}");
    says("81 a2 0a 22 01", "{\"\\n\\\"\":1}");
}

void json_bytes_are_base64(void **state)
{
    static const char zeros[300];
    char expected[403];

    (void)state;
    bytes_say("f", 1, "\"Zg==\"");
    bytes_say("fo", 2, "\"Zm8=\"");
    bytes_say("foo", 3, "\"Zm9v\"");
    bytes_say("foob", 4, "\"Zm9vYg==\"");
    bytes_say("fooba", 5, "\"Zm9vYmE=\"");
    bytes_say("foobar", 6, "\"Zm9vYmFy\"");
    bytes_say("\xff\xfe\xfd\xfb\xf0", 5, "\"//79+/A=\"");
    memset(expected, 'A', sizeof(expected));
    expected[0] = expected[401] = '"';
    expected[402] = '\0';
    bytes_say(zeros, sizeof(zeros), expected);
}

void json_of_text_that_is_none_is_its_bytes(void **state)
{
    (void)state;
    text_says("\xff\xc3", 2, "\"/8M=\"");
    text_says("a\0b", 3, "\"YQBi\"");
}

void json_of_a_value_that_is_not_whole_is_none(void **state)
{
    static const uint8_t half[] = {0x92, 0x01}, cut[] = {0xa3, 'a'};

    (void)state;
    assert_null(ffp_json_packed(half, sizeof(half)));
    assert_null(ffp_json_packed(cut, sizeof(cut)));
    assert_null(ffp_json_packed(half, 0));
}

void json_without_memory_is_none(void **state)
{
    struct ffp_buf b;
    char *text = NULL;
    unsigned k = 0;

    (void)state;
    ffp_buf_init(&b, FFP_MAX_MESSAGE_BYTES);
    ffp_pack_map(&b, 1);
    ffp_pack_array(&b, 1); /* a key that needs room of its own */
    ffp_pack_int(&b, 1);
    ffp_pack_array(&b, 500);
    for (int i = 0; i < 500; i++)
        ffp_pack_double(&b, i);
    while (!text) {
        fail_allocation(++k);
        text = ffp_json_packed(b.data, b.n);
        assert_int_equal(text == NULL, allocations() >= k);
    }
    fail_allocation(0);
    assert_true(k > 3);
    assert_memory_equal(text, "{\"[1]\":[0.0,1.0,2.0,", 20);
    free(text);
    ffp_buf_release(&b);
}

void json_is_added_up_to_the_cap_and_no_further(void **state)
{
    struct ffp_buf out;
    const msgpack_object yes = {.type = MSGPACK_OBJECT_BOOLEAN,
                                .via = {.boolean = true}};

    (void)state;
    ffp_buf_init(&out, 10);
    ffp_buf_add(&out, "x:", 2);
    ffp_json_add(&out, &yes);
    ffp_json_add(&out, NULL);
    assert_false(out.failed);
    assert_int_equal(out.n, 10);
    assert_memory_equal(out.data, "x:truenull", 10);
    ffp_json_add(&out, &yes);
    assert_true(out.failed);
    assert_int_equal(out.n, 10);
    ffp_buf_release(&out);
}
