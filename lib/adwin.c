#include "lib/adwin.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define M    FF_ADWIN_BUCKETS
#define ROWS FF_ADWIN_ROWS

/* Values in a bucket of row r. */
static double size_of(size_t r)
{
    return (double)((uint64_t)1 << r);
}

/* What two parts spread together, more than each on its own. */
static double between(double n0, double sum0, double n1, double sum1)
{
    double apart = sum0 / n0 - sum1 / n1;
    return n0 * n1 * apart * apart / (n0 + n1);
}

static void push(struct ff_adwin *w, size_t r, double sum, double spread)
{
    struct ff_adwin_row *row = &w->row[r];
    size_t i = (size_t)row->n;
    row->sum[i] = sum;
    row->spread[i] = spread;
    row->n++;
    if (w->rows < (double)(r + 1))
        w->rows = (double)(r + 1);
}

/* Take the k oldest buckets out of a row. */
static void shift(struct ff_adwin_row *row, size_t k)
{
    size_t left = (size_t)row->n - k;
    memmove(row->sum, row->sum + k, left * sizeof *row->sum);
    memmove(row->spread, row->spread + k, left * sizeof *row->spread);
    row->n = (double)left;
}

static void drop_oldest(struct ff_adwin *w)
{
    size_t r = (size_t)w->rows - 1;
    struct ff_adwin_row *row = &w->row[r];
    double n = size_of(r), sum = row->sum[0], spread = row->spread[0];
    w->width -= n;
    w->sum -= sum;
    w->spread -= spread + between(n, sum, w->width, w->sum);
    if (w->spread < 0) /* by rounding; its root would be no number */
        w->spread = 0;
    shift(row, 1);
    while (w->rows > 0 && w->row[(size_t)w->rows - 1].n == 0)
        w->rows--;
}

/* Two buckets too many of one size become one of the next. */
static void merge(struct ff_adwin *w)
{
    for (size_t r = 0; w->row[r].n > M; r++) {
        if (r + 1 == ROWS) {
            drop_oldest(w);
            return;
        }
        const double *sum = w->row[r].sum, *spread = w->row[r].spread;
        double n = size_of(r);
        push(w, r + 1, sum[0] + sum[1],
             spread[0] + spread[1] + between(n, sum[0], n, sum[1]));
        shift(&w->row[r], 2);
    }
}

static void insert(struct ff_adwin *w, double x)
{
    if (w->width > 0)
        w->spread += between(w->width, w->sum, 1, x);
    w->width++;
    w->sum += x;
    push(w, 0, x, 0);
    merge(w);
}

/* Which way the mean went at the oldest place where it went any; else 0. */
static unsigned find_cut(const struct ff_adwin *w,
                         const struct ff_adwin_spec *spec)
{
    double least = spec->least, n0 = 0, sum0 = 0;
    double log_term = log(2 * log(w->width) / spec->delta);
    double variance = w->spread / w->width;
    for (size_t r = (size_t)w->rows; r-- > 0;) {
        for (size_t i = 0; i < (size_t)w->row[r].n; i++) {
            n0 += size_of(r);
            sum0 += w->row[r].sum[i];
            double n1 = w->width - n0;
            if (n1 < least)
                return 0;
            if (n0 < least)
                continue;
            double rise = (w->sum - sum0) / n1 - sum0 / n0;
            double m = 1 / (n0 - least + 1) + 1 / (n1 - least + 1);
            double e =
                sqrt(2 * m * variance * log_term) + 2.0 / 3 * log_term * m;
            if (fabs(rise) > e)
                return rise > 0 ? FF_CHANGE_ROSE : FF_CHANGE_FELL;
        }
    }
    return 0;
}

void ff_adwin_start(struct ff_adwin *w)
{
    memset(w, 0, sizeof *w);
}

unsigned ff_adwin_add(struct ff_adwin *w, const struct ff_adwin_spec *spec,
                      double x)
{
    unsigned changed = 0, cut;
    if (!(x >= 0 && x <= 1))
        return 0;
    insert(w, x);
    w->ticks++;
    if (w->ticks < spec->clock)
        return 0;
    w->ticks = 0;
    if (w->width <= spec->patience)
        return 0;
    while ((cut = find_cut(w, spec)) != 0) {
        changed |= cut;
        drop_oldest(w);
    }
    return changed;
}

double ff_adwin_mean(const struct ff_adwin *w)
{
    return w->width > 0 ? w->sum / w->width : NAN;
}

static bool is_count(double x, double most)
{
    return x >= 0 && x <= most && x == floor(x);
}

static bool row_holds(const struct ff_adwin_row *row, double size)
{
    if (!is_count(row->n, M))
        return false;
    for (size_t i = 0; i < (size_t)row->n; i++)
        if (!(row->sum[i] >= 0 && row->sum[i] <= size && row->spread[i] >= 0 &&
              row->spread[i] <= size))
            return false;
    return true;
}

/* Counts are used as places, and widths divided by; sums of values in 0 .. 1
   cannot be larger than their number, but for rounding. */
bool ff_adwin_holds(const struct ff_adwin *w)
{
    double width = 0;
    if (!is_count(w->rows, ROWS) || !(w->ticks >= 0))
        return false;
    for (size_t r = 0; r < ROWS; r++) {
        bool used = r < (size_t)w->rows;
        if (!row_holds(&w->row[r], size_of(r)) || used != (w->row[r].n > 0))
            return false;
        width += w->row[r].n * size_of(r);
    }
    return width == w->width && fabs(w->sum) <= width + 1 && w->spread >= 0 &&
           w->spread <= width;
}
