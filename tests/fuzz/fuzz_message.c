/*
 * What a daemon does with bytes: messages out of a stream, requests out of
 * messages, frames and labels out of requests.
 */
#include <string.h>

#include "proto/message.h"
#include "proto/stream.h"
#include "tests/fuzz/fuzz.h"

static void use_frames(const struct ffp_request *r)
{
    static const struct ffp_frame_type types[] = {
        {FFP_U8, {2, 2, 1}}, {FFP_F32, {1, 1, 1}}, {FFP_U8, {1, 2, 3}}};
    struct ffp_error err;
    float row[4];
    size_t n = 0;

    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        if (ffp_frames_check(&r->frames, &types[t], &n, &err) != 0)
            continue;
        MUST(n >= 1 && (r->frames.many || n == 1));
        ffp_labels_check(r, n, &err);
        for (size_t i = 0; i < n; i++) {
            ffp_frames_copy(&r->frames, &types[t], i, row);
            ffp_labels_at(r, i);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct ffp_stream s;
    struct ffp_decoder d;
    struct ffp_request r;
    struct ffp_error err;
    const uint8_t *message = NULL;
    uint8_t *at = NULL;
    size_t room = 0;
    size_t is = 0;

    ffp_stream_init(&s, FFP_MAX_GREETING_BYTES);
    ffp_decoder_init(&d);
    MUST(ffp_stream_reserve(&s, &at, &room) == 0);
    room = room < n ? room : n;
    if (room > 0)
        memcpy(at, bytes, room);
    ffp_stream_commit(&s, room);
    while (ffp_stream_next(&s, &message, &is) == FFP_STREAM_MESSAGE) {
        enum ffp_decoded got = ffp_decode(&d, message, is, &r, &err);

        if (got == FFP_REQUEST && r.frames.name)
            use_frames(&r);
        if (got == FFP_REFUSED || got == FFP_FATAL)
            MUST(ffp_text_valid(err.why, strlen(err.why)));
    }
    ffp_decoder_release(&d);
    ffp_stream_release(&s);
    return 0;
}
