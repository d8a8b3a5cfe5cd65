/*
 * The life of a model in points: bounded for ever, even, and true at its end.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/history.h"
#include "proto/json.h"
#include "tests/daemon/support.h"

static struct ffd_history *fresh(void)
{
    struct ffd_history *h = malloc(sizeof(*h));

    assert_non_null(h);
    ffd_history_init(h);
    return h;
}

static void live(struct ffd_history *h, double from, double to, double step)
{
    for (double t = from; t < to; t += step) {
        const struct ffd_point p = {.time = t,
                                    .seq = (uint64_t)t,
                                    .accuracy = 0.5,
                                    .fading = (double)NAN};

        ffd_history_add(h, &p);
    }
}

void a_history_has_a_point_a_second_at_first(void **state)
{
    struct ffd_history *h = fresh();

    (void)state;
    live(h, 1000, 1010, 0.1);
    assert_in_range(h->n, 9, 10);
    free(h);
}

void a_history_thins_out_and_is_even_and_ends_now(void **state)
{
    struct ffd_history *h = fresh();
    double longest = 0, shortest = 1e9;

    (void)state;
    live(h, 0, 7 * 24 * 3600, 0.5);
    assert_in_range(h->n, FFD_HISTORY_POINTS / 2, FFD_HISTORY_POINTS);
    for (size_t i = 1; i < h->n; i++) {
        double gap = h->point[i].time - h->point[i - 1].time;

        longest = gap > longest ? gap : longest;
        shortest = gap < shortest ? gap : shortest;
    }
    assert_true(longest <= 2 * shortest);
    assert_true(7 * 24 * 3600 - h->point[h->n - 1].time <= h->every_s);
    assert_true(h->point[0].time <= 2 * h->every_s);
    free(h);
}

void a_clock_that_is_set_back_does_not_stop_a_history(void **state)
{
    struct ffd_history *h = fresh();
    size_t before;

    (void)state;
    live(h, 100000, 100010, 1);
    before = h->n;
    live(h, 5000, 5010, 1);
    assert_int_equal(h->n, before + 10);
    free(h);
}

void the_newest_marks_of_a_history_stay_in_order(void **state)
{
    struct ffd_history *h = fresh();
    struct ffp_buf b;
    char *text, name[32];

    (void)state;
    for (int i = 0; i < FFD_HISTORY_MARKS + 10; i++) {
        snprintf(name, sizeof(name), "mark <%d> \xff", i);
        ffd_history_mark(h, i, (uint64_t)i, "drift", name);
    }
    live(h, 0, 3, 1);
    ffp_buf_init(&b, 1 << 20);
    ffd_history_pack(h, &b);
    text = ffp_json_packed(b.data, b.n);
    assert_non_null(text);
    assert_null(strstr(text, "<9>"));
    assert_non_null(strstr(text, "\"mark <10> ?\""));
    assert_true(strstr(text, "<10>") < strstr(text, "<73>"));
    assert_non_null(strstr(text, "\"fading\":[null,null,null]"));
    free(text);
    ffp_buf_release(&b);
    free(h);
}
