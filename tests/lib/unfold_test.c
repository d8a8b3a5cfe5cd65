/* What a window sees, unfolded and folded back, and pools: against naive loops.
 */
#include "lib/unfold.h"

#include <math.h>
#include <string.h>

#include "tests/lib/conv_looks.h"

/* The value that answer (y, x)'s kernel sees at (i, j), channel c of group g.
 */
static float seen(const struct ff_layer *l, const float *x, size_t y, size_t at,
                  size_t i, size_t j, size_t channel)
{
    const struct ff_window *w = &l->window;
    long sy = (long)(y * w->stride + i) - (long)w->pad;
    long sx = (long)(at * w->stride + j) - (long)w->across.pad;
    if (sy < 0 || sx < 0 || sy >= (long)l->in[0] || sx >= (long)l->in[1])
        return 0;
    return x[((size_t)sy * l->in[1] + (size_t)sx) * l->in[2] + channel];
}

void unfolded_rows_are_what_each_answer_sees(void **state)
{
    (void)state;
    for (size_t t = 0; t < LOOKS; t++) {
        struct bare n;
        bare_init(&n, &looks[t], 1);
        const struct ff_window *w = &n.l.window;
        size_t across = w->across.kernel, each = n.l.in[2] / w->groups;
        for (size_t g = 0; g < w->groups; g++) {
            static float rows[8192];
            const float *row = rows;
            assert_true(w->high * w->wide * n.l.C <= 8192);
            ff_unfold(&n.l, rows, n.x, g, 0, w->high);
            for (size_t y = 0; y < w->high; y++)
                for (size_t x = 0; x < w->wide; x++)
                    for (size_t i = 0; i < n.l.C; i++)
                        assert_true(*row++ == seen(&n.l, n.x, y, x,
                                                   i / each / across,
                                                   i / each % across,
                                                   g * each + i % each));
        }
        bare_release(&n);
    }
}

/* <unfold x, r> = <x, fold r> for any x and r. */
void to_fold_is_the_adjoint_of_to_unfold(void **state)
{
    (void)state;
    static float rows[8192], r[8192], folded[512];
    struct ff_rng dice;
    ff_rng_init(&dice, 3);
    for (size_t t = 0; t < LOOKS; t++) {
        struct bare n;
        bare_init(&n, &looks[t], 1);
        size_t many = n.l.window.high * n.l.window.wide * n.l.C;
        double unfolds = 0;
        assert_true(many <= 8192 && n.l.D <= 512);
        memset(folded, 0, sizeof folded);
        for (size_t g = 0; g < n.l.window.groups; g++) {
            for (size_t i = 0; i < many; i++)
                r[i] = ff_rng_normal(&dice);
            ff_unfold(&n.l, rows, n.x, g, 0, n.l.window.high);
            unfolds += dot(rows, r, many);
            ff_fold(&n.l, folded, r, g, 0, n.l.window.high);
        }
        assert_near(unfolds, dot(n.x, folded, n.l.D), 1e-4, 1e-3,
                    looks[t].name);
        bare_release(&n);
    }
}

/* Each answer of z, channel c, is the greatest of its pool; what is left over
   at the edge is in none. */
void a_pool_passes_up_its_greatest_and_its_gradient_goes_back_there(
    void **state)
{
    (void)state;
    for (size_t way = 0; way < 8; way++) {
        size_t pool = 1 + way / 2, across = way % 2 ? pool : 1;
        enum { HIGH = 9, WIDE = 8, CHANNELS = 3, STRIDE = 5 };
        const struct ff_layer l = {.out = {HIGH / pool, WIDE / across},
                                   .window = {.high = HIGH,
                                              .wide = WIDE,
                                              .pool = pool,
                                              .across = {.pool = across}}};
        float z[HIGH * WIDE * CHANNELS], dz[HIGH * WIDE * CHANNELS];
        float a[HIGH * WIDE * STRIDE] = {0}, da[HIGH * WIDE * STRIDE] = {0};
        uint8_t at[HIGH * WIDE * STRIDE];
        struct ff_rng g;
        ff_rng_init(&g, way);
        for (size_t i = 0; i < sizeof z / sizeof *z; i++)
            z[i] = ff_rng_normal(&g);
        ff_pool(&l, a, at, z, CHANNELS, STRIDE, l.out[0] * pool);
        size_t answers = l.out[0] * l.out[1];
        for (size_t i = 0; i < answers * CHANNELS; i++) {
            size_t p = i / CHANNELS, c = i % CHANNELS;
            float most = -INFINITY;
            for (size_t j = 0; j < pool * across; j++) {
                size_t y = p / l.out[1] * pool + j / across;
                size_t x = p % l.out[1] * across + j % across;
                most = fmaxf(most, z[(y * WIDE + x) * CHANNELS + c]);
            }
            assert_true(a[p * STRIDE + c] == most);
            da[p * STRIDE + c] = ff_rng_normal(&g);
        }
        memset(dz, 0, sizeof dz);
        ff_unpool(&l, dz, da, at, CHANNELS, STRIDE, l.out[0] * pool);
        assert_near(dot(dz, z, sizeof z / sizeof *z),
                    dot(da, a, answers * STRIDE), 1e-5, 1e-5, "pool");
    }
}
