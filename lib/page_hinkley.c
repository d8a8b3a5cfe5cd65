#include "lib/page_hinkley.h"

#include <math.h>

void ff_page_hinkley_start(struct ff_page_hinkley *p)
{
    *p = (struct ff_page_hinkley){0};
}

unsigned ff_page_hinkley_add(struct ff_page_hinkley *p,
                             const struct ff_page_hinkley_spec *spec, double x)
{
    if (!(fabs(x) <= FF_PAGE_HINKLEY_MOST))
        return 0;
    p->n++;
    p->mean += (x - p->mean) / p->n;
    double above = x - p->mean;
    p->up = spec->alpha * p->up + above - spec->delta;
    p->down = spec->alpha * p->down + above + spec->delta;
    if (p->n == 1 || p->up < p->lowest)
        p->lowest = p->up;
    if (p->n == 1 || p->down > p->highest)
        p->highest = p->down;
    if (p->n < spec->patience)
        return 0;
    return (p->up - p->lowest > spec->lambda ? FF_CHANGE_ROSE : 0) |
           (p->highest - p->down > spec->lambda ? FF_CHANGE_FELL : 0);
}

bool ff_page_hinkley_holds(const struct ff_page_hinkley *p)
{
    return p->n >= 0 && p->n == floor(p->n) &&
           fabs(p->mean) <= FF_PAGE_HINKLEY_MOST && isfinite(p->up) &&
           isfinite(p->lowest) && isfinite(p->down) && isfinite(p->highest) &&
           p->lowest <= p->up && p->highest >= p->down;
}
