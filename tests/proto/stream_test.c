#include <stdlib.h>
#include <string.h>

#include "proto/stream.h"
#include "tests/proto/support.h"

#define READ ((size_t)16 * 1024) /* what it makes room for at least */

static void put(struct ffp_stream *s, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    while (n > 0) {
        uint8_t *at = NULL;
        size_t room = 0;

        assert_int_equal(ffp_stream_reserve(s, &at, &room), 0);
        assert_true(room > 0);
        room = room < n ? room : n;
        memcpy(at, p, room);
        ffp_stream_commit(s, room);
        p += room;
        n -= room;
    }
}

static void expect(struct ffp_stream *s, const char *bytes, size_t n)
{
    const uint8_t *message = NULL;
    size_t is = 0;

    assert_int_equal(ffp_stream_next(s, &message, &is), FFP_STREAM_MESSAGE);
    assert_int_equal(is, n);
    assert_memory_equal(message, bytes, n);
}

static void expect_more(struct ffp_stream *s)
{
    const uint8_t *message = NULL;
    size_t n = 0;

    assert_int_equal(ffp_stream_next(s, &message, &n), FFP_STREAM_MORE);
}

void stream_yields_messages_that_came_in_one_read(void **state)
{
    struct ffp_stream s;

    (void)state;
    ffp_stream_init(&s, 64);
    expect_more(&s);
    put(&s, "\x91\x01\xa2hi\x07\x92\x01", 8);
    expect(&s, "\x91\x01", 2);
    expect(&s, "\xa2hi", 3);
    expect(&s, "\x07", 1);
    expect_more(&s);
    put(&s, "\x02", 1);
    expect(&s, "\x92\x01\x02", 3);
    expect_more(&s);
    ffp_stream_release(&s);
}

void stream_takes_a_byte_at_a_time(void **state)
{
    struct ffp_stream s;
    const char *bytes = "\x92\xa3"
                        "abc"
                        "\xcd\x01\x02";

    (void)state;
    ffp_stream_init(&s, 64);
    for (int round = 0; round < 10000; round++) {
        for (size_t i = 0; i < 8; i++) {
            expect_more(&s);
            put(&s, bytes + i, 1);
        }
        expect(&s, bytes, 8);
    }
    assert_in_range(s.room, 1, 64 * 1024);
    ffp_stream_release(&s);
}

void stream_gives_room_only_for_what_was_sent(void **state)
{
    struct ffp_stream s;
    uint8_t zeros[4096] = {0};
    size_t sent = 5;

    (void)state;
    ffp_stream_init(&s, FFP_MAX_MESSAGE_BYTES);
    put(&s, "\xc6\x00\xff\xff\x00", 5); /* a promise of 16 MiB */
    expect_more(&s);
    for (int i = 0; i < 256; i++) {
        put(&s, zeros, sizeof zeros);
        expect_more(&s);
        sent += sizeof zeros;
        assert_in_range(s.room, sent, 2 * sent + READ);
    }
    ffp_stream_release(&s);
}

void stream_reads_a_great_message_whole(void **state)
{
    struct ffp_stream s;
    const uint8_t head[] = {0xc6, 0x00, 0xff, 0xff, 0xfb};
    size_t n = FFP_MAX_MESSAGE_BYTES;
    char *bytes = malloc(n);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 31 >> 3);
    memcpy(bytes, head, sizeof head);
    ffp_stream_init(&s, n);
    put(&s, "\x07", 1);
    put(&s, bytes, n);
    put(&s, "\x08", 1);
    expect(&s, "\x07", 1);
    expect(&s, bytes, n);
    expect(&s, "\x08", 1);
    ffp_stream_release(&s);
    free(bytes);
}

void stream_takes_a_new_cap_with_the_next_message(void **state)
{
    struct ffp_stream s;
    const uint8_t *message = NULL;
    size_t n = 0;

    (void)state;
    ffp_stream_init(&s, 4);
    ffp_stream_set_cap(&s, 8); /* nothing read yet: at once */
    put(&s,
        "\xa6"
        "abcdef",
        7);
    expect(&s,
           "\xa6"
           "abcdef",
           7);
    put(&s, "\x92\x01", 2);
    expect_more(&s);
    ffp_stream_set_cap(&s, 2); /* this one may still be longer */
    put(&s, "\xa1x", 2);
    expect(&s, "\x92\x01\xa1x", 4);
    put(&s, "\xa2hi", 3);
    assert_int_equal(ffp_stream_next(&s, &message, &n), FFP_STREAM_REFUSED);
    assert_int_equal(s.walk, FFP_WALK_TOO_LARGE);
    ffp_stream_release(&s);
}

void stream_without_memory_is_as_it_was(void **state)
{
    struct ffp_stream s;
    uint8_t *at = NULL;
    size_t n = 0;

    (void)state;
    ffp_stream_init(&s, FFP_MAX_MESSAGE_BYTES);
    fail_allocation(1);
    assert_int_equal(ffp_stream_reserve(&s, &at, &n), -1);
    fail_allocation(0);
    put(&s, "\xc5\x80\x00", 3);
    expect_more(&s);
    while (ffp_stream_reserve(&s, &at, &n) == 0) {
        memset(at, 7, n);
        fail_allocation(1);
        ffp_stream_commit(&s, n);
        expect_more(&s);
    }
    fail_allocation(0);
    assert_int_equal(ffp_stream_reserve(&s, &at, &n), 0);
    memset(at, 7, n);
    ffp_stream_commit(&s, n);
    assert_int_equal(s.data[0], 0xc5);
    ffp_stream_release(&s);
}

void stream_gives_memory_back_when_idle(void **state)
{
    struct ffp_stream s;

    (void)state;
    ffp_stream_init(&s, 64);
    put(&s, "\x92\x01", 2);
    expect_more(&s);
    ffp_stream_shrink(&s); /* half a message waits: nothing happens */
    put(&s, "\x02", 1);
    expect(&s, "\x92\x01\x02", 3);
    ffp_stream_shrink(&s);
    assert_int_equal(s.room, 0);
    put(&s, "\x07", 1);
    expect(&s, "\x07", 1);
    ffp_stream_release(&s);
}

void stream_stops_at_what_it_refuses(void **state)
{
    struct ffp_stream s;
    const uint8_t *message = NULL;
    size_t n = 0;

    (void)state;
    ffp_stream_init(&s, FFP_MAX_MESSAGE_BYTES);
    fail_allocation(0);
    put(&s, "\x07\xdd\x00\xff\xff\xff\x90", 7);
    expect(&s, "\x07", 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ffp_stream_next(&s, &message, &n), FFP_STREAM_REFUSED);
        assert_int_equal(s.walk, FFP_WALK_TOO_MANY);
    }
    assert_int_equal(allocations(), 1); /* of the bytes themselves */
    ffp_stream_release(&s);
}
