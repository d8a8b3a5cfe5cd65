/* Detectors of drift: against river's, and by what the watch promises. */
#include <math.h>
#include <string.h>

#include "lib/drift.h"
#include "tests/lib/drift_golden.h"
#include "tests/lib/support.h"

#define GOLDENS (sizeof drift_golden / sizeof *drift_golden)

#define ERROR_ALARMS (FF_DRIFT_ERROR_ADWIN | FF_DRIFT_ERROR_PAGE_HINKLEY)
#define LEVEL_ALARMS (FF_DRIFT_LEVEL_ADWIN | FF_DRIFT_LEVEL_PAGE_HINKLEY)

/* river's defaults, which are not ours. */
static const struct ff_adwin_spec adwin_spec = {
    .delta = 0.002, .clock = 32, .least = 5, .patience = 10};
static const struct ff_adwin_spec eager_spec = {
    .delta = 0.05, .clock = 3, .least = 2, .patience = 70};
static const struct ff_page_hinkley_spec page_spec = {
    .delta = 0.005, .lambda = 50, .alpha = 1 - 0.0001, .patience = 30};

/* Evenly from [0, 1), as drift_golden.py draws. */
static double draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 40) / 16777216;
}

static bool coin(uint64_t *state, double p)
{
    return draw(state) < p;
}

/* ---- against river ------------------------------------------------------ */

struct trace {
    int n, at[64];
};

static void note(struct trace *t, bool alarmed, int i)
{
    if (alarmed && t->n < 64)
        t->at[t->n++] = i;
}

static void assert_trace(const struct trace *t, int n, const int *at,
                         const char *name)
{
    for (int i = 0; i < n && i < t->n; i++)
        if (t->at[i] != at[i])
            fail_msg("%s: alarm %d at %d, not %d", name, i, t->at[i], at[i]);
    if (t->n != n)
        fail_msg("%s: %d alarms, not %d", name, t->n, n);
}

/* Feed a golden stream to detectors, in turn. */
static void play(const struct drift_golden *g,
                 void (*feed)(void *ctx, double x, int i), void *ctx)
{
    uint64_t state = g->seed;
    for (int p = 0, i = 0; p < g->pieces; p++)
        for (int j = 0; j < g->piece[p].n; j++, i++) {
            double u = draw(&state), from = g->piece[p].from;
            double width = g->piece[p].width;
            feed(ctx, width > 0 ? from + width * u : u < from, i);
        }
}

struct windows {
    struct ff_adwin again, paper, eager;
    struct trace again_trace, paper_trace, eager_trace;
};

static void feed_windows(void *ctx, double x, int i)
{
    struct windows *w = ctx;
    bool changed = ff_adwin_add(&w->again, &adwin_spec, x);
    note(&w->again_trace, changed, i);
    if (changed)
        ff_adwin_start(&w->again);
    note(&w->paper_trace, ff_adwin_add(&w->paper, &adwin_spec, x), i);
    note(&w->eager_trace, ff_adwin_add(&w->eager, &eager_spec, x), i);
}

static void assert_window(const struct ff_adwin *w, double width, double sum,
                          double spread)
{
    assert_true(w->width == width);
    assert_near(w->sum, sum, 1e-12, 0, "sum");
    assert_near(w->spread, spread, 1e-9, 0, "spread");
    assert_near(ff_adwin_mean(w), sum / width, 1e-12, 0, "mean");
    assert_true(ff_adwin_holds(w));
}

void adwin_is_that_of_river(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDENS; i++) {
        const struct drift_golden *g = &drift_golden[i];
        struct windows w = {0};
        play(g, feed_windows, &w);
        assert_trace(&w.again_trace, g->again.n, g->again.at, g->name);
        assert_trace(&w.paper_trace, g->paper.n, g->paper.at, g->name);
        assert_trace(&w.eager_trace, g->eager.n, g->eager.at, g->name);
        assert_window(&w.again, g->again_window.width, g->again_window.sum,
                      g->again_window.spread);
        assert_window(&w.paper, g->paper_window.width, g->paper_window.sum,
                      g->paper_window.spread);
        assert_window(&w.eager, g->eager_window.width, g->eager_window.sum,
                      g->eager_window.spread);
    }
}

struct sums {
    struct ff_page_hinkley page;
    struct trace trace;
};

static void feed_sums(void *ctx, double x, int i)
{
    struct sums *s = ctx;
    bool changed = ff_page_hinkley_add(&s->page, &page_spec, x);
    note(&s->trace, changed, i);
    if (changed)
        ff_page_hinkley_start(&s->page);
}

void page_hinkley_is_that_of_river(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDENS; i++) {
        const struct drift_golden *g = &drift_golden[i];
        struct sums s = {0};
        play(g, feed_sums, &s);
        assert_trace(&s.trace, g->page.n, g->page.at, g->name);
        assert_near(s.page.mean, g->page_sums.mean, 1e-12, 0, "mean");
        assert_near(s.page.up, g->page_sums.up, 1e-9, 0, "up");
        assert_near(s.page.down, g->page_sums.down, 1e-9, 0, "down");
        assert_true(ff_page_hinkley_holds(&s.page));
    }
}

/* ---- the window --------------------------------------------------------- */

void a_window_without_change_holds_all_there_was(void **state)
{
    (void)state;
    struct ff_adwin w = {0};
    uint64_t seed = 5;
    double sum = 0, squares = 0;
    assert_true(isnan(ff_adwin_mean(&w)));
    for (int n = 1; n <= 5000; n++) {
        double x = draw(&seed);
        assert_int_equal(ff_adwin_add(&w, &adwin_spec, x), 0);
        sum += x;
        squares += x * x;
        if (n % 97 && n > 8)
            continue;
        assert_true(w.width == n);
        assert_near(w.sum, sum, 1e-12, 0, "sum");
        assert_near(w.spread, squares - sum * sum / n, 1e-9, 1e-12, "spread");
        assert_true(ff_adwin_holds(&w));
    }
}

/* Every row is full: 5 (2^48 - 1) ones, which no test can wait for. */
static void fill(struct ff_adwin *w)
{
    ff_adwin_start(w);
    for (int r = 0; r < FF_ADWIN_ROWS; r++)
        for (int i = 0; i < FF_ADWIN_BUCKETS; i++) {
            w->row[r].sum[i] = (double)((uint64_t)1 << r);
            w->row[r].n++;
            w->width += w->row[r].sum[i];
        }
    w->sum = w->width;
    w->rows = FF_ADWIN_ROWS;
}

void a_window_past_its_last_row_forgets_the_oldest(void **state)
{
    (void)state;
    struct ff_adwin w;
    fill(&w);
    assert_true(ff_adwin_holds(&w));
    double width = w.width, last = ldexp(1, FF_ADWIN_ROWS - 1);
    ff_adwin_add(&w, &adwin_spec, 1);
    assert_true(w.width == width + 1 - last);
    assert_true(ff_adwin_mean(&w) == 1);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(ff_adwin_add(&w, &adwin_spec, 1), 0);
    assert_true(ff_adwin_holds(&w));
}

/* ---- the watch ---------------------------------------------------------- */

struct watch {
    struct ff_drift drift;
    struct ff_arena arena;
};

static struct watch new_watch(void)
{
    struct watch w = {0};
    ff_drift_carve(&w.drift, &w.arena);
    assert_int_equal(ff_arena_init(&w.arena), 0);
    ff_drift_carve(&w.drift, &w.arena);
    ff_drift_start(&w.drift);
    return w;
}

/* n frames of this share of errors, surprised where wrong; what alarmed. */
static unsigned live(struct watch *w, uint64_t *seed, int n, double p)
{
    unsigned alarms = 0;
    for (int i = 0; i < n; i++) {
        bool wrong = coin(seed, p);
        alarms |= ff_drift_error(&w->drift, wrong);
        alarms |= ff_drift_level(&w->drift, wrong ? 2.5f : 0.05f);
    }
    return alarms;
}

/* Frames until all of these have alarmed. */
static int delay(struct watch *w, uint64_t *seed, double p, unsigned wanted)
{
    unsigned alarms = 0;
    int n = 0;
    for (; (alarms & wanted) != wanted && n < 100000; n++)
        alarms |= live(w, seed, 1, p);
    return n;
}

/* The longest there is time for here: 22 rows of 48. */
void ten_million_still_values_fit_and_alarm_nobody(void **state)
{
    (void)state;
    struct watch w = new_watch();
    struct ff_drift_status s;
    uint64_t seed = 6;
    unsigned alarms = 0;
    for (int i = 0; i < 10000000; i++)
        alarms |= ff_drift_error(&w.drift, coin(&seed, 0.03));
    assert_int_equal(alarms, 0);
    ff_drift_status(&w.drift, &s);
    assert_int_equal(s.error.tally.seen, 10000000);
    assert_true(s.error.width == 10000000);
    assert_near(s.error.mean, 0.03, 0.01, 0, "mean");
    assert_true(w.drift.watch[0].adwin.rows < 24);
    assert_true(ff_drift_holds(&w.drift));
    ff_arena_release(&w.arena);
}

void an_error_that_falls_alarms_nobody(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct watch w = new_watch();
        uint64_t g = seed;
        for (int n = 0; n < 20000; n++) /* as a learner's does */
            assert_int_equal(live(&w, &g, 1, 0.02 + 0.9 * exp(-n / 800.0)), 0);
        ff_drift_start(&w.drift);
        assert_int_equal(live(&w, &g, 3000, 0.9), 0);
        assert_int_equal(live(&w, &g, 3000, 0.1), 0); /* and at once */
        ff_arena_release(&w.arena);
    }
}

void a_great_rise_alarms_both_at_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct watch w = new_watch();
        uint64_t g = seed;
        assert_int_equal(live(&w, &g, 20000 + (int)seed, 0.03), 0);
        int n = delay(&w, &g, 0.9, ERROR_ALARMS | LEVEL_ALARMS);
        assert_in_range(n, 20, 64);
        ff_arena_release(&w.arena);
    }
}

void a_small_rise_alarms_adwin_in_the_end(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct watch w = new_watch();
        uint64_t g = seed;
        assert_int_equal(live(&w, &g, 20000, 0.03), 0);
        assert_in_range(delay(&w, &g, 0.1, FF_DRIFT_ERROR_ADWIN), 64, 1000);
        ff_arena_release(&w.arena);
    }
}

void who_alarmed_starts_again_and_others_go_on(void **state)
{
    (void)state;
    struct watch w = new_watch();
    struct ff_drift_status s;
    uint64_t g = 7;
    live(&w, &g, 2000, 0.03);
    int n = delay(&w, &g, 0.9, FF_DRIFT_ERROR_ADWIN);
    ff_drift_status(&w.drift, &s);
    assert_int_equal(s.error.tally.adwin, 1);
    assert_int_equal(s.error.tally.last, 2000 + n);
    assert_true(s.error.width == 0 && isnan(s.error.mean));
    assert_true(w.drift.watch[0].page_hinkley.n > 2000);
    live(&w, &g, 100, 0.9);
    ff_drift_status(&w.drift, &s);
    assert_int_equal(s.error.tally.page_hinkley, 1);
    assert_true(s.error.mean > 0.8);
    /* What has become usual is no news; what comes next is. */
    assert_int_equal(live(&w, &g, 5000, 0.05), 0);
    assert_in_range(delay(&w, &g, 0.9, ERROR_ALARMS | LEVEL_ALARMS), 20, 96);
    ff_drift_start(&w.drift);
    ff_drift_status(&w.drift, &s);
    assert_int_equal(s.error.tally.last, 0);
    assert_int_equal(s.level.tally.seen, 0);
    ff_arena_release(&w.arena);
}

void what_is_no_number_in_range_is_not_taken(void **state)
{
    (void)state;
    static const double odd[] = {NAN, -INFINITY, INFINITY, -1e30, 1e30};
    struct watch w = new_watch();
    struct ff_adwin window = {0}, empty = {0};
    struct ff_page_hinkley page = {0};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        ff_adwin_add(&window, &adwin_spec, odd[i]);
        ff_page_hinkley_add(&page, &page_spec, odd[i]);
    }
    ff_adwin_add(&window, &adwin_spec, -0.001);
    ff_adwin_add(&window, &adwin_spec, 1.001);
    ff_drift_level(&w.drift, NAN);
    ff_drift_level(&w.drift, -0.001f);
    assert_memory_equal(&window, &empty, sizeof window);
    assert_true(page.n == 0);
    assert_int_equal(w.drift.tally[1].seen, 0);
    /* A level has no upper end, but what is watched of it does. */
    ff_drift_level(&w.drift, INFINITY);
    assert_true(ff_adwin_mean(&w.drift.watch[1].adwin) == 1);
    ff_drift_level(&w.drift, 0);
    assert_true(ff_adwin_mean(&w.drift.watch[1].adwin) == 0.5);
    ff_arena_release(&w.arena);
}

void a_copied_watch_goes_on_like_the_first(void **state)
{
    (void)state;
    struct watch a = new_watch(), b = new_watch();
    uint64_t seed = 9;
    live(&a, &seed, 3333, 0.1);
    memcpy(b.drift.watch, a.drift.watch, 2 * sizeof *a.drift.watch);
    memcpy(b.drift.tally, a.drift.tally, 2 * sizeof *a.drift.tally);
    uint64_t again = seed;
    for (int i = 0; i < 3000; i++) {
        double p = i < 1500 ? 0.1 : 0.4;
        assert_int_equal(live(&a, &seed, 1, p), live(&b, &again, 1, p));
    }
    assert_memory_equal(a.drift.watch, b.drift.watch,
                        2 * sizeof *a.drift.watch);
    assert_true(a.drift.tally[0].adwin > 0);
    ff_arena_release(&a.arena);
    ff_arena_release(&b.arena);
}

void a_watch_that_contradicts_itself_does_not_hold(void **state)
{
    (void)state;
    struct watch w = new_watch();
    uint64_t seed = 10;
    live(&w, &seed, 1000, 0.1);
    struct ff_adwin *adwin = &w.drift.watch[1].adwin;
    double *const wrong[] = {&adwin->rows,
                             &adwin->width,
                             &adwin->row[0].n,
                             &adwin->row[3].n,
                             &adwin->row[20].n,
                             &adwin->row[2].sum[0],
                             &adwin->spread,
                             &w.drift.watch[0].page_hinkley.n,
                             &w.drift.watch[0].page_hinkley.lowest};
    static const double with[] = {-1, 0.5, 6, 1e300, NAN, INFINITY};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double was = *wrong[i];
        size_t refused = 0;
        for (size_t j = 0; j < sizeof with / sizeof *with; j++) {
            *wrong[i] = with[j];
            refused += !ff_drift_holds(&w.drift);
        }
        assert_true(refused >= 3);
        *wrong[i] = was;
        assert_true(ff_drift_holds(&w.drift));
    }
    w.drift.tally[0].last = 1001;
    assert_false(ff_drift_holds(&w.drift));
    ff_arena_release(&w.arena);
}

/* ---- a learner ---------------------------------------------------------- */

/* Learn a digit, its pixels in another order or not; what alarmed. */
static unsigned learn_turned(struct ff_model *m, struct ff_drift *d, size_t i,
                             bool turned)
{
    uint8_t frame[64];
    const void *row = frame;
    struct ff_learned learned;
    struct ff_slept slept = {0};
    for (size_t p = 0; p < sizeof frame; p++)
        frame[p] = digits_frame(i)[turned ? (p * 37 + 11) % 64 : p];
    int class_ = class_of(m, digits_label(i));
    assert_int_equal(ff_learn(m, &row, &class_, NULL, 1, &learned), 0);
    for (slept.debt = learned.exhausted; slept.debt > 0;)
        assert_int_equal(ff_sleep(m, 64, &slept), 0);
    return ff_drift_error(d, !learned.correct[0]);
}

void a_world_turned_over_is_noticed(void **state)
{
    (void)state;
    struct ff_model *m = new_model(digits_spec());
    struct watch w = new_watch();
    unsigned before = 0, after = 0;
    for (size_t i = 0; i < DIGITS_TRAIN; i++)
        before |= learn_turned(m, &w.drift, i, false);
    for (size_t i = 0; i < 100; i++)
        after |= learn_turned(m, &w.drift, i, true);
    assert_int_equal(before, 0);
    assert_int_equal(after, ERROR_ALARMS);
    ff_arena_release(&w.arena);
    ff_model_free(m);
}
