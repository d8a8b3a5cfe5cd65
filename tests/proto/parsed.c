#include <stdlib.h>
#include <string.h>

#include "proto/client.h"
#include "proto/limits.h"
#include "proto/pack.h"
#include "tests/proto/support.h"

void parse_value(struct parsed *p, bool many, const void *value, size_t n)
{
    memset(p, 0, sizeof *p);
    ffp_decoder_init(&p->decoder);
    ffp_buf_init(&p->bytes, FFP_MAX_MESSAGE_BYTES);
    ffp_call_begin(&p->bytes, 1, many ? "predict_batch" : "predict", 2);
    ffp_pack_str(&p->bytes, "m");
    ffp_buf_add(&p->bytes, value, n);
    assert_false(p->bytes.failed);
    assert_int_equal(ffp_decode(&p->decoder, p->bytes.data, p->bytes.n,
                                &p->request, &p->err),
                     FFP_REQUEST);
}

void parse(struct parsed *p, bool many, const char *hex)
{
    size_t n = 0;
    uint8_t *value = from_hex(hex, &n);

    parse_value(p, many, value, n);
    free(value);
}

void parsed_release(struct parsed *p)
{
    ffp_buf_release(&p->bytes);
    ffp_decoder_release(&p->decoder);
}

void expect_frames(struct parsed *p, const struct ffp_frame_type *type,
                   size_t n, const void *rows)
{
    size_t row = ffp_frame_bytes(type);
    const char *want = rows;
    char *got = malloc(row);

    assert_non_null(got);
    if (ffp_frames_check(&p->request.frames, type, &p->n, &p->err) != 0)
        fail_msg("%s", p->err.why);
    assert_int_equal(p->n, n);
    for (size_t i = 0; i < n; i++) {
        ffp_frames_copy(&p->request.frames, type, i, got);
        assert_memory_equal(got, want + i * row, row);
    }
    free(got);
}

void expect_misfit(struct parsed *p, const struct ffp_frame_type *type,
                   const char *why)
{
    assert_int_equal(ffp_frames_check(&p->request.frames, type, &p->n, &p->err),
                     -1);
    assert_int_equal(p->err.code, FFP_BAD_FRAME);
    assert_string_equal(p->err.why, why);
}

void fits(bool many, const char *hex, const struct ffp_frame_type *type,
          size_t n, const void *rows)
{
    struct parsed p;

    parse(&p, many, hex);
    expect_frames(&p, type, n, rows);
    parsed_release(&p);
}

void misfits(bool many, const char *hex, const struct ffp_frame_type *type,
             const char *why)
{
    struct parsed p;

    parse(&p, many, hex);
    expect_misfit(&p, type, why);
    parsed_release(&p);
}
