/*
 * A day of a tiny model against a second learner in float64, golden.py. Both
 * start from the same sines; the tolerance is what float32 loses on the way.
 */
#include "tests/lib/golden.h"

#include <math.h>
#include <string.h>

#include "tests/lib/support.h"

/* golden.py's frame() and picture(): float64, rounded once. */
static void fill_frame(float *x, size_t i, int D)
{
    int class_ = golden_class[i % GOLDEN_FRAMES];
    for (int d = 0; d < D; d++)
        x[d] = (float)sin(0.9 * (double)i + 1.7 * d * (1 + class_));
}

/* golden.py's initial(). */
static void fill_params(struct ff_model *m, bool groups)
{
    for (size_t l = 0; l < m->L; l++) {
        const struct ff_layer *p = &m->layer[l];
        double shift = (double)l;
        for (size_t i = 0; i < p->R * p->C; i++)
            m->params[p->W + i] =
                (float)(sin(1 + 1.3 * (double)i + 0.7 * shift) * 1.4 /
                        sqrt((double)p->C));
        for (size_t i = 0; i < p->R; i++)
            m->params[p->b + i] = (float)(0.1 * sin(2.1 * (double)i + shift));
        for (size_t i = 0; i < p->N * p->Q && !groups; i++)
            m->params[p->V + i] = (float)(0.3 * cos(0.8 * (double)i + shift));
        for (size_t i = 0; i < p->N && !groups; i++)
            m->params[p->c + i] = (float)(0.2 * cos((double)i));
    }
    memcpy(m->average, m->params, m->params_n * sizeof(float));
}

static struct ff_model *make(const struct golden *g,
                             enum ff_goodness_kind goodness)
{
    struct ff_spec s = tiny_spec();
    s.goodness = goodness;
    s.shape[0] = GOLDEN_D;
    s.classes = GOLDEN_K;
    s.layers = GOLDEN_L;
    s.units[0] = s.units[1] = GOLDEN_H;
    s.memory = 0;
    s.normalise = FF_NORMALISE_LENGTH;
    s.lr = g->lr;
    s.vlr = g->vlr;
    s.margin = g->margin;
    s.theta = GOLDEN_THETA;
    s.temperature = g->temperature;
    s.peer = g->peer;
    s.average = GOLDEN_AVERAGE;
    s.recent = GOLDEN_RECENT;
    struct ff_model *m = new_model(s);
    assert_int_equal(m->params_n, GOLDEN_PARAMS);
    fill_params(m, goodness == FF_GOODNESS_GROUPS);
    return m;
}

static void learn(struct ff_model *m, const struct golden *g)
{
    for (size_t b = 0, at = 0; b < GOLDEN_BATCHES; at += golden_batch[b++]) {
        float x[GOLDEN_FRAMES][GOLDEN_D];
        const void *rows[GOLDEN_FRAMES];
        struct ff_learned out;
        for (size_t i = 0; i < golden_batch[b]; i++) {
            fill_frame(x[i], at + i, GOLDEN_D);
            rows[i] = x[i];
        }
        assert_int_equal(
            ff_learn(m, rows, golden_class + at, NULL, golden_batch[b], &out),
            0);
        assert_int_equal(out.right, g->right[b]);
    }
}

static void check_params(const float *found, const double *golden,
                         const char *what)
{
    for (size_t i = 0; i < GOLDEN_PARAMS; i++)
        assert_near((double)found[i], golden[i], 1e-4, 1e-5, what);
}

static void check_answers(const struct ff_model *m, const struct ff_view *v,
                          const struct golden *g)
{
    struct ff_scratch *s;
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    for (size_t i = 0; i < GOLDEN_PROBES; i++) {
        float x[GOLDEN_D], scores[GOLDEN_K], goodness[GOLDEN_L], novelty;
        int label;
        const void *row = x;
        struct ff_answers out = {.label = &label,
                                 .novelty = &novelty,
                                 .scores = scores,
                                 .goodness = goodness};
        fill_frame(x, 100 + i, GOLDEN_D);
        assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
        assert_int_equal(label, g->label[i]);
        assert_true(isnan(novelty)); /* no dream was ever taught */
        for (size_t k = 0; k < GOLDEN_K; k++)
            assert_near((double)scores[k], g->scores[i * GOLDEN_K + k], 1e-4,
                        1e-5, "score");
        for (size_t l = 0; l < GOLDEN_L; l++)
            assert_near((double)goodness[l], g->goodness[i * GOLDEN_L + l],
                        1e-4, 1e-5, "goodness");
    }
    ff_scratch_free(s);
}

static void check(const struct golden *g, enum ff_goodness_kind goodness)
{
    struct ff_model *m = make(g, goodness);
    learn(m, g);
    check_params(m->params, g->params, "weight");
    assert_int_equal(ff_publish(m), 0);
    const struct ff_view *v = ff_view_acquire(m);
    check_params(v->params, g->average, "averaged weight");
    check_answers(m, v, g);
    ff_view_release(v);
    ff_model_free(m);
}

void weighted_learns_like_the_reference(void **state)
{
    (void)state;
    check(&golden_weighted, FF_GOODNESS_WEIGHTED);
}

void groups_learn_like_the_reference(void **state)
{
    (void)state;
    check(&golden_groups, FF_GOODNESS_GROUPS);
}

/* ---- a stack that convolves ------------------------------------------------
 */

#define VALUES_MAX 256

static size_t values(const struct golden_stack *g)
{
    size_t n = (size_t)g->shape[0] * g->shape[1] * g->shape[2];
    assert_true(n <= VALUES_MAX);
    return n;
}

static struct ff_model *make_stack(const struct golden_stack *g)
{
    struct ff_spec s = tiny_spec();
    for (int i = 0; i < 3; i++)
        s.shape[i] = g->shape[i];
    s.image = true;
    s.classes = GOLDEN_K;
    s.layers = g->layers;
    for (size_t l = 0; l < s.layers; l++) {
        const unsigned *look = g->look[l];
        s.conv[l] = (struct ff_conv_spec){.kernel = look[0],
                                          .stride = look[1],
                                          .pad = look[2],
                                          .pool = look[3],
                                          .groups = look[4],
                                          .grid = look[5]};
        s.units[l] = look[6];
        s.recurrent[l] = look[0] == 0 && look[3] > 0;
    }
    s.memory = 0;
    s.lr = g->lr;
    s.vlr = g->vlr;
    s.margin = g->margin;
    s.peer = g->peer;
    s.average = GOLDEN_AVERAGE;
    s.recent = GOLDEN_RECENT;
    struct ff_model *m = new_model(s);
    assert_int_equal(m->params_n, g->params_n);
    fill_params(m, false);
    return m;
}

static void learn_pictures(struct ff_model *m, const struct golden_stack *g)
{
    size_t n = values(g);
    for (size_t b = 0, at = 0; b < GOLDEN_STACK_BATCHES;
         at += golden_batch[b++]) {
        float x[8][VALUES_MAX];
        const void *rows[8];
        struct ff_learned out;
        for (size_t i = 0; i < golden_batch[b]; i++) {
            fill_frame(x[i], at + i, (int)n);
            rows[i] = x[i];
        }
        assert_int_equal(
            ff_learn(m, rows, golden_class + at, NULL, golden_batch[b], &out),
            0);
        assert_int_equal(out.right, g->right[b]);
    }
}

static void check_stack_params(const struct golden_stack *g, const float *found,
                               const double *golden, const char *what)
{
    for (size_t i = 0; i < g->params_n; i++)
        assert_near((double)found[i], golden[i], 1e-4, 1e-5, what);
}

static void check_picture(const struct ff_view *v, struct ff_scratch *s,
                          const struct golden_stack *g, size_t i)
{
    float x[VALUES_MAX], scores[GOLDEN_K], goodness[GOLDEN_STACK_L];
    int label;
    const void *row = x;
    struct ff_answers out = {
        .label = &label, .scores = scores, .goodness = goodness};
    fill_frame(x, 100 + i, (int)values(g));
    assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
    assert_int_equal(label, g->label[i]);
    for (size_t k = 0; k < GOLDEN_K; k++)
        assert_near((double)scores[k], g->scores[i * GOLDEN_K + k], 1e-4, 1e-5,
                    "score");
    for (size_t l = 0; l < g->layers; l++)
        assert_near((double)goodness[l], g->goodness[i * g->layers + l], 1e-4,
                    1e-5, "goodness");
}

static void check_stack(const struct golden_stack *g)
{
    struct ff_model *m = make_stack(g);
    struct ff_scratch *s;
    learn_pictures(m, g);
    check_stack_params(g, m->params, g->params, "weight");
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    check_stack_params(g, v->params, g->average, "averaged weight");
    for (size_t i = 0; i < GOLDEN_PROBES; i++)
        check_picture(v, s, g, i);
    ff_view_release(v);
    ff_scratch_free(s);
    ff_model_free(m);
}

void convolutions_learn_like_the_reference(void **state)
{
    (void)state;
    check_stack(&golden_conv);
}

void windows_over_time_learn_like_the_reference(void **state)
{
    (void)state;
    check_stack(&golden_time);
}

void recurrent_layers_learn_like_the_reference(void **state)
{
    (void)state;
    check_stack(&golden_recurrent);
}

/* ---- layers that settle ----------------------------------------------------
 */

static struct ff_model *make_top_down(void)
{
    struct ff_spec s = tiny_spec();
    s.objective = FF_TOP_DOWN;
    s.answer = FF_ANSWER_GOODNESS;
    s.loss = FF_LOSS_SOFTPLUS;
    s.shape[0] = GOLDEN_D;
    s.classes = GOLDEN_TOP_K;
    s.layers = GOLDEN_TOP_L;
    for (size_t l = 0; l < s.layers; l++)
        s.units[l] = golden_top_units[l];
    s.memory = 0;
    s.average = 0;
    s.lr = golden_top.lr;
    s.margin = golden_top.margin;
    s.peer = golden_top.peer;
    s.theta = golden_top.theta;
    struct ff_model *m = new_model(s);
    fill_params(m, true);
    return m;
}

static void learn_settling(struct ff_model *m)
{
    for (size_t b = 0, at = 0; b < GOLDEN_TOP_BATCHES;
         at += golden_top_batch[b++]) {
        float x[8][GOLDEN_D];
        const void *rows[8];
        int classes[8];
        struct ff_learned out;
        for (size_t i = 0; i < golden_top_batch[b]; i++) {
            fill_frame(x[i], at + i, GOLDEN_D);
            rows[i] = x[i];
            classes[i] = golden_class[at + i] % GOLDEN_TOP_K;
        }
        assert_int_equal(
            ff_learn(m, rows, classes, NULL, golden_top_batch[b], &out), 0);
    }
}

static void check_settled(const struct ff_model *m)
{
    const double *golden = golden_top.params;
    for (size_t l = 0; l < m->L; l++) {
        const struct ff_layer *p = &m->layer[l];
        const struct {
            size_t at, n;
        } parts[] = {{p->W, p->R * p->C}, {p->b, p->R}, {p->mean, p->M}};
        for (size_t k = 0; k < 3; k++)
            for (size_t i = 0; i < parts[k].n; i++)
                assert_near((double)m->params[parts[k].at + i], *golden++, 1e-4,
                            1e-5, "weight");
    }
    assert_int_equal(golden - golden_top.params, GOLDEN_TOP_PARAMS);
}

static void check_tried(const struct ff_view *v, struct ff_scratch *s, size_t i)
{
    enum { EACH = GOLDEN_TOP_L * GOLDEN_TOP_K };
    float x[GOLDEN_D], goodness[EACH];
    int label;
    const void *row = x;
    struct ff_answers out = {.label = &label, .class_goodness = goodness};
    fill_frame(x, 100 + i, GOLDEN_D);
    assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
    double best[GOLDEN_TOP_K] = {0};
    for (size_t j = 0; j < EACH; j++) {
        double golden = golden_top.goodness[i * EACH + j];
        assert_near((double)goodness[j], golden, 1e-4, 1e-5, "goodness");
        best[j % GOLDEN_TOP_K] += golden;
    }
    assert_int_equal(label, best[1] > best[0]);
}

void layers_settle_and_learn_like_the_reference(void **state)
{
    (void)state;
    struct ff_model *m = make_top_down();
    struct ff_scratch *s;
    learn_settling(m);
    check_settled(m);
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = 0; i < GOLDEN_PROBES; i++)
        check_tried(v, s, i);
    ff_view_release(v);
    ff_scratch_free(s);
    ff_model_free(m);
}
