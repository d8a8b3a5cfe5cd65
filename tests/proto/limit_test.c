#include <stdlib.h>
#include <string.h>

#include "proto/limit.h"
#include "tests/proto/support.h"

static enum ffp_walk walk(const char *hex, size_t cap, size_t *used)
{
    struct ffp_limit l;
    size_t n = 0;
    uint8_t *bytes = from_hex(hex, &n);
    enum ffp_walk verdict;

    ffp_limit_init(&l, cap);
    verdict = ffp_limit_feed(&l, bytes, n, used);
    free(bytes);
    return verdict;
}

static void refused(const char *hex, enum ffp_walk why)
{
    size_t used = 0;

    assert_int_equal(walk(hex, FFP_MAX_MESSAGE_BYTES, &used), why);
}

void bombs_are_refused_at_their_header(void **state)
{
    (void)state;
    refused("dd 00 ff ff ff", FFP_WALK_TOO_MANY);  /* array, 512 MiB */
    refused("df 00 7f ff ff", FFP_WALK_TOO_MANY);  /* map */
    refused("94 dc ff ff", FFP_WALK_TOO_MANY);     /* 4 + 65,535 values */
    refused("c6 01 00 00 00", FFP_WALK_TOO_LARGE); /* bin, 16 MiB */
    refused("db 01 00 00 00", FFP_WALK_TOO_LARGE); /* str */
    refused("c9 01 00 00 00", FFP_WALK_TOO_LARGE); /* ext */
    refused("c1", FFP_WALK_BAD_BYTE);
}

void lengths_near_the_top_do_not_overflow(void **state)
{
    (void)state;
    refused("dd ff ff ff ff", FFP_WALK_TOO_MANY);
    refused("df ff ff ff ff", FFP_WALK_TOO_MANY);
    refused("df 80 00 00 00", FFP_WALK_TOO_MANY); /* doubled: 2^32 */
    refused("c6 ff ff ff ff", FFP_WALK_TOO_LARGE);
    refused("db ff ff ff ff", FFP_WALK_TOO_LARGE);
    refused("c9 ff ff ff ff", FFP_WALK_TOO_LARGE);
    /* Behind a payload that fits, so that sums could overflow too. */
    refused("92 c4 01 00 c6 ff ff ff ff", FFP_WALK_TOO_LARGE);
}

void depth_of_sixteen_passes_and_no_more(void **state)
{
    struct ffp_limit l;
    uint8_t bytes[FFP_MAX_DEPTH + 1];
    size_t used = 0;

    (void)state;
    memset(bytes, 0x91, sizeof bytes);
    ffp_limit_init(&l, 1024);
    assert_int_equal(ffp_limit_feed(&l, bytes, FFP_MAX_DEPTH, &used),
                     FFP_WALK_MORE);
    assert_int_equal(ffp_limit_feed(&l, (const uint8_t *)"\x07", 1, &used),
                     FFP_WALK_DONE);
    ffp_limit_init(&l, 1024);
    assert_int_equal(ffp_limit_feed(&l, bytes, sizeof bytes, &used),
                     FFP_WALK_TOO_DEEP);
    /* An empty one in the 17th place is too deep as well. */
    bytes[FFP_MAX_DEPTH] = 0x90;
    ffp_limit_init(&l, 1024);
    assert_int_equal(ffp_limit_feed(&l, bytes, sizeof bytes, &used),
                     FFP_WALK_TOO_DEEP);
    /* Beside each other they are not deep. */
    memset(bytes, 0x90, sizeof bytes);
    bytes[0] = 0x9f;
    ffp_limit_init(&l, 1024);
    assert_int_equal(ffp_limit_feed(&l, bytes, 16, &used), FFP_WALK_DONE);
}

/* An array of so many arrays of 255 nils. */
static enum ffp_walk walk_arrays(uint8_t arrays)
{
    struct ffp_limit l;
    uint8_t head[3] = {0xdc, 0, arrays};
    uint8_t row[3 + 255];
    size_t used = 0;
    enum ffp_walk verdict;

    memset(row, 0xc0, sizeof row);
    row[0] = 0xdc;
    row[1] = 0;
    row[2] = 255;
    ffp_limit_init(&l, FFP_MAX_MESSAGE_BYTES);
    verdict = ffp_limit_feed(&l, head, sizeof head, &used);
    for (int i = 0; i < arrays && verdict == FFP_WALK_MORE; i++)
        verdict = ffp_limit_feed(&l, row, sizeof row, &used);
    return verdict;
}

void elements_are_counted_over_all_containers(void **state)
{
    size_t used = 0;

    (void)state;
    assert_int_equal(walk_arrays(255), FFP_WALK_DONE); /* 255 * 256 */
    refused("dd 00 01 00 01", FFP_WALK_TOO_MANY);
    assert_int_equal(walk("dd 00 01 00 00", FFP_MAX_MESSAGE_BYTES, &used),
                     FFP_WALK_MORE);
    refused("92 dc 7f ff c0", FFP_WALK_MORE);
    refused("92 de 7f ff", FFP_WALK_MORE); /* 2 + 65,534 */
    refused("93 de 7f ff", FFP_WALK_TOO_MANY);
}

void a_message_may_be_as_long_as_its_cap(void **state)
{
    size_t used = 0;

    (void)state;
    assert_int_equal(walk("a3 61 62 63", 4, &used), FFP_WALK_DONE);
    assert_int_equal(walk("a3 61 62 63", 3, &used), FFP_WALK_TOO_LARGE);
    assert_int_equal(walk("a3", 3, &used), FFP_WALK_TOO_LARGE);
    assert_int_equal(walk("93 01 02 03", 4, &used), FFP_WALK_DONE);
    /* Each value owed needs a byte at least. */
    assert_int_equal(walk("93", 3, &used), FFP_WALK_TOO_LARGE);
    /* A header cut short counts what is missing of it. */
    assert_int_equal(walk("dd 00", 4, &used), FFP_WALK_TOO_LARGE);
}

void need_is_a_true_lower_bound(void **state)
{
    struct ffp_limit l;
    size_t used = 0;

    (void)state;
    for (size_t g = 0; g < goldens_n; g++) {
        size_t n = 0;
        uint8_t *bytes = from_hex(goldens[g].hex, &n);

        ffp_limit_init(&l, FFP_MAX_MESSAGE_BYTES);
        for (size_t i = 0; i < n; i++) {
            assert_in_range(ffp_limit_need(&l), 1, n - i);
            ffp_limit_feed(&l, bytes + i, 1, &used);
        }
        assert_int_equal(l.seen, n);
        free(bytes);
    }
    /* A bin's payload is known to the byte. */
    ffp_limit_init(&l, FFP_MAX_MESSAGE_BYTES);
    ffp_limit_feed(&l, (const uint8_t *)"\x92\xc5\x03\x10", 4, &used);
    assert_int_equal(ffp_limit_need(&l), 0x310 + 1);
}

void every_head_is_walked_as_the_specification_says(void **state)
{
    static const char *const whole[] = {
        "00",
        "7f",
        "e0",
        "ff",
        "c0",
        "c2",
        "c3",
        "80",
        "90",
        "a0",
        "a1 61",
        "81 00 00",
        "91 00",
        "c4 00",
        "c4 01 00",
        "c5 00 01 00",
        "c6 00 00 00 01 00",
        "c7 01 05 00",
        "c8 00 01 05 00",
        "c9 00 00 00 01 05 00",
        "ca 00 00 00 00",
        "cb 00 00 00 00 00 00 00 00",
        "cc 00",
        "cd 00 00",
        "ce 00 00 00 00",
        "cf 00 00 00 00 00 00 00 00",
        "d0 00",
        "d1 00 00",
        "d2 00 00 00 00",
        "d3 00 00 00 00 00 00 00 00",
        "d4 05 00",
        "d5 05 00 00",
        "d6 05 00 00 00 00",
        "d7 05 00 00 00 00 00 00 00 00",
        "d8 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
        "d9 01 61",
        "da 00 01 61",
        "db 00 00 00 01 61",
        "dc 00 01 00",
        "dd 00 00 00 01 00",
        "de 00 01 00 00",
        "df 00 00 00 01 00 00"};

    (void)state;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        struct ffp_limit l;
        size_t n = 0;
        size_t used = 0;
        uint8_t *bytes = from_hex(whole[i], &n);

        ffp_limit_init(&l, 64);
        assert_int_equal(ffp_limit_feed(&l, bytes, n, &used), FFP_WALK_DONE);
        assert_int_equal(used, n);
        ffp_limit_init(&l, 64);
        assert_int_equal(ffp_limit_feed(&l, bytes, n - 1, &used),
                         FFP_WALK_MORE);
        free(bytes);
    }
}

void a_walker_that_refused_refuses_again(void **state)
{
    struct ffp_limit l;
    size_t used = 0;

    (void)state;
    ffp_limit_init(&l, 64);
    ffp_limit_feed(&l, (const uint8_t *)"\xc1", 1, &used);
    assert_int_equal(ffp_limit_feed(&l, (const uint8_t *)"\x90", 1, &used),
                     FFP_WALK_BAD_BYTE);
    assert_int_equal(used, 0);
}

void every_verdict_has_a_sentence(void **state)
{
    (void)state;
    for (int i = FFP_WALK_DONE; i <= FFP_WALK_BAD_BYTE; i++) {
        for (int j = FFP_WALK_DONE; j < i; j++)
            assert_string_not_equal(ffp_walk_text((enum ffp_walk)i),
                                    ffp_walk_text((enum ffp_walk)j));
    }
}

/* Found by fuzz_limit: fed apart it was refused sooner, and a header that is
   both too long and of too much was another error. */
void a_header_that_cannot_fit_is_refused_at_its_first_byte(void **state)
{
    static const uint8_t bytes[] = {0xdd, 0xff, 0xff, 0xff, 0xff};

    (void)state;
    for (size_t fed = 1; fed <= sizeof bytes; fed++) {
        struct ffp_limit l;
        size_t used = 0;

        ffp_limit_init(&l, 4);
        assert_int_equal(ffp_limit_feed(&l, bytes, fed, &used),
                         FFP_WALK_TOO_LARGE);
        assert_int_equal(used, 1);
    }
}
