/* Places of a convolution that learns self_contrastive: each is judged by
   itself. */
#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/paired.h"
#include "tests/lib/support.h"

#define EPS    2e-3f
#define PLACES 12 /* of the first layer: 3 x 4 */

static struct ff_spec places_spec(void)
{
    struct ff_spec s = conv_tiny_spec();
    s.objective = FF_SELF_CONTRASTIVE;
    s.memory = 64;
    s.peer = 0;
    return s;
}

/* Places are judged each by itself: the loss of a pair is the mean over them.
   x (rows, D) through the net, then layer 0's answers a (rows, H), if given,
   in place of its own. */
static double place_loss(struct ff_model *m, const float *x, const float *a,
                         size_t rows)
{
    struct ff_pass *p = &m->work.pass;
    struct ff_loss loss = ff_paired_loss(&m->spec);
    size_t S = m->layer[0].S, half = rows / 2 * S;
    double sum = 0;
    memcpy(p->x, x, rows * m->D * sizeof *x);
    p->pairs = rows / 2;
    ff_pass_forward(m, p, m->params, rows);
    if (a) {
        memcpy(p->layer[0].a, a, rows * m->layer[0].H * sizeof *a);
        ff_pass_forward_from(m, p, m->params, rows, 0);
    }
    const float *G = p->layer[0].G;
    for (size_t i = 0; i < half; i++) {
        float d[2];
        sum += (double)ff_loss_pair(&loss, G[i], G[half + i], d) / (double)S;
    }
    return sum;
}

static void check_place_gradient(enum ff_loss_kind loss)
{
    struct ff_spec s = places_spec();
    s.loss = loss;
    s.theta = 0.7f;
    struct ff_model *m = new_model(s);
    struct ff_work *w = &m->work;
    const struct ff_layer *layer = &m->layer[0];
    const size_t rows = 4, n = rows * layer->H;
    float x[4 * TINY_INPUTS], a[4 * PLACES * 8], dz[4 * PLACES * 8];
    struct ff_rng g;
    assert_int_equal(layer->S, PLACES);
    assert_int_equal(layer->H, PLACES * 8);
    ff_rng_init(&g, 3);
    for (size_t i = 0; i < rows * m->D; i++)
        x[i] = ff_rng_normal(&g);
    place_loss(m, x, NULL, rows);
    memcpy(a, w->pass.layer[0].a, n * sizeof *a);
    for (size_t i = 0; i < rows; i++)
        w->role[i] = i < rows / 2 ? FF_ROLE_REAL : FF_ROLE_CONFUSION;
    w->pairs = rows / 2;
    m->objective->gradients(m, 0, rows);
    ff_goodness_unplace(dz, w->dG[0], w->pass.layer[0].h, rows * PLACES, 8);
    ff_goodness_unpair(dz, rows / 2, layer->H);
    for (size_t i = 0; i < n; i++) {
        float kept = a[i];
        a[i] = kept + EPS;
        double above = place_loss(m, x, a, rows);
        a[i] = kept - EPS;
        double below = place_loss(m, x, a, rows);
        a[i] = kept;
        assert_near((above - below) / (2 * (double)EPS), (double)dz[i], 1e-2,
                    5e-4, "a");
    }
    ff_model_free(m);
}

void gradient_of_pairs_is_that_of_each_place(void **state)
{
    (void)state;
    check_place_gradient(FF_LOSS_SYMMETRIC);
    check_place_gradient(FF_LOSS_SOFTPLUS);
}

/* What a whole step makes of pairs: the sum over rows and places. */
void a_step_goes_down_the_loss_of_each_place(void **state)
{
    (void)state;
    struct ff_spec s = places_spec();
    s.update = FF_UPDATE_ADAM;
    s.theta = 0.7f;
    struct ff_model *m = new_model(s);
    struct ff_work *w = &m->work;
    const struct ff_layer *l = &m->layer[0];
    const size_t rows = 4, weights = l->R * l->C, n = weights + l->R;
    float x[4 * TINY_INPUTS];
    double want[64];
    struct ff_rng g;
    assert_int_equal(l->b, l->W + weights);
    assert_true(n <= 64);
    ff_rng_init(&g, 3);
    for (size_t i = 0; i < rows * m->D; i++)
        x[i] = ff_rng_normal(&g);
    for (size_t i = 0; i < n; i++) {
        float *at = m->params + l->W + i, kept = *at;
        *at = kept + EPS;
        want[i] = place_loss(m, x, NULL, rows) / (2 * (double)EPS);
        *at = kept - EPS;
        want[i] -= place_loss(m, x, NULL, rows) / (2 * (double)EPS);
        *at = kept;
    }
    place_loss(m, x, NULL, rows);
    for (size_t i = 0; i < rows; i++)
        w->role[i] = i < rows / 2 ? FF_ROLE_REAL : FF_ROLE_CONFUSION;
    w->pairs = rows / 2;
    w->live[0] = 1;
    assert_int_equal(ff_model_teach(m, rows), 0);
    for (size_t i = 0; i < n; i++) {
        float found = i < weights ? l->W_rule.g[i] : l->b_rule.g[i - weights];
        assert_near((double)rows * (double)found, want[i], 1e-2, 2e-3, "W, b");
    }
    ff_model_free(m);
}

/* Passed up is what channels answer more than the mean of their place. */
void a_place_whose_channels_are_equal_passes_up_nothing(void **state)
{
    (void)state;
    struct ff_model *m = new_model(places_spec());
    const struct ff_layer *l = &m->layer[0], *above = &m->layer[1];
    struct ff_pass *p = &m->work.pass;
    float frame[TINY_INPUTS] = {1, 3, -2, 5, 4, -1};
    for (size_t c = 1; c < l->R; c++)
        memcpy(m->params + l->W + c * l->C, m->params + l->W,
               l->C * sizeof *frame);
    for (size_t turn = 0; turn < 2; turn++) {
        size_t loud = 0;
        memcpy(p->x, frame, sizeof frame);
        p->pairs = 0;
        ff_pass_forward(m, p, m->params, 1);
        assert_true(p->layer[0].G[0] > 0 || p->layer[0].G[PLACES - 1] > 0);
        for (size_t i = 0; i < above->D; i++)
            loud += fabsf(p->layer[1].u[i]) > 0.01f; /* not by rounding */
        assert_true(turn == 0 ? loud == 0 : loud > 0);
        m->params[l->b] += 1; /* one channel is not equal any more */
    }
    ff_model_free(m);
}

void goodness_told_is_the_mean_over_places(void **state)
{
    (void)state;
    struct ff_model *m = new_model(places_spec());
    float frame[TINY_INPUTS], goodness[3];
    const void *row = frame;
    struct ff_answers out = {.goodness = goodness};
    struct ff_scratch *s;
    struct ff_pass *p = &m->work.pass;
    live_tiny(m, 0, 128);
    tiny_frame(frame, 200);
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
    ff_model_enter(m, p->x, frame);
    p->pairs = 0;
    ff_pass_forward(m, p, v->params, 1);
    for (size_t l = 0; l < m->L; l++) {
        double sum = 0;
        for (size_t i = 0; i < m->layer[l].H; i++) {
            double a = fmax(0, (double)p->layer[l].a[i]);
            sum += a * a / (double)m->layer[l].H;
        }
        assert_near((double)goodness[l], sum, 1e-4, 1e-6, "goodness");
    }
    ff_view_release(v);
    ff_scratch_free(s);
    ff_model_free(m);
}
