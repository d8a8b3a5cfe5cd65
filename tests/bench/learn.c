/*
 * learn.c -- the rate of ff_learn against its own two products a layer, run
 * bare in the same process.
 *
 *   bench_learn DIR [REPEATS]      DIR holds the four IDX files
 *
 * For micro-batches of 1, 8, 32 and 128 and the default net, with the margin
 * off (every frame moves every layer) and on (real frames in order, after
 * 20,000 have been learned), prints the median of REPEATS (5) and its ratio to
 * the bare products, measured in turns so that both meet the same machine.
 * One JSON object a line.
 */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/core.h"
#include "lib/ff.h"
#include "lib/rng.h"
#include "tests/bench/idx.h"

enum { D = 784, H = 500, L = 3, REPEATS_MAX = 101 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, size_t n)
{
    qsort(x, n, sizeof *x, ascending);
    return x[n / 2];
}

struct bare {
    float *u, *h, *W[L];
};

static float *noise(size_t n, struct ff_rng *g)
{
    float *x = malloc(n * sizeof *x);
    for (size_t i = 0; x && i < n; i++)
        x[i] = 0.01f * ff_rng_normal(g);
    return x;
}

/* One micro-batch: forward and update of each layer, nothing else. */
static void products(struct bare *b, int B)
{
    for (int l = 0; l < L; l++) {
        int in = l ? H : D;
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, B, H, in, 1, b->u,
                    in, b->W[l], in, 0, b->h, H);
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, H, in, B, -1e-9f,
                    b->h, H, b->u, in, 1, b->W[l], in);
    }
}

static struct ff_model *model(float margin)
{
    struct ff_spec spec;
    char why[FF_WHY_MAX];
    struct ff_model *m;
    ff_spec_init(&spec);
    spec.shape[0] = spec.shape[1] = 28;
    spec.shape[2] = 1;
    spec.image = true;
    spec.batch = 128;
    spec.margin = margin;
    spec.sleep.every = spec.sleep.exhausted = 0;
    if (ff_spec_check(&spec, why) || ff_model_new(&m, &spec)) {
        fprintf(stderr, "bench_learn: no model\n");
        exit(1);
    }
    return m;
}

static void learn(struct ff_model *m, const struct idx *images,
                  const struct idx *labels, size_t at, size_t n)
{
    const void *rows[FF_BATCH_MAX];
    int classes[FF_BATCH_MAX];
    struct ff_learned out;
    for (size_t j = 0; j < n; j++) {
        size_t i = (at + j) % images->n;
        char name = (char)('0' + labels->bytes[i]);
        rows[j] = images->bytes + i * images->row;
        if (ff_label_bind(m, &name, 1, &classes[j]))
            exit(1);
    }
    if (ff_learn(m, rows, classes, NULL, n, &out))
        exit(1);
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {1, 8, 32, 128};
    static const float margins[] = {0, -1};
    size_t repeats = argc > 2 ? strtoul(argv[2], NULL, 10) : 5;
    struct idx images, labels;
    char path[4096];
    ffd_choose_core(argv);
    if (argc < 2 || repeats < 1 || repeats > REPEATS_MAX) {
        fprintf(stderr, "usage: bench_learn DIR [REPEATS]\n");
        return 2;
    }
    snprintf(path, sizeof path, "%s/train-images-idx3-ubyte.gz", argv[1]);
    if (idx_load(&images, path))
        return 1;
    snprintf(path, sizeof path, "%s/train-labels-idx1-ubyte.gz", argv[1]);
    if (idx_load(&labels, path))
        return 1;
    struct ff_rng g;
    ff_rng_init(&g, 1);
    struct bare b = {.u = noise(FF_BATCH_MAX * D, &g),
                     .h = noise(FF_BATCH_MAX * H, &g)};
    for (int l = 0; l < L; l++)
        b.W[l] = noise((size_t)D * H, &g);

    for (size_t k = 0; k < sizeof margins / sizeof *margins; k++) {
        struct ff_model *m = model(margins[k]);
        size_t at = 0;
        for (; at < 20000; at += 32)
            learn(m, &images, &labels, at, 32);
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            size_t B = sizes[s], rounds = (B == 1 ? 2000 : 8000) / B;
            double ours[REPEATS_MAX], limit[REPEATS_MAX];
            for (size_t r = 0; r < repeats; r++) {
                double t0 = now();
                for (size_t i = 0; i < rounds; i++)
                    products(&b, (int)B);
                double t1 = now();
                for (size_t i = 0; i < rounds; i++, at += B)
                    learn(m, &images, &labels, at, B);
                double t2 = now();
                limit[r] = (double)(B * rounds) / (t1 - t0);
                ours[r] = (double)(B * rounds) / (t2 - t1);
            }
            double fps = median(ours, repeats), bare = median(limit, repeats);
            printf("{\"bench\":\"learn\",\"margin\":\"%s\",\"batch\":%zu,"
                   "\"frames_per_second\":%.0f,\"bare\":%.0f,"
                   "\"ratio\":%.2f}\n",
                   k ? "on" : "off", B, fps, bare, fps / bare);
            fflush(stdout);
        }
        ff_model_free(m);
    }
    for (int l = 0; l < L; l++)
        free(b.W[l]);
    free(b.u);
    free(b.h);
    idx_release(&images);
    idx_release(&labels);
    return 0;
}
