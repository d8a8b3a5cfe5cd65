#include <stdlib.h>
#include <string.h>

#include "proto/client.h"
#include "proto/pack.h"
#include "tests/proto/support.h"

void calls_are_what_the_server_decodes(void **state)
{
    struct ffp_buf b;
    struct ffp_decoder d;
    char says[SAYS_MAX];

    (void)state;
    ffp_buf_init(&b, 1024);
    ffp_decoder_init(&d);
    ffp_call_begin(&b, 70000, "dreams", 2);
    ffp_pack_str(&b, "digits");
    ffp_pack_uint(&b, 16);
    assert_int_equal(b.data[0], 0x94);
    assert_string_equal(describe(&d, b.data, b.n, says),
                        "request 70000 dreams model=digits n=16");
    ffp_buf_clear(&b);
    ffp_notify_begin(&b, "learn", 3);
    ffp_pack_str(&b, "digits");
    ffp_pack_bin(&b, "abcd", 4);
    ffp_pack_str(&b, "7");
    assert_string_equal(describe(&d, b.data, b.n, says),
                        "notification learn model=digits frame=bin:4 label=7");
    ffp_decoder_release(&d);
    ffp_buf_release(&b);
}

static void receive(const char *error, enum ffp_code code, const char *why)
{
    struct ffp_buf b;
    struct ffp_decoder d;
    struct ffp_response r;

    ffp_buf_init(&b, 1024);
    ffp_decoder_init(&d);
    ffp_pack_array(&b, 4);
    ffp_pack_uint(&b, 1);
    ffp_pack_uint(&b, 5);
    ffp_pack_str(&b, error);
    ffp_pack_nil(&b);
    assert_int_equal(ffp_receive(&d, b.data, b.n, &r), FFP_RESPONSE);
    assert_int_equal(r.msgid, 5);
    assert_true(r.is_error);
    assert_int_equal(r.code, code);
    assert_true(ffp_str_is(r.error, error));
    assert_true(ffp_str_is(r.why, why));
    ffp_decoder_release(&d);
    ffp_buf_release(&b);
}

void an_error_is_parted_into_code_and_sentence(void **state)
{
    (void)state;
    receive("BUSY: later", FFP_BUSY, "later");
    receive("BUSY:later", FFP_BUSY, "later");
    receive("BUSY: ", FFP_BUSY, "");
    receive("BUSY:", FFP_BUSY, "");
    receive("BUSYNESS: later", FFP_CODES, "BUSYNESS: later");
    receive("BUSY", FFP_CODES, "BUSY");
    receive("", FFP_CODES, "");
}

void values_are_read_by_kind(void **state)
{
    struct ffp_decoder d;
    struct ffp_error err;
    const msgpack_object *o = NULL;
    const uint8_t *bin = NULL;
    struct ffp_str s = {NULL, 0};
    uint64_t u = 0;
    double v = 0;
    bool yes = false;
    size_t n = 0;
    /* {"u": 7, "i": -7, "f": 0.5, "t": true, "b": bin, "a": [nil, ext]} */
    uint8_t *bytes = from_hex("86 a1 75 07 a1 69 f9 a1 66 ca 3f 00 00 00 a1 "
                              "74 c3 a1 62 c4 01 09 a1 61 92 c0 d4 05 00",
                              &n);

    (void)state;
    ffp_decoder_init(&d);
    assert_int_equal(ffp_decoder_read(&d, bytes, n, &o, &err), 0);
    assert_int_equal(ffp_size(o), 6);
    assert_true(ffp_as_uint(ffp_get(o, "u"), &u) && u == 7);
    assert_false(ffp_as_uint(ffp_get(o, "i"), &u));
    assert_true(ffp_as_double(ffp_get(o, "i"), &v) && v == -7);
    assert_true(ffp_as_double(ffp_get(o, "f"), &v) && v == 0.5);
    assert_false(ffp_as_double(ffp_get(o, "t"), &v));
    assert_true(ffp_as_bool(ffp_get(o, "t"), &yes) && yes);
    assert_false(ffp_as_bool(ffp_get(o, "u"), &yes));
    assert_true(ffp_as_bin(ffp_get(o, "b"), &bin, &n) && *bin == 9);
    assert_true(ffp_as_text(ffp_get(o, "b"), &s) && s.n == 1);
    assert_false(ffp_as_text(ffp_get(o, "u"), &s));
    assert_true(ffp_is_nil(ffp_at(ffp_get(o, "a"), 0)));
    assert_string_equal(ffp_kind(ffp_at(ffp_get(o, "a"), 1)), "an ext");
    assert_null(ffp_at(ffp_get(o, "a"), 2));
    /* What is not there is nothing, and nothing crashes. */
    assert_null(ffp_get(o, "z"));
    assert_null(ffp_get(NULL, "z"));
    assert_null(ffp_at(NULL, 0));
    assert_true(ffp_is_nil(NULL));
    assert_int_equal(ffp_size(NULL), 0);
    assert_false(ffp_as_uint(NULL, &u) || ffp_as_double(NULL, &v) ||
                 ffp_as_bool(NULL, &yes) || ffp_as_text(NULL, &s) ||
                 ffp_as_bin(NULL, &bin, &n));
    assert_string_equal(ffp_kind(NULL), "missing");
    ffp_decoder_release(&d);
    free(bytes);
}

static enum ffp_received receive_hex(const char *hex, struct ffp_response *r)
{
    struct ffp_decoder d;
    size_t n = 0;
    uint8_t *bytes = from_hex(hex, &n);
    enum ffp_received got;

    ffp_decoder_init(&d);
    got = ffp_receive(&d, bytes, n, r);
    ffp_decoder_release(&d);
    free(bytes);
    return got;
}

void a_client_survives_a_garbled_server(void **state)
{
    static const char *const garbled[] = {
        "07",                                     /* no array */
        "90",                                     /* nothing in it */
        "94 00 01 a4 70 69 6e 67 90",             /* a request */
        "93 01 01 c0",                            /* a value is missing */
        "94 01 ff c0 c0",                         /* msgid -1 */
        "94 01 cf 00 00 00 01 00 00 00 00 c0 c0", /* msgid 2^32 */
        "93 02 05 90",                            /* topic is no string */
        "94 01 01 c0",                            /* cut short */
    };
    struct ffp_response r;

    (void)state;
    for (size_t i = 0; i < sizeof garbled / sizeof *garbled; i++)
        assert_int_equal(receive_hex(garbled[i], &r), FFP_GARBLED);
    assert_int_equal(receive_hex("93 02 a5 65 76 65 6e 74 90", &r),
                     FFP_NOTIFIED);
}
