#include "tests/bench/strange.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/image.h"
#include "lib/rng.h"

#define CHUNK 256
#define ALARM 0.01f

/* Two scores of n frames, each great where a frame is strange. */
struct scores {
    size_t n;
    float *novelty, *strangeness; /* (n); strangeness: -typicality */
};

static struct scores ask(struct ff_model *m, const uint8_t *frames, size_t row,
                         size_t n)
{
    struct scores s = {.n = n,
                       .novelty = malloc(n * sizeof *s.novelty),
                       .strangeness = malloc(n * sizeof *s.strangeness)};
    struct ff_scratch *scratch;
    if (!s.novelty || !s.strangeness || ff_scratch_new(&scratch, m, CHUNK))
        exit(1);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = 0; i < n; i += CHUNK) {
        const void *rows[CHUNK];
        size_t some = n - i < CHUNK ? n - i : CHUNK;
        for (size_t j = 0; j < some; j++)
            rows[j] = frames + (i + j) * row;
        struct ff_answers out = {.novelty = s.novelty + i,
                                 .typicality = s.strangeness + i};
        if (ff_predict(v, scratch, rows, some, &out))
            exit(1);
        for (size_t j = i; j < i + some; j++)
            s.strangeness[j] = -s.strangeness[j];
    }
    ff_view_release(v);
    ff_scratch_free(scratch);
    return s;
}

static void release(struct scores *s)
{
    free(s->novelty);
    free(s->strangeness);
}

static double alarms(const struct scores *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += -s->strangeness[i] <= ALARM;
    return 100.0 * (double)n / (double)s->n;
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Chance that a strange frame looks stranger than a known one; ties half. */
static double auroc(float *known, size_t n, float *strange, size_t k)
{
    qsort(known, n, sizeof *known, ascending);
    qsort(strange, k, sizeof *strange, ascending);
    double sum = 0;
    size_t below = 0, upto = 0;
    for (size_t i = 0; i < k; i++) {
        while (below < n && known[below] < strange[i])
            below++;
        if (upto < below)
            upto = below;
        while (upto < n && known[upto] <= strange[i])
            upto++;
        sum += 0.5 * (double)(below + upto);
    }
    return sum / ((double)n * (double)k);
}

static void tell(struct ff_model *m, const struct scores *known,
                 const char *name, const uint8_t *frames, size_t row, size_t n)
{
    struct scores odd = ask(m, frames, row, n);
    printf(",\"%s\":{\"detected\":%.1f", name, alarms(&odd));
    printf(",\"novelty\":%.4f",
           auroc(known->novelty, known->n, odd.novelty, n));
    printf(",\"typicality\":%.4f}",
           auroc(known->strangeness, known->n, odd.strangeness, n));
    release(&odd);
}

static void turn(uint8_t *out, const uint8_t *in, size_t S)
{
    for (size_t y = 0; y < S; y++)
        for (size_t x = 0; x < S; x++)
            out[x * S + (S - 1 - y)] = in[y * S + x];
}

static void mix(uint8_t *out, const struct idx *test, struct ff_rng *g,
                uint8_t *mask, float *work)
{
    const uint8_t *a = test->bytes + ff_rng_below(g, test->n) * test->row;
    const uint8_t *b = test->bytes + ff_rng_below(g, test->n) * test->row;
    ff_image_mask(mask, work, test->shape, FF_IMAGE_BLURS, g);
    for (size_t j = 0; j < test->row; j++)
        out[j] = mask[j] ? a[j] : b[j];
}

void tell_strangers(struct ff_model *m, const struct idx *test, const char *dir)
{
    size_t n = test->n, row = test->row;
    uint8_t *made = malloc(n * row), *mask = malloc(row);
    float *work = malloc(row * sizeof *work);
    char path[4096];
    struct idx other;
    struct ff_rng g;
    ff_rng_init(&g, 99);
    snprintf(path, sizeof path, "%s/t10k-images-idx3-ubyte.gz", dir);
    if (!made || !mask || !work || idx_load(&other, path))
        exit(1);
    struct scores known = ask(m, test->bytes, row, n);
    printf(",\"alarms\":%.2f", alarms(&known));
    tell(m, &known, "other", other.bytes, row, other.n);
    for (size_t i = 0; i < n; i++)
        turn(made + i * row, test->bytes + i * row, test->shape[0]);
    tell(m, &known, "turned", made, row, n);
    for (size_t i = 0; i < n; i++)
        mix(made + i * row, test, &g, mask, work);
    tell(m, &known, "hybrids", made, row, n);
    release(&known);
    free(made);
    free(mask);
    free(work);
    idx_release(&other);
}
