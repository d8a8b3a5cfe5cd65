/* Means and a covariance, against their plain formulas in float64. */
#include <math.h>
#include <string.h>

#include "lib/gauss.h"
#include "tests/lib/support.h"

#define F    7
#define K    4 /* class 2 has no frame */
#define N    300
#define SOME 16 /* frames asked about */

struct fixture {
    struct ff_arena arena;
    struct ff_gauss g;
    struct ff_gauss_fit fit;
    float x[N * F];
    int classes[N];
};

static void carve(struct fixture *f)
{
    ff_gauss_carve(&f->g, &f->arena, F, K);
    ff_gauss_fit_carve(&f->fit, &f->arena, F, K, true);
}

/* Features that depend on each other and on the class. */
static void init(struct fixture *f)
{
    struct ff_rng r;
    memset(f, 0, sizeof *f);
    carve(f);
    assert_int_equal(ff_arena_init(&f->arena), 0);
    carve(f);
    ff_rng_init(&r, 2);
    for (size_t i = 0; i < N; i++) {
        int k = (int)ff_rng_below(&r, 6);
        k = k < 3 ? 0 : k < 5 ? 1 : 3; /* one in two, in three, in six */
        f->classes[i] = k;
        float *x = f->x + i * F;
        for (size_t j = 0; j < F; j++)
            x[j] = ff_rng_normal(&r) + (j ? 0.7f * x[j - 1] : 5);
        x[k] += 3;
    }
}

static void solve(struct fixture *f)
{
    ff_gauss_add(&f->g, f->x, f->classes, N);
    assert_int_equal(ff_gauss_solve(&f->g, &f->fit), 0);
}

/* The reference: means and both covariances, with the ridge of the first. */
struct reference {
    double n[K], mu[K][F], mean[F], within[F * F], whole[F * F];
};

static void refer(struct reference *r, const struct fixture *f)
{
    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < N; i++) {
        r->n[f->classes[i]]++;
        for (size_t j = 0; j < F; j++) {
            r->mu[f->classes[i]][j] += (double)f->x[i * F + j];
            r->mean[j] += (double)f->x[i * F + j] / N;
        }
    }
    for (size_t k = 0; k < K; k++)
        for (size_t j = 0; j < F && r->n[k] > 0; j++)
            r->mu[k][j] /= r->n[k];
    for (size_t i = 0; i < N; i++)
        for (size_t a = 0; a < F; a++)
            for (size_t b = 0; b < F; b++) {
                const float *x = f->x + i * F;
                const double *mu = r->mu[f->classes[i]];
                r->within[a * F + b] +=
                    ((double)x[a] - mu[a]) * ((double)x[b] - mu[b]) / N;
                r->whole[a * F + b] += ((double)x[a] - r->mean[a]) *
                                       ((double)x[b] - r->mean[b]) / N;
            }
    double trace = 0;
    for (size_t j = 0; j < F; j++)
        trace += r->within[j * F + j];
    for (size_t j = 0; j < F; j++) {
        r->within[j * F + j] += ff_gauss_ridge(N) * trace / F;
        r->whole[j * F + j] += ff_gauss_ridge(N) * trace / F;
    }
}

/* a' inv(A) b, by elimination. */
static double form(const double *A, const double *a, const double *b)
{
    double m[F][F + 1], sum = 0;
    for (size_t i = 0; i < F; i++) {
        memcpy(m[i], A + i * F, F * sizeof *A);
        m[i][F] = b[i];
    }
    for (size_t i = 0; i < F; i++)
        for (size_t r = 0; r < F; r++) {
            double by = r == i ? 0 : m[r][i] / m[i][i];
            for (size_t c = i; c <= F; c++)
                m[r][c] -= by * m[i][c];
        }
    for (size_t i = 0; i < F; i++)
        sum += a[i] * m[i][F] / m[i][i];
    return sum;
}

/* (x - mean)' inv(A) (x - mean) */
static double distance(const double *A, const float *x, const double *mean)
{
    double off[F];
    for (size_t j = 0; j < F; j++)
        off[j] = (double)x[j] - mean[j];
    return form(A, off, off);
}

static double nearest(const struct reference *r, const float *x)
{
    double least = INFINITY;
    for (size_t k = 0; k < K; k++)
        if (r->n[k] > 0)
            least = fmin(least, distance(r->within, x, r->mu[k]));
    return least;
}

void distances_are_those_of_mahalanobis(void **state)
{
    (void)state;
    struct fixture f;
    struct reference r;
    float D[SOME], one[SOME], x[SOME * F];
    init(&f);
    solve(&f);
    refer(&r, &f);
    memcpy(x, f.x, sizeof x);
    ff_gauss_distance(&f.fit, D, x, SOME);
    memcpy(x, f.x, sizeof x);
    for (size_t i = 0; i < SOME; i++) {
        ff_gauss_distance(&f.fit, one + i, x + i * F, 1);
        assert_near((double)D[i], nearest(&r, f.x + i * F), 1e-4, 0, "D");
        assert_near((double)one[i], (double)D[i], 1e-5, 1e-5, "D alone");
    }
    ff_arena_release(&f.arena);
}

void relative_distance_is_what_no_class_has_in_common(void **state)
{
    (void)state;
    struct fixture f;
    struct reference r;
    float s[SOME * K], R[SOME];
    init(&f);
    solve(&f);
    refer(&r, &f);
    ff_gauss_scores(&f.fit, s, f.x, SOME);
    ff_gauss_relative(&f.fit, R, s, SOME);
    for (size_t i = 0; i < SOME; i++) {
        const float *x = f.x + i * F;
        double all = distance(r.whole, x, r.mean);
        assert_near((double)R[i], nearest(&r, x) - all, 1e-4, 1e-4, "R");
    }
    ff_arena_release(&f.arena);
}

void scores_tell_by_how_much_a_class_is_nearer(void **state)
{
    (void)state;
    struct fixture f;
    struct reference r;
    float s[SOME * K];
    init(&f);
    solve(&f);
    refer(&r, &f);
    ff_gauss_scores(&f.fit, s, f.x, SOME);
    for (size_t i = 0; i < SOME; i++) {
        const float *x = f.x + i * F;
        double nearer =
            distance(r.within, x, r.mu[0]) - distance(r.within, x, r.mu[3]);
        assert_near((double)(s[i * K + 3] - s[i * K]), nearer / 2, 1e-4, 1e-4,
                    "score");
    }
    ff_arena_release(&f.arena);
}

void a_class_without_frames_is_nowhere(void **state)
{
    (void)state;
    struct fixture f;
    float s[K];
    init(&f);
    solve(&f);
    const uint8_t live[K] = {1, 1, 0, 1};
    assert_memory_equal(f.fit.live, live, K);
    ff_gauss_scores(&f.fit, s, f.x, 1);
    assert_true(s[2] == 0 && f.fit.c[2] == 0);
    ff_arena_release(&f.arena);
}

void frames_may_be_added_in_any_portions(void **state)
{
    (void)state;
    struct fixture f, parts;
    init(&f);
    solve(&f);
    init(&parts);
    ff_gauss_add(&parts.g, f.x, f.classes, 100); /* to be forgotten */
    ff_gauss_clear(&parts.g);
    for (size_t i = 0; i < N; i += 60)
        ff_gauss_add(&parts.g, f.x + i * F, f.classes + i, 60);
    assert_int_equal(ff_gauss_solve(&parts.g, &parts.fit), 0);
    for (size_t i = 0; i < (size_t)K * F; i++)
        assert_near((double)parts.fit.W[i], (double)f.fit.W[i], 1e-5, 1e-6,
                    "W");
    ff_arena_release(&f.arena);
    ff_arena_release(&parts.arena);
}

void a_lone_class_has_distances_and_no_preference(void **state)
{
    (void)state;
    struct fixture f;
    float s[SOME * K], R[SOME], D[SOME], x[SOME * F];
    init(&f);
    memset(f.classes, 0, sizeof f.classes);
    solve(&f);
    ff_gauss_scores(&f.fit, s, f.x, SOME);
    ff_gauss_relative(&f.fit, R, s, SOME);
    memcpy(x, f.x, sizeof x);
    ff_gauss_distance(&f.fit, D, x, SOME);
    for (size_t i = 0; i < SOME; i++) {
        assert_near((double)R[i], 0, 0, 1e-4, "R");
        assert_true(D[i] > 0);
    }
    ff_arena_release(&f.arena);
}

static int status_of(struct fixture *f)
{
    ff_gauss_clear(&f->g);
    ff_gauss_add(&f->g, f->x, f->classes, N);
    return ff_gauss_solve(&f->g, &f->fit);
}

void what_cannot_be_fitted_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    assert_int_equal(ff_gauss_solve(&f.g, &f.fit), FF_EMPTY);
    solve(&f);
    float W[K * F];
    memcpy(W, f.fit.W, sizeof W);
    f.x[40] = NAN;
    assert_int_equal(status_of(&f), FF_EFINITE);
    f.x[40] = INFINITY;
    assert_int_equal(status_of(&f), FF_EFINITE);
    for (size_t i = 0; i < (size_t)N * F; i++)
        f.x[i] = i % 2 ? 100 : 100.0001f; /* rounding */
    assert_int_equal(status_of(&f), FF_EFINITE);
    assert_memory_equal(f.fit.W, W, sizeof W);
    ff_arena_release(&f.arena);
}

void features_that_are_copies_of_each_other_can_be_fitted(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    for (size_t i = 0; i < N; i++) {
        f.x[i * F + 1] = f.x[i * F];
        f.x[i * F + 2] = 0;
    }
    assert_int_equal(status_of(&f), 0);
    for (size_t i = 0; i < (size_t)F * F; i++)
        assert_true(isfinite(f.fit.L[i]));
    ff_arena_release(&f.arena);
}
