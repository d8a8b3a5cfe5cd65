#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/stream.h"
#include "tests/proto/support.h"

/* What a stream makes of bytes that come in two parts. */
static const char *through(struct ffp_decoder *d, const uint8_t *bytes,
                           size_t n, size_t cut, char out[SAYS_MAX])
{
    struct ffp_stream s;
    const uint8_t *message = NULL;
    size_t is = 0;
    size_t parts[2] = {cut, n - cut};
    enum ffp_next next = FFP_STREAM_MORE;

    ffp_stream_init(&s, FFP_MAX_MESSAGE_BYTES);
    for (int i = 0; i < 2; i++) {
        uint8_t *at = NULL;
        size_t room = 0;

        assert_int_equal(next, FFP_STREAM_MORE);
        assert_int_equal(ffp_stream_reserve(&s, &at, &room), 0);
        assert_true(room >= parts[i]);
        memcpy(at, bytes, parts[i]);
        bytes += parts[i];
        ffp_stream_commit(&s, parts[i]);
        next = ffp_stream_next(&s, &message, &is);
        if (cut == n)
            break;
    }
    assert_int_equal(next, FFP_STREAM_MESSAGE);
    assert_int_equal(is, n);
    describe(d, message, is, out);
    ffp_stream_release(&s);
    return out;
}

void golden_messages_mean_what_they_say(void **state)
{
    struct ffp_decoder d;
    char says[SAYS_MAX];

    (void)state;
    ffp_decoder_init(&d);
    for (size_t i = 0; i < goldens_n; i++) {
        size_t n = 0;
        uint8_t *bytes = from_hex(goldens[i].hex, &n);

        assert_string_equal(through(&d, bytes, n, n, says), goldens[i].says);
        free(bytes);
    }
    ffp_decoder_release(&d);
}

void golden_messages_split_anywhere_mean_the_same(void **state)
{
    struct ffp_decoder d;
    char says[SAYS_MAX];

    (void)state;
    ffp_decoder_init(&d);
    for (size_t i = 0; i < goldens_n; i++) {
        size_t n = 0;
        uint8_t *bytes = from_hex(goldens[i].hex, &n);

        for (size_t cut = 0; cut < n; cut++)
            assert_string_equal(through(&d, bytes, n, cut, says),
                                goldens[i].says);
        free(bytes);
    }
    ffp_decoder_release(&d);
}

void golden_messages_cut_anywhere_are_unfinished(void **state)
{
    struct ffp_limit l;
    size_t used = 0;

    (void)state;
    for (size_t i = 0; i < goldens_n; i++) {
        size_t n = 0;
        uint8_t *bytes = from_hex(goldens[i].hex, &n);

        for (size_t cut = 0; cut < n; cut++) {
            ffp_limit_init(&l, FFP_MAX_MESSAGE_BYTES);
            assert_int_equal(ffp_limit_feed(&l, bytes, cut, &used),
                             FFP_WALK_MORE);
            assert_int_equal(used, cut);
        }
        free(bytes);
    }
}

void golden_messages_cover_every_method(void **state)
{
    (void)state;
    for (size_t m = 0; m < FFP_METHODS; m++) {
        char says[64];
        bool found = false;

        snprintf(says, sizeof says, " %s", ffp_method_table[m].name);
        for (size_t i = 0; i < goldens_n; i++)
            found |= strncmp(goldens[i].says, "request", 7) == 0 &&
                     strstr(goldens[i].says, says);
        if (!found)
            fail_msg("no golden message calls%s", says);
    }
}

void a_server_refuses_responses(void **state)
{
    struct ffp_decoder d;
    struct ffp_request r;
    struct ffp_error err;
    const uint8_t response[] = {0x94, 1, 1, 0xc0, 0xc0};

    (void)state;
    ffp_decoder_init(&d);
    assert_int_equal(ffp_decode(&d, response, sizeof response, &r, &err),
                     FFP_FATAL);
    assert_int_equal(err.code, FFP_BAD_MESSAGE);
    ffp_decoder_release(&d);
}

void a_decoder_trusts_no_length(void **state)
{
    struct ffp_decoder d;
    const struct msgpack_object *o = NULL;
    struct ffp_error err;
    const uint8_t two[] = {0x90, 0x90};
    const uint8_t half[] = {0x92, 0x01};

    (void)state;
    ffp_decoder_init(&d);
    assert_int_equal(ffp_decoder_read(&d, two, 2, &o, &err), -1);
    assert_string_equal(err.why, "the message ends 1 bytes early");
    assert_int_equal(ffp_decoder_read(&d, half, 2, &o, &err), -1);
    assert_int_equal(err.code, FFP_BAD_MESSAGE);
    ffp_decoder_release(&d);
}

void a_label_comes_for_each_frame(void **state)
{
    struct ffp_decoder d;
    struct ffp_request r;
    struct ffp_error err;
    size_t n = 0;
    uint8_t *bytes = NULL;

    (void)state;
    ffp_decoder_init(&d);
    bytes = from_hex("94 00 01 ab 6c 65 61 72 6e 5f 62 61 74 63 68 93 a1 6d "
                     "c4 02 00 00 93 a1 37 c0 a0",
                     &n);
    assert_int_equal(ffp_decode(&d, bytes, n, &r, &err), FFP_REQUEST);
    assert_int_equal(ffp_labels_check(&r, 3, &err), 0);
    assert_int_equal(ffp_labels_check(&r, 2, &err), -1);
    assert_string_equal(err.why, "labels: holds 3, frames holds 2");
    assert_true(ffp_str_is(ffp_labels_at(&r, 0), "7"));
    assert_null(ffp_labels_at(&r, 1).at);
    assert_true(ffp_str_is(ffp_labels_at(&r, 2), ""));
    r.labels = NULL; /* nil: none has a label */
    assert_int_equal(ffp_labels_check(&r, 2, &err), 0);
    assert_null(ffp_labels_at(&r, 0).at);
    free(bytes);
    ffp_decoder_release(&d);
}

void a_stream_comes_for_each_sample(void **state)
{
    struct ffp_decoder d;
    struct ffp_request r;
    struct ffp_error err;
    size_t n = 0;
    uint8_t *bytes = NULL;

    (void)state;
    ffp_decoder_init(&d);
    bytes = from_hex("94 00 01 ab 6c 65 61 72 6e 5f 62 61 74 63 68 94 a1 6d "
                     "c4 02 00 00 c0 81 a6 73 74 72 65 61 6d 92 a1 61 a1 62",
                     &n);
    assert_int_equal(ffp_decode(&d, bytes, n, &r, &err), FFP_REQUEST);
    assert_int_equal(ffp_streams_check(&r, 2, &err), 0);
    assert_int_equal(ffp_streams_check(&r, 3, &err), -1);
    assert_string_equal(err.why, "opts.stream: holds 2, frames holds 3");
    assert_true(ffp_str_is(ffp_streams_at(&r, 1), "b"));
    r.opts.streams = NULL; /* one for all, or none */
    assert_int_equal(ffp_streams_check(&r, 3, &err), 0);
    assert_null(ffp_streams_at(&r, 1).at);
    r.opts.stream = (struct ffp_str){"c", 1};
    assert_true(ffp_str_is(ffp_streams_at(&r, 1), "c"));
    free(bytes);
    ffp_decoder_release(&d);
}
