/* Spectra, and sound as a stream of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/sound.h"
#include "lib/vec.h"
#include "tests/lib/support.h"

#define PI 3.14159265358979323846

static void carve_spectrum(struct ff_spectrum *s, struct ff_arena *a, size_t n,
                           bool tapered)
{
    *a = (struct ff_arena){0};
    ff_spectrum_carve(s, a, n, tapered);
    assert_int_equal(ff_arena_init(a), 0);
    ff_spectrum_carve(s, a, n, tapered);
}

/* P_f by its definition. */
static double power_at(const float *x, size_t n, size_t N, size_t f,
                       bool tapered)
{
    double re = 0, im = 0, squares = 0;
    for (size_t t = 0; t < n; t++) {
        double w = 0.5 - 0.5 * cos(2 * PI * ((double)t + 0.5) / (double)n);
        w = tapered ? w : 1;
        double turn = 2 * PI * (double)(f * t) / (double)N;
        squares += w * w;
        re += w * (double)x[t] * cos(turn);
        im -= w * (double)x[t] * sin(turn);
    }
    return (re * re + im * im) / squares;
}

void a_spectrum_is_what_its_formula_says(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 2, 16, 50, 128};
    for (size_t i = 0; i < 2 * (sizeof sizes / sizeof *sizes); i++) {
        bool tapered = i % 2;
        struct ff_arena a;
        struct ff_spectrum s;
        float x[256], P[129];
        size_t n = sizes[i / 2];
        carve_spectrum(&s, &a, n, tapered);
        assert_int_equal(s.bins, ff_spectrum_bins(n));
        for (size_t t = 0; t < n; t++)
            x[2 * t] = sinf((float)t) + 0.3f * cosf(2.5f * (float)t);
        ff_spectrum_power(&s, x, 2, P);
        for (size_t t = 0; t < n; t++)
            x[t] = x[2 * t];
        for (size_t f = 0; f < s.bins; f++)
            assert_near((double)P[f], power_at(x, n, s.N, f, tapered), 1e-4,
                        1e-5, "power");
        ff_arena_release(&a);
    }
}

static struct ff_stream_spec sound_spec(enum ff_sound_kind kind)
{
    return (struct ff_stream_spec){.keys = 2,
                                   .shape = {80, 1, 1},
                                   .dtype = FF_I16,
                                   .decimate = 1,
                                   .standardise = FF_STANDARDISE_OFF,
                                   .horizon = 1000,
                                   .length = 10,
                                   .stride = 5,
                                   .sound = kind,
                                   .rate = 8000,
                                   .bands = 20,
                                   .coefficients = 13};
}

static void carve_sound(struct ff_sound *s, struct ff_arena *a,
                        enum ff_sound_kind kind)
{
    struct ff_stream_spec spec = sound_spec(kind);
    *a = (struct ff_arena){0};
    ff_sound_carve(s, a, &spec);
    assert_int_equal(ff_arena_init(a), 0);
    ff_sound_carve(s, a, &spec);
}

/* Four pieces of a tone; the last one's spectrum. */
static void play(struct ff_sound *s, double hertz, float *out)
{
    float tail[200] = {0}, piece[80];
    for (size_t t = 0; t < 320; t++) {
        piece[t % 80] = (float)(0.5 * sin(2 * PI * hertz * (double)t / 8000));
        if (t % 80 == 79)
            ff_sound_hear(s, tail, piece, out);
    }
}

void a_tone_is_loudest_in_the_band_that_it_is_in(void **state)
{
    (void)state;
    struct ff_arena a;
    struct ff_sound s;
    float out[20];
    size_t before = 0;
    carve_sound(&s, &a, FF_SOUND_LOG_MEL);
    assert_int_equal(s.span, 200);
    for (int i = 1; i < 13; i++) {
        double hertz = 300 * i;
        play(&s, hertz, out);
        size_t loudest = (size_t)ff_vec_argmax(
            out, (const uint8_t[20]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                     1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
            20);
        double mel = 2595 * log10(1 + hertz / 700);
        double step = 2595 * log10(1 + 4000.0 / 700) / 21;
        assert_true(fabs(mel / step - 1 - (double)loudest) <= 1);
        assert_true(loudest >= before);
        before = loudest;
    }
    ff_arena_release(&a);
}

void mfcc_is_the_cosine_transform_of_log_mel(void **state)
{
    (void)state;
    struct ff_arena a, b;
    struct ff_sound mel, mfcc;
    float m[20], c[13];
    carve_sound(&mel, &a, FF_SOUND_LOG_MEL);
    carve_sound(&mfcc, &b, FF_SOUND_MFCC);
    play(&mel, 700, m);
    play(&mfcc, 700, c);
    for (size_t i = 0; i < 13; i++) {
        double sum = 0;
        for (size_t j = 0; j < 20; j++)
            sum += (double)m[j] * cos(PI * (double)i * ((double)j + 0.5) / 20);
        sum *= sqrt((i == 0 ? 1.0 : 2.0) / 20);
        assert_near((double)c[i], sum, 1e-3, 1e-3, "coefficient");
    }
    ff_arena_release(&a);
    ff_arena_release(&b);
}

void silence_is_finite(void **state)
{
    (void)state;
    struct ff_arena a;
    struct ff_sound s;
    float out[20], tail[200] = {0}, piece[80] = {0};
    carve_sound(&s, &a, FF_SOUND_LOG_MEL);
    ff_sound_hear(&s, tail, piece, out);
    assert_true(ff_vec_finite(out, 20));
    ff_arena_release(&a);
}

void sound_comes_in_pieces_and_is_seen_as_a_picture(void **state)
{
    (void)state;
    struct ff_spec spec = tiny_spec();
    spec.stream = sound_spec(FF_SOUND_LOG_MEL);
    struct ff_model *m = new_model(spec);
    assert_int_equal(m->spec.shape[0], 10);
    assert_int_equal(m->spec.shape[1], 20);
    assert_int_equal(m->spec.shape[2], 1);
    int16_t piece[80];
    const void *row = piece;
    int class_ = -1;
    struct ff_learned out;
    for (size_t t = 0; t < 10; t++) {
        for (size_t i = 0; i < 80; i++)
            piece[i] =
                (int16_t)(16384 * sin(1000 * PI * (double)(t * 80 + i) / 8000));
        assert_int_equal(ff_learn(m, &row, &class_, NULL, 1, &out), 0);
    }
    struct ff_arena a;
    struct ff_sound s;
    float last[20];
    carve_sound(&s, &a, FF_SOUND_LOG_MEL);
    play(&s, 500, last);
    const float *frame = ff_stream_newest(m, 0);
    for (size_t b = 0; b < 20; b++)
        if (last[b] > -5) /* phases differ where there is little */
            assert_near((double)frame[180 + b], (double)last[b], 0.1, 0.2,
                        "band");
    ff_arena_release(&a);
    ff_model_free(m);
}

void sound_that_cannot_be_is_refused_by_name(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    char why[FF_WHY_MAX];
    s.stream = sound_spec(FF_SOUND_MFCC);
    s.stream.coefficients = 21;
    assert_int_equal(ff_spec_check(&s, why), FF_ESPEC);
    assert_string_equal(why,
                        "stream.coefficients: must be 1 to 20 (bands), is 21");
    s.stream = sound_spec(FF_SOUND_LOG_MEL);
    s.stream.span = 8;
    assert_int_equal(ff_spec_check(&s, why), FF_ESPEC);
    assert_memory_equal(why, "stream.span", 11);
    s.stream = sound_spec(FF_SOUND_LOG_MEL);
    s.stream.bands = 100;
    assert_int_equal(ff_spec_check(&s, why), FF_ESPEC);
    assert_memory_equal(why, "stream.bands", 12);
}
