/* What each objective teaches, and that all live by the same laws. */
#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/label_overlay.h"
#include "lib/mat.h"
#include "lib/paired.h"
#include "tests/lib/support.h"

#define EPS 2e-3f

static struct ff_spec spec_of(enum ff_objective_kind kind)
{
    struct ff_spec s = tiny_spec();
    s.objective = kind;
    s.memory = 64;
    s.peer = 0;
    return s;
}

static const enum ff_objective_kind all[] = {
    FF_COMPETITIVE,      FF_LABEL_OVERLAY, FF_HYBRID,
    FF_SELF_CONTRASTIVE, FF_LABEL_PATTERN, FF_TOP_DOWN};

/* A picture, of 1 x 6 where it is to have waves. */
static struct ff_spec conv_spec_of(enum ff_objective_kind kind)
{
    struct ff_spec s = conv_tiny_spec();
    s.objective = kind;
    s.memory = 64;
    s.peer = 0;
    if (kind == FF_LABEL_PATTERN) {
        s.shape[0] = 1;
        s.shape[1] = TINY_INPUTS;
    }
    return s;
}

/* Every objective, then those that have something of their own in
   convolutions. */
#define SPECS 8

static struct ff_spec spec_at(int i)
{
    if (i >= 6)
        return conv_spec_of(i == 6 ? FF_LABEL_PATTERN : FF_SELF_CONTRASTIVE);
    struct ff_spec s = spec_of(all[i]);
    if (all[i] == FF_LABEL_PATTERN) {
        s.image = true;
        s.shape[0] = 1;
        s.shape[1] = TINY_INPUTS;
    }
    return s;
}

/* ---- the gradient ---------------------------------------------------------
 */

/* Rows of noise, paired, through a model's net; the loss of all pairs in one
   layer. */
static double pair_loss(struct ff_model *m, const float *x, size_t rows,
                        size_t l)
{
    struct ff_work *w = &m->work;
    struct ff_loss loss = ff_paired_loss(&m->spec);
    double sum = 0;
    memcpy(w->pass.x, x, rows * m->layer[0].D * sizeof *x);
    w->pass.pairs = m->objective->judges_sums ? rows / 2 : 0;
    ff_pass_forward(m, &w->pass, m->params, rows);
    const float *G = w->pass.layer[l].G;
    for (size_t i = 0; i < rows / 2; i++) {
        float d[2];
        sum += (double)ff_loss_pair(&loss, G[i], G[rows / 2 + i], d);
    }
    return sum;
}

static void check_pair_gradient(struct ff_spec s, enum ff_loss_kind loss)
{
    s.loss = loss;
    s.theta = 0.7f;
    struct ff_model *m = new_model(s);
    struct ff_work *w = &m->work;
    const size_t rows = 6, l = 0, D = m->layer[0].D, H = m->layer[0].H;
    float x[6 * 16], dz[6 * 8];
    struct ff_rng g;
    ff_rng_init(&g, 3);
    for (size_t i = 0; i < rows * D; i++)
        x[i] = ff_rng_normal(&g);
    pair_loss(m, x, rows, l);
    for (size_t i = 0; i < rows; i++)
        w->role[i] = i < rows / 2 ? FF_ROLE_REAL : FF_ROLE_CONFUSION;
    w->pairs = rows / 2;
    m->objective->gradients(m, l, rows);
    ff_mat_nn(dz, w->dG[l], m->params + m->layer[l].V, rows, H, 1);
    m->layer[l].kind->gate(&m->layer[l], dz, dz, w->pass.layer[l].h, rows);
    if (m->objective->judges_sums)
        ff_goodness_unpair(dz, rows / 2, H);
    float u[6 * 16];
    memcpy(u, w->pass.layer[l].u, rows * D * sizeof *u);
    for (size_t j = 0; j < H; j++)
        for (size_t d = 0; d < D; d++) {
            float *W = m->params + m->layer[l].W + j * D + d, kept = *W;
            double found = 0;
            for (size_t i = 0; i < rows; i++)
                found += (double)dz[i * H + j] * (double)u[i * D + d];
            *W = kept + EPS;
            double above = pair_loss(m, x, rows, l);
            *W = kept - EPS;
            double below = pair_loss(m, x, rows, l);
            *W = kept;
            assert_near((above - below) / (2 * (double)EPS), found, 1e-2, 2e-3,
                        "W");
        }
    ff_model_free(m);
}

void gradient_of_pairs_is_that_of_the_whole_path(void **state)
{
    (void)state;
    for (int i = 1; i < 5; i++) {
        check_pair_gradient(spec_at(i), FF_LOSS_SYMMETRIC);
        check_pair_gradient(spec_at(i), FF_LOSS_SOFTPLUS);
    }
}

void a_negative_alone_is_pushed_down_and_a_positive_alone_up(void **state)
{
    (void)state;
    struct ff_model *m = new_model(spec_of(FF_HYBRID));
    struct ff_work *w = &m->work;
    for (size_t i = 0; i < 4; i++)
        w->pass.G[i] = m->spec.theta;
    const enum ff_role roles[] = {FF_ROLE_REAL, FF_ROLE_NONE, FF_ROLE_NONE,
                                  FF_ROLE_DREAM};
    memcpy(w->role, roles, sizeof roles);
    w->pairs = 2;
    m->objective->gradients(m, 0, 4);
    assert_true(w->dG[0][0] < 0 && w->dG[0][1] == 0 && w->dG[0][2] == 0 &&
                w->dG[0][3] > 0);
    w->pairs = 0; /* the same without a pair among them */
    m->objective->gradients(m, 0, 4);
    assert_true(w->dG[0][0] < 0 && w->dG[0][1] == 0 && w->dG[0][2] == 0 &&
                w->dG[0][3] > 0);
    ff_model_free(m);
}

/* ---- label_overlay --------------------------------------------------------
 */

/* The goodness of one frame under one label, the long way. */
static double goodness_under(struct ff_model *m, const float *params,
                             const float *frame, int class_, size_t l)
{
    struct ff_pass *p = &m->work.pass;
    memcpy(p->x + m->K, frame, m->D * sizeof *frame);
    ff_label_write(p->x, m->K, m->D, class_);
    p->pairs = 0;
    ff_pass_forward(m, p, params, 1);
    return (double)*p->layer[l].G;
}

static void check_shared_product(enum ff_normalise_kind normalise, float size)
{
    struct ff_spec s = spec_of(FF_LABEL_OVERLAY);
    s.normalise = normalise;
    struct ff_model *m = new_model(s);
    live_tiny(m, 0, 96);
    float frames[3][TINY_INPUTS], logits[3 * TINY_CLASSES],
        goodness[3 * 2 * TINY_CLASSES];
    const uint8_t live[TINY_CLASSES] = {1, 1, 0, 1};
    struct ff_pass *p = &m->work.pass;
    for (size_t i = 0; i < 3; i++) {
        tiny_frame(frames[i], 100 + i);
        for (size_t d = 0; d < TINY_INPUTS; d++)
            frames[i][d] *= size;
        ff_model_enter(m, p->x + i * m->layer[0].D, frames[i]);
    }
    p->pairs = 0;
    ff_pass_forward(m, p, m->params, 3);
    m->objective->answer(m, p, m->params, live, 3, logits, goodness);
    for (size_t i = 0; i < 3; i++)
        for (int k = 0; k < TINY_CLASSES; k++)
            for (size_t l = 0; l < m->L && live[k]; l++)
                assert_near((double)goodness[(i * m->L + l) * m->K + (size_t)k],
                            goodness_under(m, m->params, frames[i], k, l), 1e-4,
                            1e-5, "goodness under a label");
    ff_model_free(m);
}

void labels_share_a_product_and_are_judged_as_if_alone(void **state)
{
    (void)state;
    /* However long the frame is. */
    const float sizes[] = {1, 1e3f, 1e9f, 1e17f};
    for (size_t i = 0; i < 4; i++) {
        check_shared_product(FF_NORMALISE_LENGTH, sizes[i]);
        check_shared_product(FF_NORMALISE_CENTRED, sizes[i]);
    }
}

/* A pass for each label is much for what a read-out answers anyway. */
void layers_are_not_asked_what_nobody_wants_to_know(void **state)
{
    (void)state;
    struct ff_spec s = spec_of(FF_LABEL_OVERLAY);
    s.answer = FF_ANSWER_SOFTMAX;
    struct ff_model *m = new_model(s);
    live_tiny(m, 0, 64);
    float *goodness = m->work.opinion.goodness;
    goodness[0] = 77;
    live_tiny(m, 64, 128);
    assert_true(goodness[0] == 77);
    ff_model_free(m);
}

void a_label_is_heard_beside_great_numbers_and_small_ones(void **state)
{
    (void)state;
    struct ff_spec s = spec_of(FF_LABEL_OVERLAY);
    const float scale[] = {1e-2f, 1, 1e4f};
    double g[3][2];
    for (int i = 0; i < 3; i++) {
        struct ff_model *m = new_model(s);
        float frame[TINY_INPUTS];
        tiny_frame(frame, 3);
        for (size_t d = 0; d < TINY_INPUTS; d++)
            frame[d] *= scale[i];
        for (int k = 0; k < 2; k++)
            g[i][k] = goodness_under(m, m->params, frame, k, 0);
        ff_model_free(m);
    }
    assert_true(fabs(g[1][0] - g[1][1]) > 0.01 * g[1][0]);
    for (int i = 0; i < 3; i += 2)
        for (int k = 0; k < 2; k++)
            assert_near(g[i][k], g[1][k], 1e-3, 0, "goodness");
}

void a_wrong_label_is_never_the_right_one(void **state)
{
    (void)state;
    struct ff_model *m = new_model(spec_of(FF_LABEL_OVERLAY));
    struct ff_work *w = &m->work;
    live_tiny(m, 0, 64);
    for (size_t i = 64; i < 96; i += 8) {
        /* Fresh negatives: row n + i is frame i again. */
        learn_tiny(m, i, i + 8, 8);
        for (size_t j = 0; j < 8; j++) {
            assert_int_equal(w->role[8 + j], FF_ROLE_CONFUSION);
            assert_true(w->class_[8 + j] >= 0);
            assert_int_not_equal(w->class_[8 + j], w->label[j]);
        }
    }
    ff_model_free(m);
}

void what_sleep_makes_is_paired_with_the_day(void **state)
{
    (void)state;
    for (int i = 1; i < 3; i++) { /* label_overlay, hybrid */
        struct ff_spec s = spec_of(all[i]);
        s.negatives = FF_NEGATIVES_BANKED;
        struct ff_model *m = new_model(s);
        learn_tiny(m, 0, 16, 8);
        assert_true(m->tally->banked == 0 && m->tally->unbanked == 0);
        struct ff_slept slept = sleep_out(m, 1);
        assert_int_equal(m->tally->banked, slept.replayed);
        learn_tiny(m, 16, 24, 8);
        assert_int_equal(m->tally->unbanked, 8);
        ff_model_free(m);
    }
}

/* ---- self_contrastive -----------------------------------------------------
 */

void a_frame_is_judged_with_itself_and_with_its_partner(void **state)
{
    (void)state;
    const float a[8] = {1, -2, 3, 0.5f, /* partners */ 4, 1, -5, 0.25f};
    const float want[8] = {2, -4, 6, 1, 5, -1, -2, 0.75f};
    float z[8], d[8] = {1, 2, 3, 4, 10, 20, 30, 40};
    const float back[8] = {12, 24, 36, 48, 10, 20, 30, 40};
    ff_goodness_pair(z, a, 2, 2);
    assert_memory_equal(z, want, sizeof want);
    ff_goodness_unpair(d, 2, 2);
    assert_memory_equal(d, back, sizeof back);
}

/* ---- laws for all ----------------------------------------------------------
 */

static void check_perturbed(struct ff_spec s, size_t from)
{
    struct ff_model *a = new_model(s), *b = new_model(s);
    size_t below = a->layer[from].W;
    for (size_t j = below; j < a->layer[from].V; j++)
        b->params[j] += (float)(j % 7) - 3;
    live_tiny(a, 0, 96);
    live_tiny(b, 0, 96);
    assert_memory_equal(a->params, b->params, below * sizeof(float));
    assert_memory_equal(a->average, b->average, below * sizeof(float));
    assert_memory_not_equal(a->params + below, b->params + below,
                            (a->params_n - below) * sizeof(float));
    assert_true(a->count->step > 8);
    ff_model_free(a);
    ff_model_free(b);
}

void no_objective_lets_a_layer_above_touch_one_below(void **state)
{
    (void)state;
    for (int i = 1; i < SPECS; i++) {
        struct ff_spec s = spec_at(i);
        if (s.objective == FF_TOP_DOWN) /* it sees what is above */
            continue;
        bool labelled =
            s.objective == FF_LABEL_OVERLAY || s.objective == FF_LABEL_PATTERN;
        /* Who draws negatives by belief draws by all layers; not so here. */
        s.awake = labelled ? FF_AWAKE_POSITIVE_ONLY : FF_AWAKE_PAIRED;
        s.sleep.every = s.sleep.exhausted = labelled ? 0 : 16;
        for (size_t from = 1; from < s.layers; from++)
            check_perturbed(s, from);
    }
}

void every_objective_goes_on_bit_for_bit_from_a_snapshot(void **state)
{
    (void)state;
    for (int i = 0; i < SPECS; i++)
        for (int answer = FF_ANSWER_AUTO; answer <= FF_ANSWER_SOFTMAX;
             answer++) {
            struct ff_spec s = spec_at(i);
            s.answer = (enum ff_answer_kind)answer;
            s.calibration = 40;
            if (answer == FF_ANSWER_GOODNESS &&
                (s.objective == FF_HYBRID ||
                 s.objective == FF_SELF_CONTRASTIVE))
                continue;
            struct ff_model *a = new_model(s);
            live_tiny(a, 0, 128);
            assert_int_equal(ff_fit_begin(a), 0);
            ff_fit_run(a);
            assert_int_equal(ff_fit_install(a), 0);
            live_tiny(a, 128, 160);
            struct ff_model *b = copy_of(a);
            assert_same_state(a, b);
            live_tiny(a, 160, 224);
            live_tiny(b, 160, 224);
            assert_same_state(a, b);
            ff_model_free(a);
            ff_model_free(b);
        }
}

void every_objective_refuses_what_is_no_number_and_stays(void **state)
{
    (void)state;
    for (int i = 0; i < SPECS; i++) {
        struct ff_model *a = new_model(spec_at(i));
        live_tiny(a, 0, 64);
        struct ff_model *b = copy_of(a);
        float x[2][TINY_INPUTS] = {{1, 2, 3, 4, 5, 6}, {1, 2, NAN, 4, 5, 6}};
        const void *rows[2] = {x[0], x[1]};
        const int classes[2] = {0, 1};
        struct ff_learned out;
        assert_int_equal(ff_learn(a, rows, classes, NULL, 2, &out), FF_EFINITE);
        assert_same_state(a, b);
        ff_model_free(a);
        ff_model_free(b);
    }
}

void digits_are_learned_by_overlaid_labels(void **state)
{
    (void)state;
    struct ff_spec s = digits_spec();
    s.objective = FF_LABEL_OVERLAY;
    s.lr = 0;   /* as it is chosen */
    s.peer = 0; /* there are 1,437 frames; it would be most of the step */
    s.answer = FF_ANSWER_GOODNESS; /* slow to come; chance would be 0.1 */
    assert_true(learned_digits(s) > 0.20);
    s.answer = FF_ANSWER_SOFTMAX; /* one pass with the neutral label */
    assert_true(learned_digits(s) > 0.78);
}

void digits_are_read_out_of_what_was_learned_without_labels(void **state)
{
    (void)state;
    for (int i = 2; i < 4; i++) {
        struct ff_spec s = digits_spec();
        s.objective = all[i];
        s.lr = 0.005f;
        s.memory = 1437;
        assert_true(learned_digits(s) > 0.88);
        s.answer = FF_ANSWER_SOFTMAX;
        assert_true(learned_digits(s) > 0.80);
    }
}
