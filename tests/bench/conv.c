/*
 * conv.c -- a convolutional layer's forward pass and update against its own
 * products run bare: one sgemm of the unfolded frames with the weights, one of
 * the gradient with the unfolded frames.
 *
 *   bench_conv [REPEATS]
 *
 * The layers are those of the nets that RESULTS.md has. Frames are noise, each
 * surprises, and half of the units are off. A fraction above 1 means that the
 * layer takes less time than its products would.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/core.h"
#include "lib/ff.h"
#include "lib/mat.h"
#include "lib/model.h"

#define REPEATS_MAX 101

static const struct {
    const char *name;
    size_t in[3], channels, kernel, pool;
} layers[] = {
    {"mnist 1", {28, 28, 1}, 32, 5, 2},  {"mnist 2", {14, 14, 32}, 64, 3, 2},
    {"mnist 3", {7, 7, 64}, 128, 3, 2},  {"cifar 1", {32, 32, 3}, 48, 5, 2},
    {"cifar 2", {16, 16, 48}, 96, 3, 2}, {"cifar 3", {8, 8, 96}, 192, 3, 2},
    {"no pool", {16, 16, 64}, 64, 3, 1},
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A model of this one layer. */
static struct ff_model *make(size_t which, size_t B)
{
    struct ff_spec s;
    struct ff_model *m;
    char why[FF_WHY_MAX];
    ff_spec_init(&s);
    memcpy(s.shape, layers[which].in, sizeof s.shape);
    s.image = true;
    s.dtype = FF_F32;
    s.classes = 10;
    s.batch = B;
    s.layers = 1;
    s.units[0] = layers[which].channels;
    s.conv[0] = (struct ff_conv_spec){.kernel = layers[which].kernel,
                                      .pad = layers[which].kernel / 2,
                                      .pool = layers[which].pool};
    s.memory = s.calibration = s.pending = 0;
    s.sleep.every = 0;
    if (ff_spec_check(&s, why) || ff_model_new(&m, &s)) {
        fprintf(stderr, "bench_conv: %s\n", why);
        exit(1);
    }
    return m;
}

static float *noise(size_t n)
{
    struct ff_rng g;
    float *x = malloc(n * sizeof *x);
    ff_rng_init(&g, n);
    for (size_t i = 0; x && i < n; i++)
        x[i] = ff_rng_normal(&g);
    if (x)
        return x;
    fputs("bench_conv: out of memory\n", stderr);
    exit(1);
}

enum { FORWARD, BARE_FORWARD, UPDATE, BARE_UPDATE, KINDS };

/* One of each, in seconds. */
static void once(struct ff_model *m, size_t B, const float *x, float *rows,
                 float *z, float *W, float *dz, double took[KINDS])
{
    struct ff_layer *l = &m->layer[0];
    const struct ff_trace *t = &m->work.pass.layer[0];
    size_t P = l->window.high * l->window.wide;
    const struct ff_lesson lesson = {.B = B,
                                     .step = {.W = 1e-4f, .decay = 0.99f}};
    double start = now();
    l->kind->forward(l, m->params, x, B, t);
    took[FORWARD] = now() - start;
    l->kind->square(l, t->a, t->h, t->q, B);
    for (size_t i = 0; i < B * l->H; i++)
        dz[i] = 2 * t->h[i];
    start = now();
    l->kind->update(l, m->params, t, dz, B, &lesson);
    took[UPDATE] = now() - start;
    start = now();
    ff_mat_nt(z, rows, m->params + l->W, B * P, l->R, l->C, 0);
    took[BARE_FORWARD] = now() - start;
    start = now();
    ff_mat_tn(W, z, rows, l->R, l->C, B * P, 1e-4f, 0);
    took[BARE_UPDATE] = now() - start;
}

static void measure(size_t which, size_t B, size_t repeats)
{
    struct ff_model *m = make(which, B);
    const struct ff_layer *l = &m->layer[0];
    size_t P = l->window.high * l->window.wide;
    float *x = noise(B * l->D), *rows = noise(B * P * l->C);
    float *z = noise(B * P * l->R), *W = noise(l->R * l->C);
    float *dz = noise(B * l->H);
    double took[KINDS][REPEATS_MAX], one[KINDS];
    for (size_t i = 0; i < repeats + 1; i++) {
        once(m, B, x, rows, z, W, dz, one);
        for (int k = 0; k < KINDS && i > 0; k++)
            took[k][i - 1] = one[k];
    }
    for (int k = 0; k < KINDS; k++)
        qsort(took[k], repeats, sizeof took[k][0], by_size);
    size_t mid = repeats / 2;
    double flop = 2.0 * (double)(B * P * l->C * l->R);
    printf("{\"bench\":\"conv\",\"layer\":\"%s\",\"frames\":%zu,"
           "\"mflop\":%.1f,\"forward_us\":%.0f,\"update_us\":%.0f,"
           "\"sgemm_gflops\":%.0f,\"forward_of_sgemm\":%.2f,"
           "\"update_of_sgemm\":%.2f}\n",
           layers[which].name, B, 1e-6 * flop / (double)B,
           1e6 * took[FORWARD][mid] / (double)B,
           1e6 * took[UPDATE][mid] / (double)B,
           1e-9 * flop / took[BARE_FORWARD][mid],
           took[BARE_FORWARD][mid] / took[FORWARD][mid],
           took[BARE_UPDATE][mid] / took[UPDATE][mid]);
    free(x);
    free(rows);
    free(z);
    free(W);
    free(dz);
    ff_model_free(m);
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {1, 32};
    size_t repeats = argc > 1 ? strtoul(argv[1], NULL, 10) : 21;
    if (repeats < 1 || repeats > REPEATS_MAX) {
        fprintf(stderr, "usage: bench_conv [REPEATS]    1 to %d of them\n",
                REPEATS_MAX);
        return 2;
    }
    ffd_choose_core(argv);
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        for (size_t b = 0; b < sizeof sizes / sizeof *sizes; b++)
            measure(i, sizes[b], repeats);
    return 0;
}
