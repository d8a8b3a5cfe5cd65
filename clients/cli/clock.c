#include "clients/cli/clock.h"

#include <time.h>

double clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void clock_wait(double due)
{
    if (due <= clock_s())
        return;
    struct timespec t = {.tv_sec = (time_t)due};
    t.tv_nsec = (long)((due - (double)t.tv_sec) * 1e9);
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}
