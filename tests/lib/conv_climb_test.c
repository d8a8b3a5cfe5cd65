/* Uphill through a convolution: what its input must become to be answered more
   loudly. */
#include <math.h>

#include "tests/lib/conv_looks.h"

static double mean_square(struct bare *n)
{
    bare_forward(n);
    return dot(n->t.h, n->t.h, n->n * n->l.H) / (double)(n->n * n->l.H);
}

void to_climb_raises_the_mean_square_of_a_convolution(void **state)
{
    (void)state;
    static float g[BARE_ROWS * 512];
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare n;
        bare_init(&n, &looks[c], BARE_ROWS);
        const struct ff_layer *l = &n.l;
        assert_true(l->D <= 512);
        for (int step = 0; step < 5; step++) {
            double before = mean_square(&n);
            l->kind->climb(l, n.params, &n.t, g, BARE_ROWS);
            float top = 0;
            for (size_t i = 0; i < BARE_ROWS * l->D; i++)
                top = fmaxf(top, fabsf(g[i]));
            assert_true(top > 0);
            for (size_t i = 0; i < BARE_ROWS * l->D; i++)
                n.x[i] += 0.05f * g[i] / top;
            assert_true(mean_square(&n) > before);
        }
        bare_release(&n);
    }
}

/* The part of g (n) that moves neither the level nor the length of x. */
static void drop_level_and_length(double *g, const float *x, size_t n)
{
    double level = 0, mean = 0, along = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        level += (double)x[i] / (double)n;
        mean += g[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double off = (double)x[i] - level;
        along += g[i] * off;
        square += off * off;
    }
    for (size_t i = 0; i < n; i++)
        g[i] -= mean + along / square * ((double)x[i] - level);
}

/* But for the level and the length of the input, which are forgotten. */
void to_climb_is_to_follow_the_gradient_of_the_squares(void **state)
{
    (void)state;
    static float g[512];
    static double found[512], is[512];
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare n;
        bare_init(&n, &looks[c], 1);
        const struct ff_layer *l = &n.l;
        double both = 0, a = 0, b = 0;
        mean_square(&n);
        l->kind->climb(l, n.params, &n.t, g, 1);
        for (size_t i = 0; i < l->D; i++) {
            is[i] = bare_slope(&n, &n.x[i], mean_square);
            found[i] = (double)g[i];
        }
        drop_level_and_length(found, n.x, l->D);
        drop_level_and_length(is, n.x, l->D);
        for (size_t i = 0; i < l->D; i++) {
            both += found[i] * is[i];
            a += found[i] * found[i];
            b += is[i] * is[i];
        }
        assert_near(both / sqrt(a * b), 1, 0, 2e-3, looks[c].name);
        bare_release(&n);
    }
}
