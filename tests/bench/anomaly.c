/*
 * anomaly.c -- how unlike all before each window of a stream is, through lib.
 *
 *   bench_anomaly [NAME=VALUE ...] < VALUES
 *
 * Names: length= stride= windows= neighbours= level= seed=. VALUES are numbers,
 * one channel, apart by white space; `nan` is missing. Prints a line a value:
 * score, p-value and alarm (1 where an episode begins) of the window that it
 * completed, and at the end, to standard error, microseconds a value and bytes
 * of the model. anomaly.py compares it with others.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/model.h"

static void die(const char *what)
{
    fprintf(stderr, "bench_anomaly: %s\n", what);
    exit(2);
}

static void read_option(struct ff_spec *s, const char *arg)
{
    struct ff_stream_spec *t = &s->stream;
    const char *value = strchr(arg, '=');
    size_t n = value ? (size_t)(value - arg) : 0;
    const struct {
        const char *name;
        size_t *at;
    } sizes[] = {{"length", &t->length},
                 {"stride", &t->stride},
                 {"windows", &t->windows},
                 {"neighbours", &t->neighbours}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && n > 0; i++)
        if (strlen(sizes[i].name) == n && !strncmp(arg, sizes[i].name, n)) {
            *sizes[i].at = strtoul(value + 1, NULL, 10);
            return;
        }
    if (n == 5 && !strncmp(arg, "level", n))
        t->anomaly = strtof(value + 1, NULL);
    else if (n == 4 && !strncmp(arg, "seed", n))
        s->seed = strtoull(value + 1, NULL, 10);
    else
        die("options are length, stride, windows, neighbours, level, seed");
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void print_value(const struct ff_model *m, uint64_t scored,
                        const struct ff_learned *out)
{
    const struct ff_anomaly *a = &m->front.anomaly;
    size_t last =
        (size_t)((*a->scored + FF_ANOMALY_SCORES - 1) % FF_ANOMALY_SCORES);
    float score = *a->scored > scored ? a->scores[last] : NAN;
    printf("%g %g %d\n", (double)score, (double)out->typicality[0],
           out->alarm[0]);
}

int main(int argc, char **argv)
{
    struct ff_spec s;
    struct ff_model *m;
    char why[FF_WHY_MAX];
    float x;
    size_t n = 0;
    double took = 0;
    ff_spec_init(&s);
    s.stream.keys = 1;
    s.stream.shape[0] = s.stream.shape[1] = s.stream.shape[2] = 1;
    s.stream.missing = FF_MISSING_HOLD;
    s.stream.length = 32;
    s.stream.anomaly = 0.01f;
    s.layers = 1;
    s.units[0] = 8;
    s.classes = 1;
    s.memory = s.calibration = 0;
    for (int i = 1; i < argc; i++)
        read_option(&s, argv[i]);
    if (ff_spec_check(&s, why))
        die(why);
    if (ff_model_new(&m, &s))
        die("no memory");
    while (scanf("%f", &x) == 1) {
        const void *row = &x;
        const int class_ = -1;
        uint64_t scored = *m->front.anomaly.scored;
        struct ff_learned out;
        double began = now();
        if (ff_learn(m, &row, &class_, NULL, 1, &out))
            die("a value is no good");
        took += now() - began;
        n++;
        print_value(m, scored, &out);
    }
    fprintf(stderr, "{\"us_a_value\":%.2f,\"bytes\":%zu}\n",
            1e6 * took / (double)n, ff_model_bytes(m));
    ff_model_free(m);
    return 0;
}
