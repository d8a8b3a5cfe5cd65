#include <stdlib.h>
#include <string.h>

#include "proto/client.h"
#include "proto/stream.h"
#include "tests/proto/support.h"

#define ROUNDS    10000
#define BYTES_MAX 400
#define CAP       ((size_t)16 * 1024)

/* What a daemon and a client would do with a message, whatever it is. */
static void act(struct ffp_decoder *d, const uint8_t *message, size_t n)
{
    static const struct ffp_frame_type types[] = {{FFP_U8, {2, 2, 1}},
                                                  {FFP_F32, {1, 1, 1}}};
    struct ffp_request r;
    struct ffp_response response;
    struct ffp_error err = {FFP_CODES, ""};
    enum ffp_decoded got = ffp_decode(d, message, n, &r, &err);
    float frame[4];
    size_t frames = 0;

    if (got == FFP_REFUSED || got == FFP_FATAL) {
        assert_true(err.code < FFP_CODES);
        assert_true(ffp_text_valid(err.why, strlen(err.why)));
    }
    for (size_t t = 0; got == FFP_REQUEST && r.frames.name && t < 2; t++) {
        if (ffp_frames_check(&r.frames, &types[t], &frames, &err) != 0)
            continue;
        for (size_t i = 0; i < frames; i++)
            ffp_frames_copy(&r.frames, &types[t], i, frame);
        for (size_t i = 0; i < frames; i++)
            ffp_labels_at(&r, i);
    }
    ffp_receive(d, message, n, &response);
}

/* Bytes that a peer sends in parts of at most `part`. How many messages. */
static size_t receive(const uint8_t *bytes, size_t n, size_t part)
{
    struct ffp_stream s;
    struct ffp_decoder d;
    const uint8_t *message = NULL;
    size_t is = 0;
    size_t messages = 0;
    enum ffp_next next = FFP_STREAM_MORE;

    ffp_stream_init(&s, CAP);
    ffp_decoder_init(&d);
    while (n > 0 && next == FFP_STREAM_MORE) {
        uint8_t *at = NULL;
        size_t room = 0;

        assert_int_equal(ffp_stream_reserve(&s, &at, &room), 0);
        room = room < part ? room : part;
        room = room < n ? room : n;
        memcpy(at, bytes, room);
        ffp_stream_commit(&s, room);
        bytes += room;
        n -= room;
        while ((next = ffp_stream_next(&s, &message, &is)) ==
               FFP_STREAM_MESSAGE) {
            act(&d, message, is);
            messages++;
        }
    }
    assert_true(s.room <= 4 * CAP);
    ffp_decoder_release(&d);
    ffp_stream_release(&s);
    return messages;
}

static void fill(uint8_t *bytes, size_t n, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)next_random(seed);
}

void random_bytes_do_no_harm(void **state)
{
    uint64_t seed = 1;
    uint8_t bytes[BYTES_MAX];

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        size_t n = 1 + next_random(&seed) % BYTES_MAX;
        size_t part = 1 + next_random(&seed) % 64;

        fill(bytes, n, &seed);
        assert_int_equal(receive(bytes, n, part), receive(bytes, n, n));
    }
}

void damaged_messages_do_no_harm(void **state)
{
    uint64_t seed = 2;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        size_t n = 0;
        uint8_t *bytes =
            from_hex(goldens[next_random(&seed) % goldens_n].hex, &n);
        unsigned damages = 1 + next_random(&seed) % 3;

        for (unsigned k = 0; k < damages; k++)
            bytes[next_random(&seed) % n] = (uint8_t)next_random(&seed);
        receive(bytes, n, n);
        free(bytes);
    }
}

/* A head that opens, closes or carries something, more often than chance. */
static uint8_t likely(uint64_t *seed)
{
    static const uint8_t heads[] = {0x90, 0x91, 0x92, 0x94, 0x81, 0x82, 0xa1,
                                    0xc0, 0xc3, 0xc4, 0xc7, 0xca, 0xcc, 0xcd,
                                    0xd0, 0xd4, 0xd9, 0xdc, 0xde, 0x00, 0x01};
    uint32_t r = next_random(seed);

    return r % 4 ? heads[r / 4 % sizeof heads] : (uint8_t)(r >> 8);
}

void what_the_walker_passes_msgpack_reads_alike(void **state)
{
    struct ffp_decoder d;
    uint64_t seed = 3;
    int passed = 0;

    (void)state;
    ffp_decoder_init(&d);
    for (int i = 0; i < ROUNDS; i++) {
        struct ffp_limit l;
        const struct msgpack_object *o = NULL;
        struct ffp_error err;
        size_t used = 0;
        uint8_t bytes[64];

        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = likely(&seed);
        ffp_limit_init(&l, sizeof bytes);
        if (ffp_limit_feed(&l, bytes, sizeof bytes, &used) != FFP_WALK_DONE)
            continue;
        passed++;
        assert_int_equal(ffp_decoder_read(&d, bytes, used, &o, &err), 0);
    }
    assert_true(passed > ROUNDS / 4);
    ffp_decoder_release(&d);
}
