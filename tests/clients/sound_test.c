/* Sound out of WAV files and raw PCM. */
#include <stdio.h>
#include <string.h>

#include "tests/clients/source_kit.h"

/* ---- WAV ---------------------------------------------------------------- */

static size_t put16(uint8_t *at, unsigned v)
{
    at[0] = (uint8_t)(v & 0xff);
    at[1] = (uint8_t)(v >> 8);
    return 2;
}

static size_t put32(uint8_t *at, unsigned long v)
{
    put16(at, (unsigned)(v & 0xffff));
    put16(at + 2, (unsigned)(v >> 16));
    return 4;
}

static size_t put_text(uint8_t *at, const char *text)
{
    size_t n = 0;
    for (; text[n]; n++)
        at[n] = (uint8_t)text[n];
    return n;
}

struct wave {
    unsigned format, channels, rate, bits;
    unsigned long data_bytes; /* as the chunk says */
    size_t n;                 /* values that are there: 1, 2, 3 .. */
};

/* A file with a chunk of odd size before fmt. */
static void put_wave(const char *path, const struct wave *w)
{
    uint8_t f[512];
    size_t n = put_text(f, "RIFF");
    n += put32(f + n, 36);
    n += put_text(f + n, "WAVEodd ");
    n += put32(f + n, 3);
    n += put_text(f + n, "abc.fmt ");
    n += put32(f + n, 16);
    n += put16(f + n, w->format);
    n += put16(f + n, w->channels);
    n += put32(f + n, w->rate);
    n += put32(f + n, 2UL * w->rate * w->channels);
    n += put16(f + n, 2 * w->channels);
    n += put16(f + n, w->bits);
    n += put_text(f + n, "data");
    n += put32(f + n, w->data_bytes);
    for (size_t i = 0; i < w->n; i++)
        n += put16(f + n, (unsigned)i + 1);
    put_file(path, f, n, 0);
}

static const struct wave plain = {1, 1, 8000, 16, 10, 5};

static struct source *wav(const char *const *paths, size_t n,
                          const char *pattern, size_t repeat)
{
    struct wav_options o = {.paths = paths,
                            .n = n,
                            .pattern = pattern,
                            .limit = COUNT_UNKNOWN,
                            .repeat = repeat};
    return wav_open(&o, &kit.shape, &kit_stream, &kit.names, kit.why);
}

void wav_is_cut_into_samples_and_filled_up(void **state)
{
    (void)state;
    int16_t x[3];
    const char *path = scratch("7_ann.wav");
    kit_begin(3, false);
    put_wave(path, &plain);
    struct source *s = wav(&path, 1, "^([0-9])_", 2);
    assert_non_null(s);
    for (int pass = 0; pass < 2; pass++) {
        struct mark m = kit_next(s, x);
        assert_memory_equal(x, ((int16_t[]){1, 2, 3}), 6);
        assert_string_equal(names_get(&kit.names, m.label), "7");
        assert_false(m.end);
        m = kit_next(s, x);
        assert_memory_equal(x, ((int16_t[]){4, 5, 0}), 6);
        assert_int_equal(m.recording, 0);
        assert_true(m.end);
    }
    kit_ends(s, 0);
    kit_end(s);
}

void wav_of_two_channels_gives_the_first_with_a_note(void **state)
{
    (void)state;
    float x[3];
    const char *path = scratch("stereo.wav");
    kit_begin(3, true);
    put_wave(path, &(struct wave){1, 2, 8000, 16, 12, 6});
    struct source *s = wav(&path, 1, NULL, 1);
    (void)kit_next(s, x);
    assert_true(x[0] * 32768 == 1 && x[1] * 32768 == 3 && x[2] * 32768 == 5);
    assert_non_null(strstr(s->note, "2 channels"));
    kit_end(s);
}

void wav_from_a_pipe_goes_to_its_end(void **state)
{
    (void)state;
    int16_t x[4];
    const char *path = scratch("pipe.wav");
    kit_begin(4, false);
    put_wave(path, &(struct wave){1, 1, 8000, 16, 0xffffffff, 3});
    struct source *s = wav(&path, 1, NULL, 1);
    assert_true(kit_next(s, x).end);
    assert_memory_equal(x, ((int16_t[]){1, 2, 3, 0}), 8);
    kit_ends(s, 0);
    kit_end(s);
}

static void assert_wav_refused(const struct wave *w, const char *sentence)
{
    const char *path = scratch("bad.wav");
    kit_begin(4, false);
    put_wave(path, w);
    struct source *s = wav(&path, 1, NULL, 1);
    kit_ends(s, -1);
    assert_non_null(strstr(kit.why, sentence));
    kit_end(s);
}

void wav_that_does_not_fit_names_the_mend(void **state)
{
    (void)state;
    assert_wav_refused(&(struct wave){1, 1, 16000, 16, 10, 5},
                       "stream.rate is 8000");
    assert_wav_refused(&(struct wave){3, 1, 8000, 32, 10, 5}, "PCM of 16 bits");
    assert_wav_refused(&(struct wave){1, 0, 8000, 16, 10, 5}, "no sense");
    assert_wav_refused(&(struct wave){1, 1, 8000, 16, 12, 5}, "cut off");
    assert_wav_refused(&(struct wave){1, 1, 8000, 16, 9, 5}, "whole number");
    kit_begin(4, false);
    const char *path = scratch("none.wav");
    put_file(path, "RIFX....WAVE", 12, 0);
    struct source *s = wav(&path, 1, NULL, 1);
    kit_ends(s, -1);
    assert_non_null(strstr(kit.why, "not a WAV file"));
    s->free(s);
    assert_null(wav(&path, 1, "^none", 1));
    assert_non_null(strstr(kit.why, "with a group"));
    assert_null(wav(&path, 1, "^(some)", 1));
    assert_non_null(strstr(kit.why, "finds no label"));
    kit_end(NULL);
}

void wav_into_values_of_a_moment_is_refused(void **state)
{
    (void)state;
    const struct stream_shape silent = {
        .length = 4, .stride = 2, .decimate = 1};
    const char *path = scratch("moment.wav");
    struct wav_options o = {
        .paths = &path, .n = 1, .limit = COUNT_UNKNOWN, .repeat = 1};
    int16_t x[1];
    kit_begin(2, false);
    assert_null(wav_open(&o, &kit.shape, &silent, &kit.names, kit.why));
    assert_non_null(strstr(kit.why, "stream: {sound: log_mel} or mfcc"));
    kit_end(NULL);
    kit_begin(1, false); /* a wave may be what is meant */
    put_wave(path, &plain);
    struct source *s = wav_open(&o, &kit.shape, &silent, &kit.names, kit.why);
    assert_non_null(s);
    (void)kit_next(s, x);
    assert_int_equal(x[0], 1);
    kit_end(s);
}

/* ---- raw ---------------------------------------------------------------- */

void raw_of_sound_alone_may_end_within_a_sample(void **state)
{
    (void)state;
    struct stream_shape s = {.length = 4, .stride = 2, .decimate = 1};
    int16_t x[2];
    put_file(scratch("raw"), "\1\0\2\0\3\0", 6, 0);
    for (int sound = 0; sound < 2; sound++) {
        s.rate = sound ? 8000 : 0;
        kit_begin(2, false);
        struct source *raw =
            raw_open(scratch("raw"), NULL, &kit.shape, &s, &kit.names, kit.why);
        assert_non_null(raw);
        (void)kit_next(raw, x);
        kit_ends(raw, sound ? 1 : -1);
        if (!sound)
            assert_non_null(strstr(kit.why, "ends in the middle of frame 1"));
        kit_end(raw);
    }
}
