/* Mean and scale of the input, by channel. */
#include <math.h>
#include <string.h>

#include "tests/lib/support.h"

#define ASKED  ((size_t)64)
#define SIDE   ((size_t)4)
#define COLOUR ((size_t)3)
#define VALUES (SIDE * SIDE * COLOUR)

/* One of three patterns of colours, with noise. */
static int coloured(float *x, size_t i)
{
    for (size_t d = 0; d < VALUES; d++)
        x[d] = 100 * sinf((float)(d * (i % 3 + 1))) +
               30 * sinf((float)(7 * d + 11 * i)) + 50 * (float)(d % COLOUR);
    return (int)(i % 3);
}

static void scale(float *x, const struct ff_spec *s)
{
    for (size_t d = 0; d < VALUES; d++)
        x[d] = (x[d] - s->mean[d % COLOUR]) / s->scale[d % COLOUR];
}

static struct ff_spec coloured_spec(bool dense)
{
    struct ff_spec s = tiny_spec();
    s.shape[0] = s.shape[1] = SIDE;
    s.shape[2] = COLOUR;
    s.image = true;
    s.classes = 3;
    if (!dense)
        s.conv[0] = (struct ff_conv_spec){.kernel = 3, .pad = 1};
    s.sleep.warp = 0;
    s.sleep.dreams = 0; /* which climb within the range of frames */
    return s;
}

static void learn_coloured(struct ff_model *m, const struct ff_spec *beforehand)
{
    for (size_t i = 0; i < 96; i += 8) {
        float x[8][VALUES];
        const void *rows[8];
        int classes[8];
        struct ff_learned out;
        for (size_t j = 0; j < 8; j++) {
            classes[j] = class_of(m, coloured(x[j], i + j));
            if (beforehand)
                scale(x[j], beforehand);
            rows[j] = x[j];
        }
        assert_int_equal(ff_learn(m, rows, classes, NULL, 8, &out), 0);
        sleep_out(m, 4);
    }
}

static void ask_coloured(struct ff_model *m, const struct ff_spec *beforehand,
                         float *scores)
{
    struct ff_scratch *s;
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = 0; i < ASKED; i++) {
        float x[VALUES];
        const void *row = x;
        struct ff_answers out = {.scores = scores + 3 * i};
        coloured(x, 200 + i);
        if (beforehand)
            scale(x, beforehand);
        assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
    }
    ff_view_release(v);
    ff_scratch_free(s);
}

void mean_and_scale_of_the_input_are_those_of_frames_beforehand(void **state)
{
    (void)state;
    for (int dense = 0; dense < 2; dense++) {
        struct ff_spec raw = coloured_spec(dense), given = raw;
        float a[3 * ASKED], b[3 * ASKED], c[3 * ASKED];
        const float mean[] = {0, 50, 120}, by[] = {70, 30, 5};
        size_t moved = 0;
        memcpy(given.mean, mean, sizeof mean);
        memcpy(given.scale, by, sizeof by);
        struct ff_model *m = new_model(given), *n = new_model(raw),
                        *without = new_model(raw);
        learn_coloured(m, NULL);
        learn_coloured(n, &given);
        learn_coloured(without, NULL);
        ask_coloured(m, NULL, a);
        ask_coloured(n, &given, b);
        ask_coloured(without, NULL, c);
        for (size_t i = 0; i < 3 * ASKED; i++) {
            assert_near((double)a[i], (double)b[i], 0, 1e-5, "score");
            moved += fabsf(a[i] - c[i]) > 1e-3f;
        }
        assert_true(moved > 0); /* or nothing was claimed */
        ff_model_free(m);
        ff_model_free(n);
        ff_model_free(without);
    }
}
