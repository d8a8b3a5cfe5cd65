#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/contexts.h"
#include "clients/cli/input.h"
#include "clients/cli/likeliest.h"
#include "clients/cli/source.h"
#include "clients/cli/votes.h"
#include "tests/clients/support.h"

static struct names names;
static struct ffc_model shape;
static const struct stream_shape stream = {
    .length = 4, .stride = 2, .decimate = 1, .rate = 8000};
static char why[WHY_MAX];

/* Samples of `values` values. */
static void begin(size_t values, bool f32)
{
    names_init(&names);
    shape = shape_of(1, values, f32);
    shape.i16 = !f32;
    shape.frame_bytes = values * (f32 ? 4 : 2);
    why[0] = '\0';
}

static void end(struct source *s)
{
    if (s)
        s->free(s);
    names_release(&names);
}

static struct mark next(struct source *s, void *frame)
{
    struct mark mark;
    assert_int_equal(s->next(s, frame, &mark, why), 1);
    return mark;
}

static void assert_ends(struct source *s, int with)
{
    uint8_t frame[256];
    struct mark mark;
    assert_int_equal(s->next(s, frame, &mark, why), with);
}

/* ---- CSV ---------------------------------------------------------------- */

static struct source *csv(const char *text, const struct csv_options *o)
{
    put_file(scratch("samples.csv"), text, strlen(text), 0);
    struct source *s =
        csv_open(scratch("samples.csv"), o, &shape, &stream, &names, why);
    assert_non_null(s);
    return s;
}

void csv_columns_may_be_named(void **state)
{
    (void)state;
    float x[2];
    const struct csv_options o = {
        .label = "what", .stream = "who", .end = "last", .values = "b,a"};
    begin(2, true);
    struct source *s = csv("a,who,b,last,what,c\n"
                           "1,ann,2,,run,9\n"
                           "3,bob,4,yes,,9\n",
                           &o);
    struct mark m = next(s, x);
    assert_true(x[0] == 2 && x[1] == 1);
    assert_string_equal(names_get(&names, m.label), "run");
    assert_string_equal(names_get(&names, m.key), "ann");
    assert_false(m.end);
    m = next(s, x);
    assert_int_equal(m.label, -1);
    assert_string_equal(names_get(&names, m.key), "bob");
    assert_true(m.end);
    assert_ends(s, 0);
    end(s);
}

void csv_of_samples_may_miss_values(void **state)
{
    (void)state;
    float x[2];
    begin(2, true);
    struct source *s = csv("1,\nnan,2\n", &(struct csv_options){0});
    (void)next(s, x);
    assert_true(x[0] == 1 && isnan(x[1]));
    (void)next(s, x);
    assert_true(isnan(x[0]) && x[1] == 2);
    end(s);
    begin(2, false); /* no i16 stands for a missing value */
    s = csv("1,\n", &(struct csv_options){0});
    assert_ends(s, -1);
    assert_non_null(strstr(why, "csv:1: column 2: there is no number"));
    end(s);
}

/* Of samples of one value, and then the end. */
static void assert_values(const char *text, const float *x, size_t n)
{
    float v;
    begin(1, true);
    struct source *s = csv(text, &(struct csv_options){0});
    for (size_t i = 0; i < n; i++) {
        (void)next(s, &v);
        assert_true(v == x[i] || (isnan(v) && isnan(x[i])));
    }
    assert_ends(s, 0);
    end(s);
}

void csv_of_one_column_misses_values_in_empty_lines(void **state)
{
    (void)state;
    const float x[] = {1, NAN, 3, NAN, NAN, 5};
    assert_values("v\n1\n\n3\n\n \r\n5\n\n\n", x, 6);
    assert_values("\n1\n\n3\n\n\n5", x, 6); /* none is before the first */
    assert_values("v\n\n3\n", x + 1, 2);
    begin(1, true);
    struct source *s = csv("v\n1\n\n\nx\n", &(struct csv_options){0});
    for (int i = 0; i < 3; i++)
        (void)next(s, &(float){0});
    assert_ends(s, -1);
    assert_non_null(strstr(why, "csv:5: column 1"));
    end(s);
}

void csv_of_several_columns_passes_over_empty_lines(void **state)
{
    (void)state;
    float x[2];
    begin(2, true);
    struct source *s = csv("1,2\n\n3,4\n", &(struct csv_options){0});
    (void)next(s, x);
    (void)next(s, x);
    assert_true(x[0] == 3 && x[1] == 4);
    assert_ends(s, 0);
    end(s);
}

static void assert_missing_refused(const char *text, const char *sentence)
{
    const struct stream_shape whole = {
        .length = 4, .stride = 2, .decimate = 1, .whole = true};
    float x[1];
    begin(1, true);
    put_file(scratch("whole.csv"), text, strlen(text), 0);
    struct source *s = csv_open(scratch("whole.csv"), &(struct csv_options){0},
                                &shape, &whole, &names, why);
    assert_non_null(s);
    (void)next(s, x);
    assert_ends(s, -1);
    assert_non_null(strstr(why, sentence));
    assert_non_null(strstr(why, "stream.missing: hold or mean would"));
    end(s);
}

void csv_refuses_what_is_missing_where_the_model_does(void **state)
{
    (void)state;
    assert_missing_refused("v\n1\n\n3\n",
                           "csv:3: column 1: there is no number");
    assert_missing_refused("1\n\"\"\n", "csv:2: column 1: there is no number");
    assert_missing_refused("1\nnan\n", "csv:2: column 1: nan is no number");
    assert_missing_refused("1\n-inf\n", "csv:2: column 1: -inf is no number");
    assert_missing_refused("1\n2e15\n", "csv:2: column 1: 2e15 is no number");
}

void csv_times_are_left_out_with_a_note(void **state)
{
    (void)state;
    float x[2];
    begin(1, true);
    struct source *s = csv("timestamp,value\n2014-04-01 00:00:00,20.5\n",
                           &(struct csv_options){0});
    (void)next(s, x);
    assert_true(x[0] == 20.5F);
    assert_non_null(strstr(s->note, "column 1 (timestamp)"));
    end(s);
    begin(1, true); /* likewise where no header names it */
    s = csv("2014-04-01 00:00:00,20.5\n", &(struct csv_options){0});
    (void)next(s, x);
    assert_true(x[0] == 20.5F);
    end(s);
}

static void assert_csv_refused(const char *text, const struct csv_options *o,
                               const char *sentence)
{
    begin(2, true);
    struct source *s = csv(text, o);
    assert_ends(s, -1);
    assert_non_null(strstr(why, sentence));
    end(s);
}

void csv_of_samples_tells_what_does_not_fit(void **state)
{
    (void)state;
    char far[300] = "1,2,"; /* beside the name, which is too long */
    const struct csv_options none = {0}, other = {.label = "x"},
                             twice = {.values = "1,1"}, key = {.stream = "3"};
    assert_csv_refused("1,2,3\n", &none, "3 columns of numbers");
    assert_csv_refused("a,b,c\n1,2,3\n", &other,
                       "column x: there is no such column; the header has a, "
                       "b, c");
    assert_csv_refused("1,2\n", &key,
                       "column 3: there is no such column; "
                       "there are 2");
    assert_csv_refused("a,what,b\n1,abc,x\n", &none,
                       "1 column of numbers, and a sample of the model is 2; "
                       "--columns says which; left out: what (\"abc\" is no "
                       "number), b (\"x\" is no number)");
    assert_csv_refused("1,abc\n", &none, "left out: column 2 (\"abc\"");
    assert_csv_refused("1,2\n", &twice, "named twice");
    assert_csv_refused("1,2,\n", &key, "csv:1: column 3: it names no stream");
    memset(far + 4, 'k', 256);
    assert_csv_refused(far, &key, "csv:1: column 3: a stream's name is longer");
}

void csv_of_many_columns_names_some(void **state)
{
    (void)state;
    char text[8192] = "";
    size_t n = 0;
    for (int i = 0; i < 400; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "name%d,", i);
    snprintf(text + n, sizeof text - n, "last\n%0400d\n", 0);
    for (char *at = strchr(text, '\n') + 1; *at == '0'; at++)
        *at = ',';
    assert_csv_refused(text, &(struct csv_options){.label = "nope"},
                       "the header has name0, name1, ");
    assert_non_null(strstr(why, ", ..."));
    assert_true(strlen(why) < 400);
}

void csv_rows_have_the_columns_of_the_first(void **state)
{
    (void)state;
    float x[2];
    begin(2, true);
    struct source *s = csv("1,2\n1,2,3\n", &(struct csv_options){0});
    (void)next(s, x);
    assert_ends(s, -1);
    assert_non_null(strstr(why, "3 columns, and those before had 2"));
    end(s);
}

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
    return wav_open(&o, &shape, &stream, &names, why);
}

void wav_is_cut_into_samples_and_filled_up(void **state)
{
    (void)state;
    int16_t x[3];
    const char *path = scratch("7_ann.wav");
    begin(3, false);
    put_wave(path, &plain);
    struct source *s = wav(&path, 1, "^([0-9])_", 2);
    assert_non_null(s);
    for (int pass = 0; pass < 2; pass++) {
        struct mark m = next(s, x);
        assert_memory_equal(x, ((int16_t[]){1, 2, 3}), 6);
        assert_string_equal(names_get(&names, m.label), "7");
        assert_false(m.end);
        m = next(s, x);
        assert_memory_equal(x, ((int16_t[]){4, 5, 0}), 6);
        assert_int_equal(m.recording, 0);
        assert_true(m.end);
    }
    assert_ends(s, 0);
    end(s);
}

void wav_of_two_channels_gives_the_first_with_a_note(void **state)
{
    (void)state;
    float x[3];
    const char *path = scratch("stereo.wav");
    begin(3, true);
    put_wave(path, &(struct wave){1, 2, 8000, 16, 12, 6});
    struct source *s = wav(&path, 1, NULL, 1);
    (void)next(s, x);
    assert_true(x[0] * 32768 == 1 && x[1] * 32768 == 3 && x[2] * 32768 == 5);
    assert_non_null(strstr(s->note, "2 channels"));
    end(s);
}

void wav_from_a_pipe_goes_to_its_end(void **state)
{
    (void)state;
    int16_t x[4];
    const char *path = scratch("pipe.wav");
    begin(4, false);
    put_wave(path, &(struct wave){1, 1, 8000, 16, 0xffffffff, 3});
    struct source *s = wav(&path, 1, NULL, 1);
    assert_true(next(s, x).end);
    assert_memory_equal(x, ((int16_t[]){1, 2, 3, 0}), 8);
    assert_ends(s, 0);
    end(s);
}

static void assert_wav_refused(const struct wave *w, const char *sentence)
{
    const char *path = scratch("bad.wav");
    begin(4, false);
    put_wave(path, w);
    struct source *s = wav(&path, 1, NULL, 1);
    assert_ends(s, -1);
    assert_non_null(strstr(why, sentence));
    end(s);
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
    begin(4, false);
    const char *path = scratch("none.wav");
    put_file(path, "RIFX....WAVE", 12, 0);
    struct source *s = wav(&path, 1, NULL, 1);
    assert_ends(s, -1);
    assert_non_null(strstr(why, "not a WAV file"));
    s->free(s);
    assert_null(wav(&path, 1, "^none", 1));
    assert_non_null(strstr(why, "with a group"));
    assert_null(wav(&path, 1, "^(some)", 1));
    assert_non_null(strstr(why, "finds no label"));
    end(NULL);
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
    begin(2, false);
    assert_null(wav_open(&o, &shape, &silent, &names, why));
    assert_non_null(strstr(why, "stream: {sound: log_mel} or mfcc"));
    end(NULL);
    begin(1, false); /* a wave may be what is meant */
    put_wave(path, &plain);
    struct source *s = wav_open(&o, &shape, &silent, &names, why);
    assert_non_null(s);
    (void)next(s, x);
    assert_int_equal(x[0], 1);
    end(s);
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
        begin(2, false);
        struct source *raw =
            raw_open(scratch("raw"), NULL, &shape, &s, &names, why);
        assert_non_null(raw);
        (void)next(raw, x);
        assert_ends(raw, sound ? 1 : -1);
        if (!sound)
            assert_non_null(strstr(why, "ends in the middle of frame 1"));
        end(raw);
    }
}

/* ---- text --------------------------------------------------------------- */

void text_asks_for_each_byte_after_those_before(void **state)
{
    (void)state;
    struct ffc_model byte = shape_of(1, 1, false);
    struct stream_shape symbols = {.symbols = true, .length = 3};
    struct input_options o;
    struct contexts c;
    struct input_frame f;
    input_options_init(&o);
    o.kind = INPUT_TEXT;
    o.path = scratch("text");
    put_file(scratch("text"), "ab\nc", 4, 0);
    struct input *in = input_open(&o, &byte, &symbols, why);
    assert_non_null(in);
    contexts_init(&c, in, 3);
    const char *const labels[4] = {"a", "b", "\\x0a", "c"};
    const char contexts[4][4] = {"\0\0\0", "\0\0a", "\0ab", "ab\n"};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(contexts_next(&c, &f, why), 1);
        assert_string_equal(f.label, labels[i]);
        assert_memory_equal(f.data, contexts[i], 3);
    }
    assert_int_equal(contexts_next(&c, &f, why), 0);
    contexts_release(&c);
    input_free(in);
}

void likeliest_labels_come_first(void **state)
{
    (void)state;
    float scores[3] = {0.2F, 0.5F, 0};
    const char *labels[3] = {"a", "b", "c"};
    struct ffc_answers a = {
        .n = 1, .classes = 3, .class_name = labels, .scores = scores};
    size_t best[LIKELIEST];
    assert_int_equal(likeliest(&a, 0, best), 2);
    assert_int_equal(best[0], 1);
    assert_int_equal(best[1], 0);
    assert_true(probability(&a, 0, "b") == 0.5);
    assert_true(isnan(probability(&a, 0, "z")));
}

/* ---- input -------------------------------------------------------------- */

void input_ends_each_stream_where_its_last_sample_is(void **state)
{
    (void)state;
    struct input_options o;
    struct input_frame f;
    const char *text = "1,a\n2,b\n3,a\n4,b\n5,b\n";
    const bool ends[5] = {false, false, true, false, true};
    begin(1, true);
    input_options_init(&o);
    o.kind = INPUT_CSV;
    o.path = scratch("two.csv");
    o.csv.stream = "2";
    o.end = true;
    put_file(scratch("two.csv"), text, strlen(text), 0);
    struct input *in = input_open(&o, &shape, &stream, why);
    assert_non_null(in);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(input_next(in, &f, why), 1);
        assert_true(f.end == ends[i]);
    }
    assert_int_equal(input_next(in, &f, why), 0);
    input_free(in);
    end(NULL);
}

void input_of_streams_needs_a_model_that_has_them(void **state)
{
    (void)state;
    struct input_options o;
    begin(1, true);
    input_options_init(&o);
    o.kind = INPUT_TEXT;
    o.path = "-";
    assert_null(input_open(&o, &shape, NULL, why));
    assert_non_null(strstr(why, "the model has no streams"));
    assert_null(input_open(&o, &shape, &stream, why));
    assert_non_null(strstr(why, "the model has no symbols"));
    o.kind = INPUT_CSV;
    o.order = ORDER_SHUFFLED;
    assert_null(input_open(&o, &shape, &stream, why));
    assert_non_null(strstr(why, "keep their order"));
    end(NULL);
}

/* ---- votes -------------------------------------------------------------- */

void votes_complete_windows_as_the_daemon_does(void **state)
{
    (void)state;
    struct votes v;
    const int labels[8] = {0, 0, 1, -1, 1, 1, -1, 0};
    const int winners[8] = {-9, -9, -9, 0, -9, 1, -9, 1};
    votes_init(&v, &stream); /* windows of 4, every 2 */
    for (int i = 0; i < 8; i++) {
        int winner = -9;
        bool whole = votes_add(&v, labels[i], i == 7, &winner);
        assert_true(whole == (winners[i] != -9));
        assert_int_equal(winner, winners[i]);
    }
    for (int i = 0; i < 3; i++) { /* the next recording begins anew */
        int winner;
        assert_false(votes_add(&v, 0, false, &winner));
    }
    votes_release(&v);
}

void votes_of_a_recording_are_those_of_its_beginning(void **state)
{
    (void)state;
    struct votes v;
    struct stream_shape s = {.length = 2, .stride = 0, .decimate = 2};
    const int labels[7] = {1, 0, 1, 0, 1, 1, 1};
    int winner = -9;
    votes_init(&v, &s);
    for (int i = 0; i < 7; i++)
        assert_true(votes_add(&v, labels[i], i == 6, &winner) == (i == 6));
    assert_int_equal(winner, 0);
    votes_release(&v);
}

/* Windows that a recording of n samples makes. */
static int windows_of(const struct stream_shape *s, int n)
{
    struct votes v;
    int windows = 0, winner;
    votes_init(&v, s);
    for (int pass = 0; pass < 2; pass++) /* the second as the first */
        for (int i = 0; i < n; i++)
            windows += votes_add(&v, 0, i == n - 1, &winner);
    votes_release(&v);
    return windows;
}

void votes_of_what_an_end_cuts_short_are_a_window(void **state)
{
    (void)state;
    struct stream_shape s = {.length = 16, .stride = 8, .decimate = 1};
    assert_int_equal(windows_of(&s, 10), 2); /* short of one */
    assert_int_equal(windows_of(&s, 16), 2); /* none is made twice */
    assert_int_equal(windows_of(&s, 17), 4);
    assert_int_equal(windows_of(&s, 24), 4);
    s.decimate = 4;
    assert_int_equal(windows_of(&s, 3), 0); /* none that counts */
    assert_int_equal(windows_of(&s, 7), 2);
    assert_int_equal(windows_of(&s, 66), 2); /* a part of one is none */
    assert_int_equal(windows_of(&s, 68), 4);
    s.stride = 0;
    assert_int_equal(windows_of(&s, 3), 0);
    assert_int_equal(windows_of(&s, 200), 2);
}
