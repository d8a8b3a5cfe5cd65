#include "tests/lib/bare.h"

#include <math.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/mat.h"

struct ff_spec bare_spec(const struct look *look)
{
    char why[FF_WHY_MAX] = "";
    struct ff_spec s;
    ff_spec_init(&s);
    memcpy(s.shape, look->shape, sizeof s.shape);
    s.image = true;
    s.dtype = FF_F32;
    s.classes = BARE_CLASSES;
    s.normalise = FF_NORMALISE_LENGTH; /* a dense layer expects nothing */
    s.layers = 1;
    s.units[0] = look->units;
    s.conv[0] = look->conv;
    s.recurrent[0] = look->conv.kernel == 0 && look->conv.pool > 0;
    if (ff_spec_check(&s, why))
        fail_msg("%s: %s", look->name, why);
    return s;
}

void bare_place(struct ff_layer *l)
{
    l->N = BARE_VERDICTS;
    l->W = 0;
    l->b = l->R * l->C;
    l->V = l->b + l->R;
    l->c = l->V + BARE_VERDICTS * l->Q;
    l->mean = l->c + BARE_VERDICTS;
    l->variance = l->mean + l->M;
}

static void carve(struct bare *b)
{
    const size_t n = BARE_ROWS;
    struct ff_layer *l = &b->l;
    struct ff_arena *a = &b->arena;
    b->params_n = l->variance + (l->kind->scales ? l->M : 0);
    b->params = ff_arena_take(a, b->params_n, sizeof(float));
    b->x = ff_arena_take(a, n * l->D, sizeof(float));
    b->G = ff_arena_take(a, n * BARE_VERDICTS, sizeof(float));
    b->dG = ff_arena_take(a, n * BARE_VERDICTS, sizeof(float));
    b->dz = ff_arena_take(a, n * l->H, sizeof(float));
    b->t.u = ff_arena_take(a, n * l->D, sizeof(float));
    b->t.a = b->t.h = ff_arena_take(a, n * l->H, sizeof(float));
    b->t.q = ff_arena_take(a, n * l->Q, sizeof(float));
    b->t.at = ff_arena_take(a, n * l->H, 1);
    b->t.state = ff_arena_take(a, n * l->state, sizeof(float));
    b->t.room = ff_arena_take(a, l->kind->room(l), sizeof(float));
    l->kind->carve(l, a, FF_UPDATE_ROW);
    l->activity = ff_arena_take(a, l->R, sizeof(float));
}

static void draw(struct bare *b)
{
    const struct ff_layer *l = &b->l;
    struct ff_rng g;
    ff_rng_init(&g, 7);
    for (size_t i = 0; i < b->params_n; i++)
        b->params[i] = ff_rng_normal(&g);
    for (size_t i = 0; i < l->R * l->C; i++)
        b->params[l->W + i] /= sqrtf((float)l->C);
    for (size_t i = 0; i < BARE_VERDICTS * l->Q; i++)
        b->params[l->V + i] /= sqrtf((float)l->Q);
    for (size_t i = 0; i < l->M; i++) {
        b->params[l->mean + i] *= 0.1f;
        if (l->kind->scales)
            b->params[l->variance + i] = 0.2f + 2 * ff_rng_uniform(&g);
    }
    for (size_t i = 0; i < BARE_ROWS * l->D; i++)
        b->x[i] = ff_rng_normal(&g);
}

void bare_init(struct bare *b, const struct look *look, size_t n)
{
    struct ff_spec s = bare_spec(look);
    assert_true(n <= BARE_ROWS);
    ff_mat_init();
    *b = (struct bare){.n = n,
                       .loss = {.kind = FF_LOSS_SOFTMAX, .temperature = 1},
                       .live = {1, 1, 0, 1, 1}};
    for (size_t i = 0; i < BARE_ROWS; i++)
        b->class_[i] = (int[]){1, 3, 0}[i % 3];
    ff_layers_size(&b->l, &s, 0);
    bare_place(&b->l);
    carve(b);
    assert_int_equal(ff_arena_init(&b->arena), 0);
    carve(b);
    draw(b);
}

void bare_release(struct bare *b)
{
    ff_arena_release(&b->arena);
}

void bare_forward(struct bare *b)
{
    const struct ff_layer *l = &b->l;
    l->kind->forward(l, b->params, b->x, b->n, &b->t);
    l->kind->square(l, b->t.a, b->t.h, b->t.q, b->n);
}

double bare_judge(struct bare *b)
{
    const struct ff_layer *l = &b->l;
    double sum = 0;
    l->kind->square(l, b->t.a, b->t.h, b->t.q, b->n);
    ff_goodness_forward(b->G, b->t.q, b->params + l->V, b->params + l->c, b->n,
                        BARE_VERDICTS, l->Q);
    for (size_t i = 0; i < b->n; i++)
        sum += (double)ff_loss_gradient(
            &b->loss, FF_ASK_CLASS, b->class_[i], -1, b->G + i * BARE_VERDICTS,
            b->live, BARE_VERDICTS, b->dG + i * BARE_VERDICTS);
    return sum;
}

double bare_loss(struct bare *b)
{
    b->l.kind->forward(&b->l, b->params, b->x, b->n, &b->t);
    return bare_judge(b);
}

void bare_find_dz(struct bare *b)
{
    const struct ff_layer *l = &b->l;
    float *dq = b->t.q;
    ff_mat_nn(dq, b->dG, b->params + l->V, b->n, l->Q, BARE_VERDICTS);
    l->kind->gate(l, b->dz, dq, b->t.h, b->n);
}

double bare_slope(struct bare *b, float *at, double (*loss)(struct bare *))
{
    float kept = *at;
    *at = kept + BARE_EPS;
    double above = loss(b);
    *at = kept - BARE_EPS;
    double below = loss(b);
    *at = kept;
    return (above - below) / (2 * (double)BARE_EPS);
}
