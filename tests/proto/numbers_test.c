#include <math.h>
#include <string.h>

#include "tests/proto/support.h"

static const struct ffp_frame_type image = {FFP_U8, {2, 3, 1}};
static const struct ffp_frame_type colour = {FFP_U8, {1, 2, 3}};
static const struct ffp_frame_type vector = {FFP_F32, {2, 1, 1}};

void numbers_may_be_flat_or_nested(void **state)
{
    const float two[2] = {1, 2};

    (void)state;
    fits(false, "96 01 02 03 04 05 cc ff", &image, 1, "\1\2\3\4\5\377");
    fits(false, "92 93 01 02 03 93 04 05 06", &image, 1, "\1\2\3\4\5\6");
    fits(false, "92 93 91 01 91 02 91 03 93 91 04 91 05 91 06", &image, 1,
         "\1\2\3\4\5\6");
    fits(false, "91 92 93 01 02 03 93 04 05 06", &colour, 1, "\1\2\3\4\5\6");
    fits(false, "92 01 02", &vector, 1, two);
    fits(false, "92 91 01 91 02", &vector, 1, two);
}

void numbers_must_be_as_many_as_the_model_takes(void **state)
{
    (void)state;
    misfits(false, "95 01 02 03 04 05", &image,
            "frame: holds 5 numbers, the model takes 6 (|u1 [2, 3])");
    misfits(false, "90", &image,
            "frame: holds 0 numbers, the model takes 6 (|u1 [2, 3])");
    misfits(false, "92 93 01 02 03 93 04 05 06", &colour,
            "frame: is nested 2 deep, the model takes [1, 2, 3]");
    misfits(false, "91 91 91 91 01", &image,
            "frame: is nested 4 deep, the model takes [2, 3]");
    misfits(true, "90", &image, "frames: holds no frame");
    misfits(true, "96 01 02 03 04 05 06", &image,
            "frames[0]: must be a bin or an array of numbers, is an integer");
    misfits(true, "92 96 01 02 03 04 05 06 95 01 02 03 04 05", &image,
            "frames[1]: holds 5 numbers, the model takes 6 (|u1 [2, 3])");
}

void ragged_numbers_are_refused(void **state)
{
    (void)state;
    misfits(false, "92 92 01 02 94 03 04 05 06", &image,
            "frame: is not nested as [2, 3]");
    misfits(false, "92 93 01 02 03 06", &image,
            "frame: is not nested as [2, 3]");
    misfits(false, "92 93 01 02 03 93 04 91 05 06", &image,
            "frame: value 4 must be a number, is an array");
    misfits(false, "93 92 01 02 92 03 04 92 05 06", &image,
            "frame: is not nested as [2, 3]");
}

void bytes_are_integers_to_255(void **state)
{
    (void)state;
    misfits(false, "96 01 02 03 cd 01 00 05 06", &image,
            "frame: value 3 must be an integer from 0 to 255, is 256");
    misfits(false, "96 01 02 03 04 05 ff", &image,
            "frame: value 5 must be an integer from 0 to 255, is -1");
    misfits(false, "96 ca 3f 00 00 00 02 03 04 05 06", &image,
            "frame: value 0 must be an integer from 0 to 255, is 0.5");
    misfits(true, "91 96 01 a1 32 03 04 05 06", &image,
            "frames[0]: value 1 must be a number, is a string");
}

void whole_samples_must_be_in_range(void **state)
{
    static const struct ffp_frame_type sound = {FFP_I16, {2, 1, 1}};
    const int16_t ends[2] = {INT16_MIN, INT16_MAX};

    (void)state;
    fits(false, "c4 04 00 80 ff 7f", &sound, 1, ends);
    fits(false, "92 d1 80 00 cd 7f ff", &sound, 1, ends);
    misfits(false, "92 01 d2 ff ff 7f ff", &sound,
            "frame: value 1 must be an integer from -32768 to 32767, is "
            "-32769");
    misfits(false, "92 ca 3f 00 00 00 01", &sound,
            "frame: value 0 must be an integer from -32768 to 32767, is 0.5");
    misfits(false, "c4 02 00 80", &sound,
            "frame: holds 2 bytes, the model takes 4 (<i2 [2])");
}

void a_frame_of_nil_fits_no_model(void **state)
{
    (void)state;
    misfits(false, "c0", &image, "frame: is nil");
}

void floats_take_any_number_that_fits(void **state)
{
    const float mixed[2] = {-3, 0.5F};
    const float ends[2] = {18446744073709551616.0F, -9223372036854775808.0F};

    (void)state;
    fits(false, "92 fd ca 3f 00 00 00", &vector, 1, mixed);
    fits(false, "92 fd cb 3f e0 00 00 00 00 00 00", &vector, 1, mixed);
    fits(false, "92 cf ff ff ff ff ff ff ff ff d3 80 00 00 00 00 00 00 00",
         &vector, 1, ends);
    misfits(false, "92 01 cb 7e 37 e4 3c 88 00 75 9c", &vector,
            "frame: value 1 is 1e+300, more than <f4 holds");
    misfits(false, "92 01 c3", &vector,
            "frame: value 1 must be a number, is a boolean");
}

void not_a_number_passes_through(void **state)
{
    struct parsed p;
    float got[2];

    (void)state;
    parse(&p, false, "92 ca 7f c0 00 00 cb 7f f0 00 00 00 00 00 00");
    assert_int_equal(ffp_frames_check(&p.request.frames, &vector, &p.n, &p.err),
                     0);
    ffp_frames_copy(&p.request.frames, &vector, 0, got);
    assert_true(isnan(got[0]));
    assert_true(isinf(got[1]));
    parsed_release(&p);
    parse(&p, false, "c4 08 00 00 c0 7f 00 00 80 7f");
    assert_int_equal(ffp_frames_check(&p.request.frames, &vector, &p.n, &p.err),
                     0);
    ffp_frames_copy(&p.request.frames, &vector, 0, got);
    assert_true(isnan(got[0]));
    assert_true(isinf(got[1]));
    parsed_release(&p);
}

void frames_of_numbers_and_bins_mix(void **state)
{
    (void)state;
    fits(true,
         "93 c4 06 01 02 03 04 05 06 96 07 08 09 0a 0b 0c "
         "92 93 01 02 03 93 04 05 06",
         &image, 3, "\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\1\2\3\4\5\6");
    misfits(true, "91 c4 05 01 02 03 04 05", &image,
            "frames[0]: holds 5 bytes, the model takes 6 (|u1 [2, 3])");
}
