#include "lib/drift.h"

#include <math.h>
#include <string.h>

enum stream { ERROR, LEVEL };

/* lib/README.md says why these. */
static const struct ff_adwin_spec adwin_spec = {
    .delta = 2e-4, .clock = 32, .least = 5, .patience = 10};

static const struct ff_page_hinkley_spec page_spec[FF_DRIFT_STREAMS] = {
    [ERROR] = {.delta = 0.05, .lambda = 30, .alpha = 1, .patience = 30},
    [LEVEL] = {.delta = 0.05, .lambda = 20, .alpha = 1, .patience = 30}};

static const unsigned adwin_alarm[FF_DRIFT_STREAMS] = {
    [ERROR] = FF_DRIFT_ERROR_ADWIN, [LEVEL] = FF_DRIFT_LEVEL_ADWIN};

static const unsigned page_alarm[FF_DRIFT_STREAMS] = {
    [ERROR] = FF_DRIFT_ERROR_PAGE_HINKLEY,
    [LEVEL] = FF_DRIFT_LEVEL_PAGE_HINKLEY};

void ff_drift_carve(struct ff_drift *d, struct ff_arena *a)
{
    d->watch = ff_arena_take(a, FF_DRIFT_STREAMS, sizeof *d->watch);
    d->tally = ff_arena_take(a, FF_DRIFT_STREAMS, sizeof *d->tally);
}

void ff_drift_start(struct ff_drift *d)
{
    memset(d->watch, 0, FF_DRIFT_STREAMS * sizeof *d->watch);
    memset(d->tally, 0, FF_DRIFT_STREAMS * sizeof *d->tally);
}

/* A value in 0 .. 1. What alarms starts again. */
static unsigned watch(struct ff_drift *d, enum stream s, double x)
{
    struct ff_adwin *adwin = &d->watch[s].adwin;
    struct ff_page_hinkley *page = &d->watch[s].page_hinkley;
    struct ff_drift_tally *tally = &d->tally[s];
    unsigned alarms = 0;
    tally->seen++;
    if (ff_adwin_add(adwin, &adwin_spec, x) & FF_CHANGE_ROSE) {
        ff_adwin_start(adwin);
        tally->adwin++;
        alarms |= adwin_alarm[s];
    }
    if (ff_page_hinkley_add(page, &page_spec[s], x) & FF_CHANGE_ROSE) {
        ff_page_hinkley_start(page);
        tally->page_hinkley++;
        alarms |= page_alarm[s];
    }
    if (alarms)
        tally->last = tally->seen;
    return alarms;
}

unsigned ff_drift_error(struct ff_drift *d, bool wrong)
{
    return watch(d, ERROR, wrong);
}

unsigned ff_drift_level(struct ff_drift *d, float level)
{
    if (!(level >= 0))
        return 0;
    return watch(d, LEVEL, -expm1(-(double)level));
}

static struct ff_drift_stream tell(const struct ff_drift *d, enum stream s)
{
    const struct ff_adwin *adwin = &d->watch[s].adwin;
    return (struct ff_drift_stream){.tally = d->tally[s],
                                    .mean = ff_adwin_mean(adwin),
                                    .width = adwin->width};
}

void ff_drift_status(const struct ff_drift *d, struct ff_drift_status *out)
{
    out->error = tell(d, ERROR);
    out->level = tell(d, LEVEL);
}

bool ff_drift_holds(const struct ff_drift *d)
{
    for (int s = 0; s < FF_DRIFT_STREAMS; s++) {
        const struct ff_drift_tally *t = &d->tally[s];
        if (!ff_adwin_holds(&d->watch[s].adwin) ||
            !ff_page_hinkley_holds(&d->watch[s].page_hinkley) ||
            t->adwin > t->seen || t->page_hinkley > t->seen ||
            t->last > t->seen)
            return false;
    }
    return true;
}
