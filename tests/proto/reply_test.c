#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proto/client.h"
#include "proto/pack.h"
#include "proto/reply.h"
#include "proto/stream.h"
#include "tests/proto/support.h"

static void expect_bytes(struct ffp_buf *b, const char *hex)
{
    char is[256] = "";

    assert_false(b->failed);
    for (size_t i = 0; i < b->n; i++)
        snprintf(is + 3 * i, 4, "%02x ", b->data[i]);
    is[b->n ? 3 * b->n - 1 : 0] = '\0';
    assert_string_equal(is, hex);
    ffp_buf_clear(b);
}

void replies_begin_with_0x94(void **state)
{
    struct ffp_buf b;

    (void)state;
    ffp_buf_init(&b, 1024);
    ffp_reply_begin(&b, 1);
    ffp_pack_str(&b, "pong");
    expect_bytes(&b, "94 01 01 c0 a4 70 6f 6e 67");
    ffp_reply_begin(&b, UINT32_MAX);
    ffp_pack_nil(&b);
    expect_bytes(&b, "94 01 ce ff ff ff ff c0 c0");
    ffp_reply_error(&b, 7, FFP_BUSY, "no %d", 5);
    expect_bytes(&b, "94 01 07 aa 42 55 53 59 3a 20 6e 6f 20 35 c0");
    ffp_buf_release(&b);
}

void an_error_is_code_and_sentence(void **state)
{
    struct ffp_buf b;
    struct ffp_decoder d;
    struct ffp_error err;
    char says[SAYS_MAX];

    (void)state;
    ffp_buf_init(&b, 1024);
    ffp_decoder_init(&d);
    assert_int_equal(
        ffp_error_set(&err, FFP_BAD_FRAME, "frame: holds %d bytes", 3), -1);
    ffp_reply_refusal(&b, 9, &err);
    assert_string_equal(describe(&d, b.data, b.n, says),
                        "response 9 error BAD_FRAME: frame: holds 3 bytes");
    ffp_decoder_release(&d);
    ffp_buf_release(&b);
}

void a_long_sentence_is_cut_between_characters(void **state)
{
    static const uint8_t euro[3] = {0xe2, 0x82, 0xac};
    struct ffp_error err;
    char text[512];

    (void)state;
    for (size_t lead = 0; lead < 4; lead++) {
        memset(text, 'a', sizeof text);
        for (size_t i = lead; i < 400; i += 3)
            memcpy(text + i, euro, sizeof euro);
        text[lead + 300] = '\0';
        ffp_error_set(&err, FFP_INTERNAL, "%s", text);
        assert_in_range(strlen(err.why), FFP_WHY_MAX - 4, FFP_WHY_MAX - 1);
        assert_true(ffp_text_valid(err.why, strlen(err.why)));
    }
}

/* api_info as a client gets it. */
static const msgpack_object *api_info(struct ffp_buf *b, struct ffp_decoder *d)
{
    struct ffp_limit l;
    struct ffp_response r;
    size_t used = 0;

    ffp_buf_init(b, FFP_MAX_MESSAGE_BYTES);
    ffp_decoder_init(d);
    ffp_reply_begin(b, 1);
    ffp_pack_api_info(b);
    assert_false(b->failed);
    ffp_limit_init(&l, FFP_MAX_MESSAGE_BYTES);
    assert_int_equal(ffp_limit_feed(&l, b->data, b->n, &used), FFP_WALK_DONE);
    assert_int_equal(used, b->n);
    assert_int_equal(ffp_receive(d, b->data, b->n, &r), FFP_RESPONSE);
    assert_false(r.is_error);
    return r.result;
}

static void expect_text(const msgpack_object *map, const char *key,
                        const char *is)
{
    struct ffp_str s;

    assert_true(ffp_as_text(ffp_get(map, key), &s));
    assert_int_equal(s.n, strlen(is));
    assert_memory_equal(s.at, is, s.n);
}

void api_info_lists_every_method(void **state)
{
    struct ffp_buf b;
    struct ffp_decoder d;
    const msgpack_object *methods = ffp_get(api_info(&b, &d), "methods");

    (void)state;
    assert_int_equal(ffp_size(methods), FFP_METHODS);
    for (size_t i = 0; i < FFP_METHODS; i++) {
        const struct ffp_method_info *m = &ffp_method_table[i];
        const msgpack_object *o = ffp_at(methods, i);
        const msgpack_object *params = ffp_get(o, "params");
        uint64_t since = 0;
        size_t options = 0;

        expect_text(o, "name", m->name);
        expect_text(o, "role", ffp_role_name(m->role));
        expect_text(o, "result", m->result);
        expect_text(o, "help", m->help);
        assert_true(ffp_as_uint(ffp_get(o, "since"), &since));
        assert_int_equal(since, m->since);
        assert_int_equal(ffp_size(params), m->params);
        for (size_t k = 0; k < m->params; k++)
            expect_text(ffp_at(params, k), "name",
                        ffp_param_table[m->param[k]].name);
        for (unsigned k = 0; k < FFP_OPTIONS; k++)
            options += m->options >> k & 1;
        assert_int_equal(ffp_size(ffp_get(o, "options")), options);
    }
    ffp_decoder_release(&d);
    ffp_buf_release(&b);
}

void api_info_lists_every_topic(void **state)
{
    struct ffp_buf b;
    struct ffp_decoder d;
    const msgpack_object *topics = ffp_get(api_info(&b, &d), "topics");

    (void)state;
    assert_int_equal(ffp_size(topics), FFP_TOPICS);
    for (size_t i = 0; i < FFP_TOPICS; i++) {
        expect_text(ffp_at(topics, i), "name", ffp_topic_table[i].name);
        expect_text(ffp_at(topics, i), "payload", ffp_topic_table[i].payload);
    }
    ffp_decoder_release(&d);
    ffp_buf_release(&b);
}

void api_info_lists_errors_and_limits(void **state)
{
    struct ffp_buf b;
    struct ffp_decoder d;
    const msgpack_object *info = api_info(&b, &d);
    const msgpack_object *errors = ffp_get(info, "errors");
    uint64_t depth = 0;

    (void)state;
    assert_int_equal(ffp_size(errors), FFP_CODES);
    expect_text(ffp_at(errors, FFP_BUSY), "code", "BUSY");
    assert_true(ffp_as_uint(ffp_get(ffp_get(info, "limits"), "depth"), &depth));
    assert_int_equal(depth, FFP_MAX_DEPTH);
    ffp_decoder_release(&d);
    ffp_buf_release(&b);
}

void values_are_packed_in_their_shortest_form(void **state)
{
    struct ffp_buf b;
    const float two[] = {1, -2};

    (void)state;
    ffp_buf_init(&b, 1024);
    ffp_pack_int(&b, -1);
    ffp_pack_int(&b, -200);
    ffp_pack_uint(&b, 127);
    ffp_pack_uint(&b, 65536);
    ffp_pack_bool(&b, true);
    ffp_pack_bool(&b, false);
    expect_bytes(&b, "ff d1 ff 38 7f ce 00 01 00 00 c3 c2");
    ffp_pack_float(&b, 1);
    ffp_pack_double(&b, 1);
    expect_bytes(&b, "ca 3f 80 00 00 cb 3f f0 00 00 00 00 00 00");
    ffp_pack_str(&b, NULL);
    ffp_pack_strn(&b, "abc", 2);
    ffp_pack_bin(&b, "abc", 3);
    ffp_pack_floats(&b, two, 2);
    expect_bytes(&b, "c0 a2 61 62 c4 03 61 62 63 92 ca 3f 80 00 00 ca c0 00 "
                     "00 00");
    ffp_pack_map(&b, 12);
    ffp_kv_nil(&b, "a");
    ffp_kv_bool(&b, "b", true);
    ffp_kv_int(&b, "c", -1);
    ffp_kv_uint(&b, "d", 1);
    ffp_kv_float(&b, "e", 1);
    expect_bytes(&b, "8c a1 61 c0 a1 62 c3 a1 63 ff a1 64 01 a1 65 ca 3f 80 "
                     "00 00");
    ffp_kv_double(&b, "f", 0);
    ffp_kv_str(&b, "g", "x");
    ffp_kv_strn(&b, "h", "xy", 1);
    ffp_kv_bin(&b, "i", "x", 1);
    ffp_kv_floats(&b, "j", two, 1);
    expect_bytes(&b, "a1 66 cb 00 00 00 00 00 00 00 00 a1 67 a1 78 a1 68 a1 "
                     "78 a1 69 c4 01 78 a1 6a 91 ca 3f 80 00 00");
    ffp_kv_number(&b, "k", 0);
    ffp_kv_number(&b, "l", (double)NAN);
    expect_bytes(&b, "a1 6b cb 00 00 00 00 00 00 00 00 a1 6c c0");
    ffp_buf_release(&b);
}
