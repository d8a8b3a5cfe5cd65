/* The row rule and Adam against naive forms in double precision. */
#include <math.h>
#include <string.h>

#include "lib/mat.h"
#include "lib/vec.h"
#include "tests/lib/support.h"

#define ROWS    ((size_t)3)
#define COLUMNS ((size_t)4)
#define PER     0.9997
#define UPDATES 6

struct bench {
    struct ff_arena arena;
    struct ff_rule rule;
    float w[ROWS * COLUMNS];
    double naive[ROWS * COLUMNS];
};

static void init(struct bench *b, enum ff_update_kind kind, bool eager)
{
    *b = (struct bench){0};
    for (int turn = 0; turn < 2; turn++) {
        if (eager)
            ff_rule_carve_eager(&b->rule, &b->arena, kind, ROWS, COLUMNS);
        else
            ff_rule_carve(&b->rule, &b->arena, kind, ROWS, COLUMNS);
        if (turn == 0)
            assert_int_equal(ff_arena_init(&b->arena), 0);
    }
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        b->naive[i] = (double)(b->w[i] = sinf((float)i));
}

/* Gradient of update t; rows differ in size by a factor of 100. */
static void set_gradient(struct bench *b, int t)
{
    const float size[ROWS] = {1, 0.01f, 10};
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        b->rule.g[i] =
            size[i / COLUMNS] * cosf((float)(t * 5) + 1.7f * (float)i);
}

static void check(const struct bench *b)
{
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        assert_near((double)b->w[i], b->naive[i], 1e-4, 1e-5, "weight");
}

void verdicts_step_by_the_gradient_over_its_running_size(void **state)
{
    (void)state;
    struct bench b;
    init(&b, FF_UPDATE_ROW, true);
    double r[ROWS] = {0};
    const double n[UPDATES] = {32, 1, 8, 32, 5, 32}; /* frames of each */
    for (int t = 0; t < UPDATES; t++) {
        set_gradient(&b, t);
        double decay = pow(PER, n[t]);
        for (size_t k = 0; k < ROWS; k++) {
            double mean = 0;
            for (size_t i = k * COLUMNS; i < (k + 1) * COLUMNS; i++)
                mean += (double)b.rule.g[i] * (double)b.rule.g[i] / COLUMNS;
            r[k] = decay * r[k] + (1 - decay) * mean;
            for (size_t i = k * COLUMNS; i < (k + 1) * COLUMNS; i++)
                b.naive[i] -= 0.01 * (double)b.rule.g[i] / sqrt(r[k]);
        }
        ff_rule_apply(&b.rule, b.w, 0.01f, (float)decay, NULL);
    }
    check(&b);
    ff_arena_release(&b.arena);
}

void running_squares_of_weights_are_corrected_for_their_age(void **state)
{
    (void)state;
    struct bench b;
    init(&b, FF_UPDATE_ROW, false);
    double r[ROWS] = {0}, frames = 0;
    const double n[UPDATES] = {32, 1, 8, 32, 5, 32}; /* frames of each */
    for (int t = 0; t < UPDATES; t++) {
        double decay = pow(PER, n[t]);
        frames += n[t];
        for (size_t k = 0; k < ROWS; k++) {
            double mean = (double)(k + 1) * (1 + sin(t));
            r[k] = decay * r[k] + (1 - decay) * mean;
            b.rule.scale[k] = (float)mean;
        }
        ff_rule_scale(&b.rule, (float)decay, NULL);
        for (size_t k = 0; k < ROWS; k++)
            assert_near((double)b.rule.scale[k],
                        1 / sqrt(r[k] / (1 - pow(PER, frames))), 1e-3, 0,
                        "scale");
    }
    ff_arena_release(&b.arena);
}

void adam_is_that_of_its_paper(void **state)
{
    (void)state;
    struct bench b;
    init(&b, FF_UPDATE_ADAM, false);
    double m[ROWS * COLUMNS] = {0}, v[ROWS * COLUMNS] = {0};
    for (int t = 1; t <= UPDATES; t++) {
        set_gradient(&b, t);
        for (size_t i = 0; i < ROWS * COLUMNS; i++) {
            double g = (double)b.rule.g[i];
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.999 * v[i] + 0.001 * g * g;
            b.naive[i] -= 0.01 * (m[i] / (1 - pow(0.9, t))) /
                          (sqrt(v[i] / (1 - pow(0.999, t))) + 1e-8);
        }
        ff_rule_apply(&b.rule, b.w, 0.01f, 0, NULL);
    }
    check(&b);
    ff_arena_release(&b.arena);
}

void a_row_that_is_not_live_keeps_its_place_and_its_r(void **state)
{
    (void)state;
    const uint8_t live[ROWS] = {1, 0, 1};
    struct bench b, before;
    init(&b, FF_UPDATE_ROW, true);
    set_gradient(&b, 0);
    ff_rule_apply(&b.rule, b.w, 0.01f, 0.99f, NULL);
    before = b;
    float r = b.rule.r[1], r0 = b.rule.r[0];
    set_gradient(&b, 1);
    ff_rule_apply(&b.rule, b.w, 0.01f, 0.99f, live);
    assert_memory_equal(b.w + COLUMNS, before.w + COLUMNS,
                        COLUMNS * sizeof(float));
    assert_true(b.rule.r[1] == r);
    assert_memory_not_equal(b.w, before.w, COLUMNS * sizeof(float));
    assert_true(b.rule.r[0] != r0);
    ff_arena_release(&b.arena);
}

void running_squares_forget_by_the_frame(void **state)
{
    (void)state;
    struct bench once, often;
    init(&once, FF_UPDATE_ROW, false);
    init(&often, FF_UPDATE_ROW, false);
    for (int t = 0; t < 3; t++) {
        for (size_t k = 0; k < ROWS; k++)
            once.rule.scale[k] = (float)(k + 1 + (size_t)t);
        ff_rule_scale(&once.rule, powf((float)PER, 32), NULL);
        for (int i = 0; i < 32; i++) {
            for (size_t k = 0; k < ROWS; k++)
                often.rule.scale[k] = (float)(k + 1 + (size_t)t);
            ff_rule_scale(&often.rule, (float)PER, NULL);
        }
    }
    for (size_t k = 0; k < ROWS; k++) {
        assert_near((double)once.rule.r[k], (double)often.rule.r[k], 1e-3, 0,
                    "r");
        assert_near((double)once.rule.scale[k], (double)often.rule.scale[k],
                    1e-3, 0, "scale");
    }
    assert_near((double)*once.rule.seen, (double)*often.rule.seen, 1e-3, 0,
                "seen");
    ff_arena_release(&once.arena);
    ff_arena_release(&often.arena);
}

#define FRAMES ((size_t)6)
#define INPUTS ((size_t)5)
#define UNITS  ((size_t)4)

struct lone {
    struct ff_arena arena;
    struct ff_layer l;
    float params[UNITS * INPUTS + UNITS];
};

static void init_lone(struct lone *o)
{
    ff_mat_init();
    *o = (struct lone){.l = {.kind = &ff_dense,
                             .D = INPUTS,
                             .H = UNITS,
                             .Q = UNITS,
                             .R = UNITS,
                             .C = INPUTS,
                             .b = UNITS * INPUTS}};
    for (int turn = 0; turn < 2; turn++) {
        ff_rule_carve(&o->l.W_rule, &o->arena, FF_UPDATE_ROW, UNITS, INPUTS);
        o->l.activity = ff_arena_take(&o->arena, UNITS, sizeof(float));
        if (turn == 0)
            assert_int_equal(ff_arena_init(&o->arena), 0);
    }
    for (size_t i = 0; i < UNITS * INPUTS + UNITS; i++)
        o->params[i] = sinf((float)(i * i));
}

/* Rows 0 and 3 taught nothing: their dz is 0. */
static void fill(float *u, float *h, float *dz)
{
    for (size_t i = 0; i < FRAMES * INPUTS; i++)
        u[i] = cosf((float)(3 * i));
    for (size_t i = 0; i < FRAMES * UNITS; i++) {
        h[i] = fabsf(sinf((float)(7 * i)));
        dz[i] = i / UNITS == 0 || i / UNITS == 3 ? 0 : sinf((float)(5 * i));
    }
}

void gathered_rows_teach_what_all_rows_would(void **state)
{
    (void)state;
    struct lone all, few;
    float u[FRAMES * INPUTS], h[FRAMES * UNITS], dz[FRAMES * UNITS];
    struct ff_lesson lesson = {.B = FRAMES,
                               .step = {.W = 0.1f, .decay = 0.99f}};
    const struct ff_trace trace = {.u = u, .h = h};
    init_lone(&all);
    init_lone(&few);
    for (int t = 0; t < 3; t++) {
        fill(u, h, dz);
        all.l.kind->update(&all.l, all.params, &trace, dz, FRAMES, &lesson);
        fill(u, h, dz);
        size_t kept = 0;
        for (size_t i = 0; i < FRAMES; i++) {
            if (i == 0 || i == 3)
                continue;
            memmove(u + kept * INPUTS, u + i * INPUTS, INPUTS * sizeof *u);
            memmove(h + kept * UNITS, h + i * UNITS, UNITS * sizeof *h);
            memmove(dz + kept * UNITS, dz + i * UNITS, UNITS * sizeof *dz);
            kept++;
        }
        few.l.kind->update(&few.l, few.params, &trace, dz, kept, &lesson);
    }
    for (size_t i = 0; i < UNITS * INPUTS + UNITS; i++)
        assert_near((double)few.params[i], (double)all.params[i], 1e-5, 1e-6,
                    "weight");
    ff_arena_release(&all.arena);
    ff_arena_release(&few.arena);
}

/* Mean over frames 0..n of the tiny stream, each at length sqrt(D). */
static void mean_direction(double *mean, size_t n)
{
    memset(mean, 0, TINY_INPUTS * sizeof *mean);
    for (size_t i = 0; i < n; i++) {
        float x[TINY_INPUTS], u[TINY_INPUTS];
        tiny_frame(x, i);
        ff_vec_normalise(u, x, 1, TINY_INPUTS);
        for (size_t j = 0; j < TINY_INPUTS; j++)
            mean[j] += (double)u[j] / (double)n;
    }
}

void a_centred_layer_takes_off_the_mean_of_its_input(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.normalise = FF_NORMALISE_CENTRED;
    s.margin = 0;
    struct ff_model *m = new_model(s);
    learn_tiny(m, 0, 800, 8); /* all weigh about the same: .9997^800 = .79 */
    const float *mean = m->params + m->layer[0].mean;
    double want[TINY_INPUTS];
    mean_direction(want, 800);
    for (size_t j = 0; j < TINY_INPUTS; j++)
        assert_near((double)mean[j], want[j], 0, 0.05, "mean");

    float x[TINY_INPUTS], u[TINY_INPUTS], with[TINY_INPUTS], a[8];
    tiny_frame(x, 0);
    ff_vec_normalise(u, x, 1, TINY_INPUTS);
    const struct ff_trace t = {.u = with, .a = a};
    m->layer[0].kind->forward(&m->layer[0], m->params, x, 1, &t);
    for (size_t j = 0; j < TINY_INPUTS; j++)
        assert_true(with[j] == u[j] - mean[j]);
    ff_model_free(m);
}

void what_does_not_surprise_moves_nothing(void **state)
{
    (void)state;
    for (int kind = FF_GOODNESS_WEIGHTED; kind <= FF_GOODNESS_GROUPS; kind++) {
        struct ff_spec s = tiny_spec();
        s.goodness = (enum ff_goodness_kind)kind;
        s.margin = 0;
        struct ff_model *m = new_model(s);
        learn_tiny(m, 0, 32, 8);
        s.margin = 10; /* no derivative is as great */
        char why[FF_WHY_MAX];
        assert_int_equal(ff_spec_check(&s, why), 0);
        assert_int_equal(ff_model_tune(m, &s), 0);
        struct ff_model *before = copy_of(m);
        learn_tiny(m, 32, 96, 8);
        assert_memory_equal(m->params, before->params,
                            m->params_n * sizeof(float));
        assert_memory_equal(m->layer[0].W_rule.r, before->layer[0].W_rule.r,
                            m->layer[0].H * sizeof(float));
        assert_int_equal(m->count->step, before->count->step + 8);
        struct ff_stats stats;
        ff_model_stats(m, &stats);
        assert_true(stats.layer[0].skipped > 0.05f);
        ff_model_free(before);
        ff_model_free(m);
    }
}
