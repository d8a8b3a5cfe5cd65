#include "clients/cli/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/clock.h"
#include "clients/cli/source.h"

#define BAR      20
#define REDRAW_S 0.1

void progress_start(struct progress *p, const char *what, size_t total,
                    bool wanted)
{
    p->on = wanted && isatty(STDERR_FILENO);
    p->what = what;
    p->unit = "frames";
    p->bits = (double)NAN;
    p->total = total;
    p->from = clock_s();
    p->drawn = 0;
}

/* 60000 as 60,000. */
static const char *grouped(char out[32], size_t v)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%zu", v);
    char *to = out;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

static void add(char *out, size_t n, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void add(char *out, size_t n, const char *fmt, ...)
{
    size_t have = strlen(out);
    va_list args;
    va_start(args, fmt);
    vsnprintf(out + have, n - have, fmt, args);
    va_end(args);
}

void progress_line(char *out, size_t n, const struct progress *p, size_t done,
                   double accuracy, double seconds)
{
    char a[32], b[32];
    double rate = seconds > 0 ? (double)done / seconds : 0;
    bool known = p->total != COUNT_UNKNOWN && p->total > 0;
    snprintf(out, n, "%s ", p->what);
    if (known) {
        double part = (double)done / (double)p->total;
        int full = (int)(part * BAR);
        add(out, n, "[%.*s%.*s] %3.0f %%  %s/%s", full, "####################",
            BAR - full, "....................", part * 100, grouped(a, done),
            grouped(b, p->total));
    } else {
        add(out, n, "%s %s", grouped(a, done), p->unit ? p->unit : "frames");
    }
    add(out, n, "  %s/s", grouped(a, (size_t)rate));
    if (!isnan(accuracy))
        add(out, n, "  %.1f %% right", accuracy * 100);
    if (p->bits > 0)
        add(out, n, "  %.2f bits a symbol", p->bits);
    if (known && rate > 0)
        add(out, n, "  %.0f s left", ceil((double)(p->total - done) / rate));
}

void progress_show(struct progress *p, size_t done, double accuracy)
{
    if (!p->on)
        return;
    double now = clock_s();
    if (now - p->drawn < REDRAW_S)
        return;
    char line[200];
    p->drawn = now;
    progress_line(line, sizeof line, p, done, accuracy, now - p->from);
    fprintf(stderr, "\r%s\033[K", line);
}

void progress_stop(struct progress *p)
{
    if (p->on && p->drawn > 0)
        fputs("\r\033[K", stderr);
}
