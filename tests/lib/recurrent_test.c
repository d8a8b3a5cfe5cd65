/*
 * Recurrent layers: each step against a naive loop, the gradient against
 * central differences of the path from weights to loss, what is heard held as
 * it is; and what only a layer that hears its past can learn.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/bare.h"

#define FRAMES ((size_t)3)

static const struct look looks[] = {
    {"plain", {7, 1, 3}, 5, {.pool = 1, .grid = 3}},
    {"columns", {6, 4, 2}, 6, {.pool = 1, .grid = 2}},
    {"pool", {7, 2, 2}, 6, {.pool = 3, .grid = 2}},
    {"one cell", {8, 1, 4}, 4, {.pool = 2, .grid = 1}},
    {"every step", {5, 1, 2}, 4, {.pool = 1, .grid = 5}},
    {"one step", {1, 3, 1}, 4, {.pool = 1, .grid = 1}},
    {"long", {100, 1, 2}, 6, {.pool = 4, .grid = 0}},
};
#define LOOKS (sizeof looks / sizeof *looks)

/* ---- each step, naively ----------------------------------------------------
 */

/* What unit j answers to step t of frame i, hearing what it heard. */
static double answer(const struct bare *n, size_t i, size_t t, size_t j)
{
    const struct ff_layer *l = &n->l;
    size_t F = l->in[1] * l->in[2];
    const float *w = n->params + l->W + j * l->C;
    double a = (double)n->params[l->b + j];
    for (size_t f = 0; f < F; f++)
        a += (double)w[f] * (double)n->t.u[i * l->D + t * F + f];
    for (size_t r = 0; r < l->R; r++)
        a += (double)w[F + r] * (double)n->t.state[i * l->state + t * l->R + r];
    return a;
}

/* The greatest of a pool, which begins with step t. */
static double greatest(const struct bare *n, size_t i, size_t t, size_t j)
{
    double most = -INFINITY;
    for (size_t k = 0; k < n->l.window.pool; k++)
        most = fmax(most, answer(n, i, t + k, j));
    return most;
}

static void check_steps(struct bare *n, const char *name)
{
    const struct ff_layer *l = &n->l;
    size_t pool = l->window.pool, T = l->out[0] * pool;
    for (size_t i = 0; i < n->n; i++)
        for (size_t t = 0; t < T; t++) {
            const float *heard = n->t.state + i * l->state + t * l->R;
            double h[16], mean = 0, square = 0;
            assert_true(l->R <= 16);
            for (size_t j = 0; j < l->R; j++) {
                h[j] = t > 0 ? fmax(0, answer(n, i, t - 1, j)) : 0;
                mean += h[j] / (double)l->R;
            }
            for (size_t j = 0; j < l->R; j++)
                square += pow(h[j] - mean, 2) / (double)l->R;
            for (size_t j = 0; j < l->R; j++)
                assert_near((double)heard[j],
                            (h[j] - mean) / sqrt(square + 1e-8), 1e-4, 1e-4,
                            name);
            if (t % pool == 0)
                for (size_t j = 0; j < l->R; j++)
                    assert_near((double)n->t.h[i * l->H + t / pool * l->R + j],
                                fmax(0, greatest(n, i, t, j)), 1e-4, 1e-4,
                                name);
        }
}

void each_step_hears_what_the_one_before_answered(void **state)
{
    (void)state;
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare n;
        bare_init(&n, &looks[c], BARE_ROWS);
        bare_forward(&n);
        check_steps(&n, looks[c].name);
        bare_release(&n);
    }
}

/* ---- the gradient ----------------------------------------------------------
 */

/* The loss of all frames with u and what is heard as they are. */
static double loss_as_heard(struct bare *n)
{
    const struct ff_layer *l = &n->l;
    for (size_t i = 0; i < n->n; i++)
        for (size_t k = 0; k < l->H; k++)
            n->t.a[i * l->H + k] =
                (float)greatest(n, i, k / l->R * l->window.pool, k % l->R);
    return bare_judge(n);
}

/* A step so close to another of its pool that a small change makes it the
   greatest has no derivative; there are few. */
void gradient_of_a_recurrent_layer_takes_what_it_hears_as_given(void **state)
{
    (void)state;
    const struct ff_lesson still = {.B = FRAMES, .step = {.decay = 0.99f}};
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare n;
        size_t off = 0;
        bare_init(&n, &looks[c], FRAMES);
        struct ff_layer *l = &n.l;
        bare_loss(&n);
        bare_find_dz(&n);
        l->kind->update(l, n.params, &n.t, n.dz, FRAMES, &still);
        for (size_t i = 0; i < l->R * l->C + l->R; i++) {
            float g = i < l->b ? l->W_rule.g[i] : l->b_rule.g[i - l->b];
            double found = FRAMES * (double)g;
            double is = bare_slope(&n, n.params + i, loss_as_heard);
            off += !(fabs(found - is) <= 1e-2 * fabs(is) + 2e-3);
        }
        assert_true(off <= (l->window.pool > 1 ? (l->R * l->C) / 10 : 0));
        bare_release(&n);
    }
}

void a_step_that_is_off_gets_exactly_zero(void **state)
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

/* ---- alone and among others -------------------------------------------------
 */

void a_recurrent_layer_answers_a_frame_alone_as_among_others(void **state)
{
    (void)state;
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare all, one;
        bare_init(&all, &looks[c], BARE_ROWS);
        bare_init(&one, &looks[c], 1);
        size_t D = all.l.D, H = all.l.H;
        bare_forward(&all);
        for (size_t i = 0; i < BARE_ROWS; i++) {
            memcpy(one.x, all.x + i * D, D * sizeof(float));
            bare_forward(&one);
            for (size_t j = 0; j < H; j++)
                assert_near((double)one.t.h[j], (double)all.t.h[i * H + j],
                            1e-5, 1e-5, looks[c].name);
        }
        bare_release(&all);
        bare_release(&one);
    }
}

void recurrent_frames_taught_one_by_one_add_up(void **state)
{
    (void)state;
    const struct ff_lesson still = {.B = BARE_ROWS, .step = {.decay = 0.99f}};
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare all, one;
        static float sum[4096];
        bare_init(&all, &looks[c], BARE_ROWS);
        bare_init(&one, &looks[c], 1);
        struct ff_layer *l = &all.l;
        size_t W = l->R * l->C;
        assert_true(W <= 4096);
        memset(sum, 0, sizeof sum);
        bare_loss(&all);
        bare_find_dz(&all);
        for (size_t i = 0; i < BARE_ROWS; i++) {
            struct ff_trace t = all.t; /* as rows that were gathered are */
            t.u += i * l->D;
            t.h += i * l->H;
            t.at += i * l->H;
            t.state += i * l->state;
            memcpy(one.dz, all.dz + i * l->H, l->H * sizeof(float));
            one.l.kind->update(&one.l, one.params, &t, one.dz, 1, &still);
            for (size_t k = 0; k < W; k++)
                sum[k] += one.l.W_rule.g[k];
        }
        l->kind->update(l, all.params, &all.t, all.dz, BARE_ROWS, &still);
        for (size_t k = 0; k < W; k++)
            assert_near((double)sum[k], (double)l->W_rule.g[k], 1e-4, 1e-5,
                        looks[c].name);
        bare_release(&all);
        bare_release(&one);
    }
}

/* ---- units -----------------------------------------------------------------
 */

void recurrent_units_that_change_places_hear_as_before(void **state)
{
    (void)state;
    for (size_t c = 0; c < LOOKS; c++) {
        struct bare n, swapped;
        bare_init(&n, &looks[c], FRAMES);
        bare_init(&swapped, &looks[c], FRAMES);
        const struct ff_layer *l = &n.l;
        size_t R = l->R, a = 0, b = R - 1;
        l->kind->swap_units(l, swapped.params, a, b);
        bare_forward(&n);
        bare_forward(&swapped);
        for (size_t i = 0; i < FRAMES * l->H; i++) {
            size_t j = i % R, other = j == a ? b : j == b ? a : j;
            assert_near((double)swapped.t.h[i - j + other], (double)n.t.h[i],
                        1e-4, 1e-4, looks[c].name);
        }
        bare_release(&n);
        bare_release(&swapped);
    }
}

/* ---- what is learned -------------------------------------------------------
 * Two sensors each have one pulse, and noise; which came first? */

#define STEPS   ((size_t)12)
#define SENSORS ((size_t)2)

static int draw_pulses(float *x, struct ff_rng *g)
{
    size_t at[2];
    do
        for (int s = 0; s < 2; s++)
            at[s] = ff_rng_below(g, STEPS);
    while (at[0] == at[1]);
    for (size_t i = 0; i < STEPS * SENSORS; i++)
        x[i] = 0.1f * ff_rng_normal(g);
    for (size_t s = 0; s < 2; s++)
        x[at[s] * SENSORS + s] += 1;
    return at[0] < at[1];
}

static struct ff_spec pulses_spec(void)
{
    struct ff_spec s = tiny_spec();
    s.shape[0] = STEPS;
    s.shape[2] = SENSORS;
    s.image = true;
    s.classes = 2;
    s.layers = 1;
    s.units[0] = 40;
    s.recurrent[0] = true;
    s.conv[0].grid = 1; /* no cell tells when */
    s.batch = 32;
    s.memory = 0;
    s.lr = 0.01f;
    s.average = 0.9f;
    return s;
}

/* The mean over time alone. */
static void forget_time(float *x)
{
    for (size_t s = 0; s < SENSORS; s++) {
        float sum = 0;
        for (size_t t = 0; t < STEPS; t++)
            sum += x[t * SENSORS + s];
        x[s] = sum;
    }
}

/* Share of the last frames of a stream that were answered before they were
   learned. */
static double learn_pulses(struct ff_spec spec, bool timeless, size_t frames)
{
    struct ff_model *m = new_model(spec);
    struct ff_rng g;
    ff_rng_init(&g, 11);
    size_t right = 0, last = frames - 1024;
    for (size_t i = 0; i < frames; i += 32) {
        float x[32][STEPS * SENSORS];
        const void *rows[32];
        int classes[32];
        struct ff_learned out;
        for (size_t j = 0; j < 32; j++) {
            classes[j] = class_of(m, draw_pulses(x[j], &g));
            if (timeless)
                forget_time(x[j]);
            rows[j] = x[j];
        }
        assert_int_equal(ff_learn(m, rows, classes, NULL, 32, &out), 0);
        right += i >= last ? out.right : 0;
    }
    ff_model_free(m);
    return (double)right / 1024;
}

void only_who_hears_the_past_tells_what_came_first(void **state)
{
    (void)state;
    struct ff_spec deaf = pulses_spec();
    deaf.recurrent[0] = deaf.image = false;
    deaf.shape[0] = SENSORS;
    deaf.shape[2] = 1;
    struct ff_spec stepwise = pulses_spec();
    stepwise.recurrent[0] = false;
    stepwise.conv[0].kernel = 1;
    double hears = learn_pulses(pulses_spec(), false, 8192);
    double guesses = learn_pulses(deaf, true, 8192);
    double alone = learn_pulses(stepwise, false, 8192);
    if (getenv("FF_TEST_SHOW"))
        printf("recurrent %.3f, each step by itself %.3f, time-averaged %.3f\n",
               hears, alone, guesses);
    assert_true(guesses < 0.6);
    assert_true(alone < 0.6);
    assert_true(hears > 0.87);
}

/* Digits, line by line. */
static struct ff_spec lines_spec(void)
{
    struct ff_spec s = digits_spec();
    s.units[0] = 60;
    s.recurrent[0] = true;
    s.conv[0].pool = 2;
    s.lr = 0.01f;
    return s;
}

void digits_are_learned_line_by_line(void **state)
{
    (void)state;
    struct ff_model *m = new_model(lines_spec());
    learn_digits(m, 0, DIGITS_TRAIN, 32);
    double share = accuracy(m, DIGITS_TRAIN, DIGITS);
    if (getenv("FF_TEST_SHOW"))
        printf("digits by lines: %.3f\n", share);
    assert_true(share > 0.84);
    ff_model_free(m);
}

void recurrent_layers_go_on_bit_for_bit_from_a_snapshot(void **state)
{
    (void)state;
    struct ff_model *m = new_model(lines_spec());
    learn_digits(m, 0, 320, 32);
    struct ff_model *copy = copy_of(m);
    learn_digits(m, 320, 640, 32);
    learn_digits(copy, 320, 640, 32);
    assert_same_state(copy, m);
    ff_model_free(m);
    ff_model_free(copy);
}

void recurrent_layers_learn_without_labels(void **state)
{
    (void)state;
    static const enum ff_objective_kind kinds[] = {
        FF_HYBRID, FF_SELF_CONTRASTIVE, FF_LABEL_PATTERN};
    for (size_t k = 0; k < 3; k++) {
        struct ff_spec s = lines_spec();
        s.objective = kinds[k];
        s.lr = 0;
        struct ff_model *m = new_model(s);
        learn_digits(m, 0, DIGITS_TRAIN, 32);
        if (m->spec.answer == FF_ANSWER_CLOSED_FORM) {
            assert_int_equal(ff_fit_begin(m), 0);
            ff_fit_run(m);
            assert_int_equal(ff_fit_install(m), 0);
        }
        double share = accuracy(m, DIGITS_TRAIN, DIGITS);
        if (getenv("FF_TEST_SHOW"))
            printf("objective %zu by lines: %.3f\n", k, share);
        assert_true(share > 0.6);
        ff_model_free(m);
    }
}

void a_layer_above_cannot_touch_a_recurrent_one_below(void **state)
{
    (void)state;
    struct ff_spec s = lines_spec();
    s.layers = 3;
    s.units[1] = s.units[2] = 10;
    s.recurrent[1] = true;
    struct ff_model *a = new_model(s), *b = new_model(s);
    for (size_t from = 1; from < 3; from++) {
        size_t below = a->layer[from].W;
        for (size_t i = below; i < b->params_n; i++)
            b->params[i] += (float)(i % 7) * 0.5f;
    }
    learn_digits(a, 0, 96, 8);
    learn_digits(b, 0, 96, 8);
    size_t below = a->layer[1].W;
    assert_memory_equal(a->params, b->params, below * sizeof(float));
    assert_memory_equal(a->average, b->average, below * sizeof(float));
    assert_memory_not_equal(a->params + below, b->params + below,
                            (a->params_n - below) * sizeof(float));
    ff_model_free(a);
    ff_model_free(b);
}

/* ---- how loud the state is -------------------------------------------------
 */

/* A layer as it is born: units answer as loudly to late steps as to early. */
void states_neither_die_nor_grow(void **state)
{
    (void)state;
    const struct look look = {"echo", {100, 1, 4}, 64, {.pool = 1, .grid = 1}};
    struct bare n;
    struct ff_rng g;
    bare_init(&n, &look, FRAMES);
    const struct ff_layer *l = &n.l;
    double early = 0, late = 0;
    ff_rng_init(&g, 3);
    l->kind->init(l, n.params, &g);
    memset(n.params + l->b, 0, l->R * sizeof(float));
    memset(n.params + l->mean, 0, l->M * sizeof(float));
    bare_forward(&n);
    for (size_t i = 0; i < FRAMES * l->H; i++) {
        double h = (double)n.t.h[i];
        size_t t = i % l->H / l->R;
        early += t >= 1 && t < 11 ? h * h : 0;
        late += t >= 90 ? h * h : 0;
    }
    assert_near(late / early, 1, 0, 0.3, "late over early");
    bare_release(&n);
}
