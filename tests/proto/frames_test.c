#include <string.h>

#include "proto/limits.h"
#include "proto/pack.h"
#include "tests/proto/support.h"

static const struct ffp_frame_type image = {FFP_U8, {2, 3, 1}};
static const struct ffp_frame_type vector = {FFP_F32, {2, 1, 1}};

void frame_of_bytes_must_be_exact(void **state)
{
    (void)state;
    fits(false, "c4 06 01 02 03 04 05 06", &image, 1, "\1\2\3\4\5\6");
    misfits(false, "c4 05 01 02 03 04 05", &image,
            "frame: holds 5 bytes, the model takes 6 (|u1 [2, 3])");
    misfits(false, "c4 00", &image,
            "frame: holds 0 bytes, the model takes 6 (|u1 [2, 3])");
    misfits(false, "c4 04 00 00 00 00", &vector,
            "frame: holds 4 bytes, the model takes 8 (<f4 [2])");
    /* Two frames are not one. */
    misfits(false, "c4 0c 01 02 03 04 05 06 01 02 03 04 05 06", &image,
            "frame: holds 12 bytes, the model takes 6 (|u1 [2, 3])");
}

void frames_of_bytes_are_counted(void **state)
{
    (void)state;
    fits(true, "c4 06 01 02 03 04 05 06", &image, 1, "\1\2\3\4\5\6");
    fits(true, "c4 0c 01 02 03 04 05 06 07 08 09 0a 0b 0c", &image, 2,
         "\1\2\3\4\5\6\7\x8\x9\xa\xb\xc");
    misfits(true, "c4 07 01 02 03 04 05 06 07", &image,
            "frames: holds 7 bytes, no multiple of 6 (|u1 [2, 3])");
    misfits(true, "c4 00", &image, "frames: holds no frame");
}

/* {dtype, shape, data of zeros} as a value. */
static void tensor(struct parsed *p, bool many, const char *dtype,
                   const uint64_t *shape, size_t rank, size_t bytes)
{
    static const uint8_t zeros[64];
    struct ffp_buf b;

    ffp_buf_init(&b, 1024);
    ffp_pack_map(&b, 3);
    ffp_kv_str(&b, "dtype", dtype);
    ffp_pack_str(&b, "shape");
    ffp_pack_array(&b, rank);
    for (size_t i = 0; i < rank; i++)
        ffp_pack_uint(&b, shape[i]);
    ffp_kv_bin(&b, "data", zeros, bytes);
    parse_value(p, many, b.data, b.n);
    ffp_buf_release(&b);
}

static void tensor_fits(const struct ffp_frame_type *type, bool many,
                        const char *dtype, const uint64_t *shape, size_t rank,
                        size_t bytes)
{
    static const uint8_t zeros[64];
    struct parsed p;

    tensor(&p, many, dtype, shape, rank, bytes);
    expect_frames(&p, type, bytes / ffp_frame_bytes(type), zeros);
    parsed_release(&p);
}

static void tensor_misfits(bool many, const char *dtype, const uint64_t *shape,
                           size_t rank, size_t bytes, const char *why)
{
    struct parsed p;

    tensor(&p, many, dtype, shape, rank, bytes);
    expect_misfit(&p, &image, why);
    parsed_release(&p);
}

void tensor_is_checked_against_the_model(void **state)
{
    const uint64_t right[] = {2, 3};
    const uint64_t turned[] = {3, 2};
    const uint64_t four[] = {2, 3, 1, 1};
    const uint64_t two[] = {2, 2, 3};

    (void)state;
    tensor_fits(&image, false, "|u1", right, 2, 6);
    tensor_misfits(false, "<f4", right, 2, 24,
                   "frame: dtype is <f4, the model takes |u1");
    tensor_misfits(false, "|u1", turned, 2, 6,
                   "frame: shape is [3, 2], the model takes [2, 3]");
    tensor_misfits(false, "|u1", right, 1, 6,
                   "frame: shape is [2], the model takes [2, 3]");
    tensor_misfits(false, "|u1", four, 4, 6,
                   "frame: shape is [2, 3, 1, 1], the model takes [2, 3]");
    tensor_fits(&image, true, "|u1", two, 3, 12);
    tensor_misfits(true, "|u1", right, 2, 6,
                   "frames: shape is [2, 3], the model takes n of [2, 3]");
}

void tensor_may_leave_out_ones_or_be_flat(void **state)
{
    const uint64_t deep[] = {2, 3, 1};
    const uint64_t flat[] = {6};
    const uint64_t many_deep[] = {1, 2, 3, 1};
    const uint64_t many_flat[] = {2, 6};
    const uint64_t length[] = {2};

    (void)state;
    tensor_fits(&image, false, "u1", deep, 3, 6);
    tensor_fits(&image, false, "<u1", flat, 1, 6);
    tensor_fits(&image, true, "|u1", many_deep, 4, 6);
    tensor_fits(&image, true, "|u1", many_flat, 2, 12);
    tensor_fits(&image, false, "u8", flat, 1, 6);
    tensor_fits(&vector, false, "f4", length, 1, 8);
    tensor_fits(&vector, false, "f32", length, 1, 8);
}

void tensor_must_hold_what_its_shape_says(void **state)
{
    const uint64_t shape[] = {2, 3};
    const uint64_t three[] = {3, 2, 3};
    const uint64_t great[] = {UINT32_MAX, 2, 3};

    (void)state;
    tensor_misfits(false, "|u1", shape, 2, 5,
                   "frame: holds 5 bytes, the model takes 6 (|u1 [2, 3])");
    tensor_misfits(true, "|u1", three, 3, 12,
                   "frames: shape says 3 frames, data holds 2");
    tensor_misfits(true, "|u1", great, 3, 12,
                   "frames: shape says 4294967295 frames, data holds 2");
    tensor_misfits(true, "|u1", three, 3, 0, "frames: holds no frame");
}

void contiguous_rows_are_borrowed(void **state)
{
    struct parsed p;
    const uint64_t shape[] = {2, 3};

    (void)state;
    parse(&p, true, "c4 06 01 02 03 04 05 06");
    expect_frames(&p, &image, 1, "\1\2\3\4\5\6");
    assert_ptr_equal(ffp_frames_contiguous(&p.request.frames),
                     p.bytes.data + p.bytes.n - 6);
    parsed_release(&p);
    tensor(&p, false, "|u1", shape, 2, 6);
    assert_non_null(ffp_frames_contiguous(&p.request.frames));
    parsed_release(&p);
    parse(&p, false, "96 01 02 03 04 05 06");
    assert_null(ffp_frames_contiguous(&p.request.frames));
    parsed_release(&p);
}

void unaligned_floats_are_copied(void **state)
{
    const float rows[4] = {1, -2, 0.5F, 1e30F};

    (void)state;
    /* In one of these two the payload cannot lie on a multiple of four. */
    fits(true, "c4 10 00 00 80 3f 00 00 00 c0 00 00 00 3f ca f2 49 71", &vector,
         2, rows);
    fits(true, "c5 00 10 00 00 80 3f 00 00 00 c0 00 00 00 3f ca f2 49 71",
         &vector, 2, rows);
}
