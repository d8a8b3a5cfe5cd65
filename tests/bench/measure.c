#include "tests/bench/measure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void die(const char *format, ...)
{
    char why[1024];
    va_list ap;

    va_start(ap, format);
    vsnprintf(why, sizeof why, format, ap);
    va_end(ap);
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
    exit(1);
}

double measure_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds of CPU that a process has used, all threads; 0: this one. */
static double cpu_of(pid_t pid)
{
    struct timespec t;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t))
        return 0;
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds of CPU that anybody has used, and those that the host withheld. */
static double cpu_of_all(void)
{
    unsigned long long user, nice, kernel, idle, wait, irq, soft, steal;
    FILE *f = fopen("/proc/stat", "r");
    int n = 0;

    if (f) {
        /* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers */
        n = fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user,
                   &nice, &kernel, &idle, &wait, &irq, &soft, &steal);
        fclose(f);
    }
    if (n != 8)
        die("/proc/stat cannot be read");
    return (double)(user + nice + kernel + irq + soft + steal) /
           (double)sysconf(_SC_CLK_TCK);
}

void meter_start(struct meter *m, pid_t daemon)
{
    m->daemon = daemon;
    m->client_cpu = cpu_of(0);
    m->daemon_cpu = cpu_of(daemon);
    m->others_cpu = cpu_of_all() - m->client_cpu - m->daemon_cpu;
    m->seconds = measure_now();
}

void meter_stop(struct meter *m)
{
    double mine = cpu_of(0), its = cpu_of(m->daemon);
    double others = cpu_of_all() - mine - its;

    m->seconds = measure_now() - m->seconds;
    m->client_cpu = (mine - m->client_cpu) / m->seconds;
    m->daemon_cpu = (its - m->daemon_cpu) / m->seconds;
    m->others_cpu = (others - m->others_cpu) / m->seconds;
    /* The kernel counts all in hundredths of a second. */
    if (m->others_cpu < 0)
        m->others_cpu = 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void measure_sort(double *x, size_t n)
{
    qsort(x, n, sizeof *x, ascending);
}

double measure_median(double *x, size_t n)
{
    measure_sort(x, n);
    return x[n / 2];
}

double measure_at(const double *x, size_t n, double share)
{
    double want = share * (double)n;
    size_t i = (size_t)want;

    if ((double)i == want && i > 0)
        i--;
    return x[i < n ? i : n - 1];
}

const char *measure_argument(const char *arg, const char *name)
{
    size_t n = strlen(name);

    return strncmp(arg, name, n) == 0 && arg[n] == '=' ? arg + n + 1 : NULL;
}

size_t measure_number(const char *name, const char *value, size_t least,
                      size_t most)
{
    char *end;
    unsigned long x = strtoul(value, &end, 10);

    if (end == value || *end || x < least || x > most)
        die("%s: must be a number from %zu to %zu, is %s", name, least, most,
            value);
    return x;
}
