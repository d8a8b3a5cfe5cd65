/*
 * Convolutional layers: gradients against central differences of the whole path
 * from weights to loss, and the same answers and lessons however frames come.
 * What is claimed holds whatever a layer makes of its input before the window.
 */
#include <math.h>
#include <string.h>

#include "tests/lib/conv_looks.h"

#define FRAMES ((size_t)3)

/* What is greatest in each pool, where something is passed up: where it
   changes the loss has no derivative. */
static void note_greatest(const struct bare *n, uint8_t *at)
{
    for (size_t i = 0; i < n->n * n->l.H; i++)
        at[i] = n->t.h[i] > 0 ? n->t.at[i] : 0xff;
}

/* Of the loss before the last, and of the last. */
static uint8_t greatest[2][FRAMES * 512];

static double loss_and_greatest(struct bare *n)
{
    double loss = bare_loss(n);
    memcpy(greatest[0], greatest[1], sizeof greatest[0]);
    note_greatest(n, greatest[1]);
    return loss;
}

struct slopes {
    struct bare *n;
    size_t checked, skipped;
};

static void check_slope(struct slopes *s, size_t at, double gradient,
                        const char *what)
{
    struct bare *n = s->n;
    double slope = bare_slope(n, n->params + at, loss_and_greatest);
    s->checked++;
    for (size_t i = 0; i < n->n * n->l.H; i++)
        if (greatest[0][i] != greatest[1][i] && greatest[0][i] != 0xff &&
            greatest[1][i] != 0xff) {
            s->skipped++;
            return;
        }
    assert_near(slope, gradient, 1e-2, 2e-3, what);
}

static void check_gradient(const struct look *look)
{
    struct bare n;
    struct slopes s = {.n = &n};
    bare_init(&n, look, FRAMES);
    struct ff_layer *l = &n.l;
    assert_true(l->H <= 512);
    struct ff_lesson lesson = {.B = FRAMES, .step = {.decay = 0.99f}};
    bare_loss(&n);
    static float q[FRAMES * 512], dG[FRAMES * BARE_VERDICTS];
    memcpy(q, n.t.q, FRAMES * l->Q * sizeof *q);
    memcpy(dG, n.dG, sizeof dG);
    bare_find_dz(&n);
    l->kind->update(l, n.params, &n.t, n.dz, FRAMES, &lesson); /* stays put */
    for (size_t i = 0; i < l->R * l->C; i++)
        check_slope(&s, l->W + i, FRAMES * (double)l->W_rule.g[i], look->name);
    for (size_t i = 0; i < l->R; i++)
        check_slope(&s, l->b + i, FRAMES * (double)l->b_rule.g[i], look->name);
    for (size_t k = 0; k < BARE_VERDICTS; k++)
        for (size_t j = 0; j < l->Q; j++) {
            double dV = 0;
            for (size_t i = 0; i < FRAMES; i++)
                dV +=
                    (double)dG[i * BARE_VERDICTS + k] * (double)q[i * l->Q + j];
            check_slope(&s, l->V + k * l->Q + j, dV, look->name);
        }
    assert_true(s.skipped < s.checked / 4);
    bare_release(&n);
}

void gradient_of_a_convolution_is_that_of_the_whole_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < LOOKS; i++)
        check_gradient(&looks[i]);
}

void a_place_that_is_off_gets_exactly_zero(void **state)
{
    (void)state;
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare n;
        size_t off = 0;
        bare_init(&n, &looks[c], BARE_ROWS);
        bare_loss(&n);
        bare_find_dz(&n);
        for (size_t i = 0; i < BARE_ROWS * n.l.H; i++) {
            off += n.t.h[i] == 0;
            assert_true((n.dz[i] == 0) == (n.t.h[i] == 0));
        }
        assert_true(off > 0 && off < BARE_ROWS * n.l.H);
        bare_release(&n);
    }
}

/* ---- a frame alone and among others ----------------------------------------
 */

void a_convolution_answers_a_frame_alone_as_among_others(void **state)
{
    (void)state;
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare all, one;
        bare_init(&all, &looks[c], BARE_ROWS);
        bare_init(&one, &looks[c], 1);
        size_t D = all.l.D, H = all.l.H, Q = all.l.Q;
        bare_forward(&all);
        for (size_t i = 0; i < BARE_ROWS; i++) {
            memcpy(one.x, all.x + i * D, D * sizeof(float));
            bare_forward(&one);
            for (size_t j = 0; j < H; j++)
                assert_near((double)one.t.h[j], (double)all.t.h[i * H + j],
                            1e-5, 1e-5, "h");
            for (size_t j = 0; j < Q; j++)
                assert_near((double)one.t.q[j], (double)all.t.q[i * Q + j],
                            1e-5, 1e-5, "q");
        }
        bare_release(&all);
        bare_release(&one);
    }
}

/* Rows 0, 3, 6 .. do not surprise: without them W and b move as with their dz
   of 0. What is expected of the input follows those that do. */
static void drop_every_third(struct bare *n)
{
    size_t D = n->l.D, H = n->l.H, kept = 0;
    for (size_t i = 0; i < n->n; i++) {
        if (i % 3 == 0)
            continue;
        memmove(n->t.u + kept * D, n->t.u + i * D, D * sizeof(float));
        memmove(n->t.h + kept * H, n->t.h + i * H, H * sizeof(float));
        memmove(n->dz + kept * H, n->dz + i * H, H * sizeof(float));
        memmove(n->t.at + kept * H, n->t.at + i * H, H);
        kept++;
    }
    n->n = kept;
}

void gathered_pictures_teach_what_all_would(void **state)
{
    (void)state;
    const struct ff_lesson lesson = {
        .B = BARE_ROWS, .step = {.W = 0.1f, .decay = 0.99f}}; /* mean stays */
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare all, few;
        bare_init(&all, &looks[c], BARE_ROWS);
        bare_init(&few, &looks[c], BARE_ROWS);
        struct ff_layer *l = &all.l;
        bare_loss(&all);
        bare_loss(&few);
        bare_find_dz(&all);
        bare_find_dz(&few);
        for (size_t i = 0; i < BARE_ROWS; i += 3)
            memset(all.dz + i * l->H, 0, l->H * sizeof(float));
        drop_every_third(&few);
        l->kind->update(l, all.params, &all.t, all.dz, BARE_ROWS, &lesson);
        few.l.kind->update(&few.l, few.params, &few.t, few.dz, few.n, &lesson);
        for (size_t i = 0; i < l->V; i++)
            assert_near((double)few.params[i], (double)all.params[i], 1e-4,
                        1e-5, looks[c].name);
        for (size_t j = 0; j < l->R; j++)
            assert_near((double)few.l.W_rule.r[j], (double)l->W_rule.r[j], 1e-4,
                        1e-12, "r");
        bare_release(&all);
        bare_release(&few);
    }
}

static void learn_once(struct bare *n)
{
    const struct ff_lesson lesson = {
        .B = BARE_ROWS, .step = {.W = 0.1f, .decay = 0.99f, .mean = 0.1f}};
    bare_loss(n);
    bare_find_dz(n);
    n->l.kind->update(&n->l, n->params, &n->t, n->dz, BARE_ROWS, &lesson);
}

/* As large pictures are. */
void a_few_lines_at_a_time_answer_and_learn_as_all_of_them(void **state)
{
    (void)state;
    static float uphill[2][BARE_ROWS * 512];
    for (size_t c = 0; c < LOOKS; c++)
        for (size_t pools = 1; pools <= 3; pools++) {
            struct bare whole, strips;
            bare_init(&whole, &looks[c], BARE_ROWS);
            bare_init(&strips, &looks[c], BARE_ROWS);
            struct ff_window *w = &strips.l.window;
            w->frames = 1;
            if (pools * w->pool < w->lines)
                w->lines = pools * w->pool;
            bare_forward(&whole);
            bare_forward(&strips);
            for (size_t i = 0; i < BARE_ROWS * whole.l.H; i++)
                assert_near((double)strips.t.h[i], (double)whole.t.h[i], 1e-5,
                            1e-5, looks[c].name);
            assert_true(whole.l.D <= 512);
            whole.l.kind->climb(&whole.l, whole.params, &whole.t, uphill[0],
                                BARE_ROWS);
            strips.l.kind->climb(&strips.l, strips.params, &strips.t, uphill[1],
                                 BARE_ROWS);
            for (size_t i = 0; i < BARE_ROWS * whole.l.D; i++)
                assert_near((double)uphill[1][i], (double)uphill[0][i], 1e-4,
                            1e-4, looks[c].name);
            learn_once(&whole);
            learn_once(&strips);
            for (size_t i = 0; i < whole.l.V; i++)
                assert_near((double)strips.params[i], (double)whole.params[i],
                            1e-4, 1e-5, looks[c].name);
            bare_release(&whole);
            bare_release(&strips);
        }
}

/* 640 x 480 in colour would unfold to 92 MB. */
void a_large_picture_takes_little_room(void **state)
{
    (void)state;
    const struct look large = {.name = "large",
                               .shape = {480, 640, 3},
                               .units = 16,
                               {.kernel = 5, .pad = 2, .pool = 2}};
    struct ff_spec s = bare_spec(&large);
    struct ff_layer l;
    ff_layers_size(&l, &s, 0);
    assert_int_equal(l.out[0] * l.out[1], 240 * 320);
    assert_true(l.kind->room(&l) * sizeof(float) <= 2 << 20);
}

void a_convolution_that_is_taught_nothing_stays_as_it_is(void **state)
{
    (void)state;
    struct bare n, before;
    const struct ff_lesson lesson = {
        .B = BARE_ROWS,
        .step = {.W = 0.1f, .decay = 0.9f, .mean = 0.1f, .peer = 0.1f}};
    bare_init(&n, &looks[0], BARE_ROWS);
    bare_init(&before, &looks[0], BARE_ROWS);
    bare_loss(&n);
    n.l.kind->update(&n.l, n.params, &n.t, n.dz, 0, &lesson);
    assert_memory_equal(n.params, before.params, n.params_n * sizeof(float));
    assert_memory_equal(n.l.W_rule.r, before.l.W_rule.r, n.l.R * sizeof(float));
    bare_release(&n);
    bare_release(&before);
}

/* Channel 0 is dark from the first micro-batch on, which decides all that is
   expected; one day it is lit. */
void a_channel_that_never_changed_divides_by_no_zero(void **state)
{
    (void)state;
    struct bare n;
    bare_init(&n, &looks[5], FRAMES);
    const struct ff_layer *l = &n.l;
    for (size_t i = 0; i < l->M; i++) {
        n.params[l->mean + i] = 0;
        n.params[l->variance + i] = 1;
    }
    for (size_t i = 0; i < FRAMES * l->D; i += l->in[2])
        n.x[i] = 0;
    for (size_t step = 0; step < 200; step++) {
        struct ff_lesson lesson = {
            .B = FRAMES,
            .step = {.W = 1e-3f, .decay = 0.99f, .mean = step ? 0.1f : 1}};
        bare_loss(&n);
        bare_find_dz(&n);
        n.l.kind->update(&n.l, n.params, &n.t, n.dz, FRAMES, &lesson);
        for (size_t i = 0; i < n.params_n; i++)
            assert_true(isfinite(n.params[i]));
        for (size_t i = 0; i < l->M && l->kind->scales; i++)
            assert_true(n.params[l->variance + i] >= 0);
    }
    n.x[0] = 1;
    bare_forward(&n);
    for (size_t i = 0; i < FRAMES * l->Q; i++)
        assert_true(isfinite(n.t.q[i]));
    bare_release(&n);
}

/* ---- a window that sees everything ------------------------------------------
 */

/* b is 0, so that the dense layer may forget the length of u and be given it
   back. */
void a_kernel_as_large_as_the_picture_is_a_dense_layer(void **state)
{
    (void)state;
    const struct look look = {"whole", {6, 6, 2}, 5, {.kernel = 6}};
    struct bare n, d;
    bare_init(&n, &look, FRAMES);
    bare_init(&d, &look, FRAMES);
    struct ff_layer *l = &n.l, *dense = &d.l;
    assert_int_equal(l->H, 5);
    assert_int_equal(l->C, l->D);
    memset(n.params + l->b, 0, l->R * sizeof(float));
    bare_loss(&n);
    bare_find_dz(&n);
    *dense = (struct ff_layer){.kind = &ff_dense,
                               .D = l->D,
                               .H = l->H,
                               .Q = l->H,
                               .R = l->R,
                               .C = l->D,
                               .W_rule = dense->W_rule,
                               .b_rule = dense->b_rule};
    bare_place(dense);
    dense->W_rule.kind = dense->b_rule.kind = FF_UPDATE_ADAM;
    static float moments[4][512], times[2];
    dense->W_rule.m = moments[0];
    dense->W_rule.v = moments[1];
    dense->b_rule.m = moments[2];
    dense->b_rule.v = moments[3];
    dense->W_rule.t = &times[0];
    dense->b_rule.t = &times[1];
    memcpy(d.params, n.params, dense->V * sizeof(float));
    memcpy(d.x, n.t.u, FRAMES * l->D * sizeof(float));
    dense->kind->forward(dense, d.params, d.x, FRAMES, &d.t);
    for (size_t i = 0; i < FRAMES; i++) {
        double length =
            sqrt(dot(n.t.u + i * l->D, n.t.u + i * l->D, l->D) / (double)l->D);
        for (size_t j = 0; j < l->H; j++)
            assert_near(fmax(0, length * (double)d.t.a[i * l->H + j]),
                        (double)n.t.h[i * l->H + j], 1e-5, 1e-5, "h");
    }
    struct ff_lesson lesson = {.B = FRAMES, .step = {.decay = 0.99f}};
    memcpy(d.t.u, n.t.u, FRAMES * l->D * sizeof(float));
    memcpy(d.dz, n.dz, FRAMES * l->H * sizeof(float));
    dense->kind->update(dense, d.params, &d.t, d.dz, FRAMES, &lesson);
    l->kind->update(l, n.params, &n.t, n.dz, FRAMES, &lesson);
    for (size_t i = 0; i < l->R * l->C; i++)
        assert_near((double)l->W_rule.g[i], (double)dense->W_rule.g[i], 1e-5,
                    1e-6, "dW");
    for (size_t i = 0; i < l->R; i++)
        assert_near((double)l->b_rule.g[i], (double)dense->b_rule.g[i], 1e-5,
                    1e-6, "db");
    bare_release(&n);
    bare_release(&d);
}

/* q is the mean over the places of each cell, and cells part the picture. */
void squares_are_means_over_the_cells_of_a_grid(void **state)
{
    (void)state;
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare n;
        bare_init(&n, &looks[c], 1);
        const struct ff_layer *l = &n.l;
        size_t grid = l->window.grid, across = l->window.across.grid;
        size_t R = l->R;
        bare_forward(&n);
        for (size_t cell = 0; cell < grid * across * R; cell++) {
            size_t j = cell % R, cy = cell / R / across;
            size_t cx = cell / R % across;
            double sum = 0, places = 0;
            for (size_t p = 0; p < l->out[0] * l->out[1]; p++) {
                size_t y = p / l->out[1], x = p % l->out[1];
                if (y < cy * l->out[0] / grid ||
                    y >= (cy + 1) * l->out[0] / grid ||
                    x < cx * l->out[1] / across ||
                    x >= (cx + 1) * l->out[1] / across)
                    continue;
                sum += pow((double)n.t.h[p * R + j], 2);
                places++;
            }
            assert_near((double)n.t.q[cell], sum / places, 1e-5, 1e-7,
                        looks[c].name);
        }
        bare_release(&n);
    }
}
