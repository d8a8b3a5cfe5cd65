/*
 * measure.h -- clocks, order statistics and arguments of the benchmarks.
 */
#ifndef FFD_BENCH_MEASURE_H
#define FFD_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Say why on stderr and exit 1; what was started is stopped on the way. */
_Noreturn void die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Monotonic seconds. */
double measure_now(void);

/*
 * A stretch of time and the cores that were busy in it: with this process, the
 * daemon's, and all others together (also other guests of the same host, as
 * far as it tells). Where others took a tenth of a core, the figure beside it
 * is of them too.
 */
struct meter {
    pid_t daemon;
    double seconds, client_cpu, daemon_cpu, others_cpu;
};

void meter_start(struct meter *m, pid_t daemon);
void meter_stop(struct meter *m);

/* These two sort x (n >= 1). The median is the upper one of two. */
double measure_median(double *x, size_t n);
void measure_sort(double *x, size_t n);

/* Of a sorted x: the least value that `share` of all do not pass. */
double measure_at(const double *x, size_t n, double share);

/* The value when arg reads NAME=VALUE with this name, or NULL. */
const char *measure_argument(const char *arg, const char *name);

/* The same as a number from least to most; anything else ends the program. */
size_t measure_number(const char *name, const char *value, size_t least,
                      size_t most);

#endif
