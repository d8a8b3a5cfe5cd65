#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/cli.h"
#include "clients/cli/progress.h"
#include "tests/clients/fake.h"
#include "tests/clients/support.h"

/* Six frames; the first byte is what the fake answers. */
static const uint8_t pixels[24] = {3, 0,  0, 0, 1, 10, 0, 0, 2, 20, 0, 0,
                                   0, 30, 0, 0, 3, 40, 0, 0, 9, 50, 0, 0};
static const uint8_t digits[6] = {3, 1, 2, 0, 3, 1}; /* the last is wrong */

static void put_inputs(void)
{
    put_idx(scratch("x"), 6, 2, 2, pixels, 1);
    put_idx(scratch("y"), 6, 0, 0, digits, 0);
}

/* What the verb printed, which must be JSON and nothing else. Owned. */
static json_t *parsed(void)
{
    json_error_t error;
    json_t *j = json_loads(ran_out, 0, &error);
    assert_non_null(j);
    return j;
}

static double number(const json_t *j, const char *key)
{
    return json_number_value(json_object_get(j, key));
}

void ping_is_answered_as_json(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("--json", "-s", f.address, "ping", NULL), 0);
    fake_stop(&f);
    json_t *j = parsed();
    assert_string_equal(json_string_value(json_object_get(j, "answer")),
                        "pong");
    json_decref(j);
}

static void feed_in_batches_of(const char *batch)
{
    struct fake f = {.busy = 2};
    put_inputs();
    fake_start(&f);
    assert_int_equal(run("feed", "m", "--idx", scratch("x"), scratch("y"),
                         "--batch", batch, "--json", "-s", f.address, NULL),
                     0);
    fake_stop(&f);
    json_t *j = parsed();
    assert_int_equal(number(j, "frames"), 6);
    assert_int_equal(number(j, "dropped"), 0);
    assert_int_equal(number(j, "retries"), 2);
    assert_true(fabs(number(j, "prequential_accuracy") - 5.0 / 6) < 1e-6);
    assert_string_equal(
        json_string_value(json_object_get(j, "prequential_over")), "feed");
    assert_true(number(j, "frames_per_second") > 0);
    assert_int_equal(f.taken, 6);
    json_decref(j);
}

void feed_repeats_what_was_refused_for_now(void **state)
{
    (void)state;
    feed_in_batches_of("4");
    feed_in_batches_of("1");
}

void feed_counts_what_was_dropped(void **state)
{
    (void)state;
    struct fake f = {.drop = 1};
    put_inputs();
    fake_start(&f);
    assert_int_equal(run("feed", "m", "--idx", scratch("x"), scratch("y"),
                         "--batch=4", "--json", "-s", f.address, NULL),
                     0);
    fake_stop(&f);
    json_t *j = parsed();
    assert_int_equal(number(j, "frames"), 2);
    assert_int_equal(number(j, "dropped"), 4);
    json_decref(j);
}

/* Verdicts on some requests only are no fair sample: the model's is told. */
void feed_with_verdicts_missing_tells_the_models_accuracy(void **state)
{
    (void)state;
    struct fake f = {.silent = 1};
    put_inputs();
    fake_start(&f);
    assert_int_equal(run("feed", "m", "--idx", scratch("x"), scratch("y"),
                         "--batch=2", "--json", "-s", f.address, NULL),
                     0);
    fake_stop(&f);
    json_t *j = parsed();
    assert_true(number(j, "prequential_accuracy") == 0.25);
    assert_string_equal(
        json_string_value(json_object_get(j, "prequential_over")), "model");
    json_decref(j);
}

void feed_by_class_streams_pairs(void **state)
{
    (void)state;
    struct fake f = {0};
    put_inputs();
    fake_start(&f);
    assert_int_equal(run("feed", "m", "--idx", scratch("x"), scratch("y"),
                         "--order", "by-class", "--json", "-s", f.address,
                         NULL),
                     0);
    fake_stop(&f);
    assert_int_equal(f.taken, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal((f.labels[i] - '0') / 2, i < 3 ? 0 : 1);
}

void feed_of_a_broken_file_has_the_code_of_files(void **state)
{
    (void)state;
    struct fake f = {0};
    put_file(scratch("broken"), pixels, 7, 0);
    fake_start(&f);
    assert_int_equal(
        run("feed", "m", "--raw", scratch("broken"), "-s", f.address, NULL),
        EXIT_INPUT);
    assert_non_null(strstr(ran_err, "in the middle of frame 1"));
    assert_int_equal(
        run("feed", "other", "--raw", scratch("broken"), "-s", f.address, NULL),
        EXIT_REFUSED);
    assert_non_null(strstr(ran_err, "UNKNOWN_MODEL"));
    fake_stop(&f);
}

void eval_tells_accuracy_by_class(void **state)
{
    (void)state;
    struct fake f = {0};
    put_inputs();
    fake_start(&f);
    assert_int_equal(run("eval", "m", "--idx", scratch("x"), scratch("y"),
                         "--json", "-s", f.address, NULL),
                     0);
    json_t *j = parsed();
    assert_int_equal(number(j, "frames"), 6);
    assert_true(fabs(number(j, "accuracy") - 5.0 / 6) < 1e-6);
    assert_true(fabs(number(j, "ece") - (5.0 / 6 - 0.75)) < 1e-6);
    assert_int_equal(number(j, "step"), 42);
    json_t *classes = json_object_get(j, "per_class");
    assert_true(number(classes, "1") == 0.5);
    assert_true(number(classes, "3") == 1.0);
    assert_null(json_object_get(classes, "9")); /* never the truth */
    json_decref(j);
    assert_int_equal(run("eval", "m", "--idx", scratch("x"), scratch("y"), "-s",
                         f.address, NULL),
                     0);
    assert_non_null(strstr(ran_out, "accuracy 83.33 %"));
    assert_non_null(strstr(ran_out, "true \\ said"));
    fake_stop(&f);
}

void eval_measures_novelty_against_other_frames(void **state)
{
    (void)state;
    uint8_t others[8] = {0, 200, 0, 0, 0, 45, 0, 0};
    struct fake f = {0};
    put_inputs();
    put_idx(scratch("o"), 2, 2, 2, others, 0);
    fake_start(&f);
    assert_int_equal(run("eval", "m", "--idx", scratch("x"),
                         "--novelty-against", scratch("o"), "--novelty",
                         scratch("n"), "--json", "-s", f.address, NULL),
                     0);
    fake_stop(&f);
    json_t *j = parsed();
    /* 200 is above all six, 45 above five. */
    assert_true(fabs(number(j, "auroc") - 11.0 / 12) < 1e-6);
    const json_t *typicality = json_object_get(j, "typicality");
    assert_true(fabs(number(typicality, "auroc") - 11.0 / 12) < 1e-6);
    assert_true(number(typicality, "alarm") == 0.01);
    assert_true(number(typicality, "alarms") == 0);
    assert_true(number(typicality, "detected") == 0);
    assert_true(json_is_null(json_object_get(j, "accuracy")));
    json_decref(j);
    struct bytes b;
    char why[WHY_MAX], *line;
    size_t lines = 0;
    assert_int_equal(bytes_open(&b, scratch("n"), why), 0);
    while (bytes_line(&b, &line, why) == 1)
        lines++;
    assert_int_equal(lines, 6);
    bytes_release(&b);
}

void eval_counts_what_is_below_the_alarm_of_typicality(void **state)
{
    (void)state;
    uint8_t others[8] = {0, 200, 0, 0, 0, 45, 0, 0};
    struct fake f = {0};
    put_inputs();
    put_idx(scratch("o"), 2, 2, 2, others, 0);
    fake_start(&f);
    assert_int_equal(run("eval", "m", "--idx", scratch("x"),
                         "--typicality-alarm", "0.81", "--json", "-s",
                         f.address, NULL),
                     0);
    json_t *j = parsed();
    const json_t *typicality = json_object_get(j, "typicality");
    assert_true(fabs(number(typicality, "alarms") - 1.0 / 6) < 1e-6);
    assert_true(json_is_null(json_object_get(typicality, "auroc")));
    assert_true(json_is_null(json_object_get(typicality, "detected")));
    json_decref(j);
    assert_int_equal(run("eval", "m", "--idx", scratch("x"),
                         "--typicality-alarm", "0.81", "--novelty-against",
                         scratch("o"), "-s", f.address, NULL),
                     0);
    fake_stop(&f);
    assert_non_null(strstr(ran_out, "16.67 % of these frames are at or below"));
    assert_non_null(strstr(ran_out, "against 2 strange frames, 50.00 % of"));
}

void status_tells_of_labels_fits_and_drift(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("status", "m", "-s", f.address, NULL), 0);
    fake_stop(&f);
    assert_non_null(strstr(ran_out, "state: awake\n"));
    assert_null(strstr(ran_out, "pending:"));
    assert_non_null(strstr(ran_out, "labelled: 75 of 100 frames, 75.0 %; 20 "
                                    "labels came late, 5 for no frame; 25 "
                                    "frames wait for one, 3 learned as its own "
                                    "answer\n"));
    assert_non_null(strstr(ran_out, "fits: 2, and one under way; 4 frames held "
                                    "out\n"));
    assert_non_null(strstr(ran_out, "drift: 1 alarm of errors, the last at "
                                    "labelled frame 60; 2 alarms of doubt\n"));
}

void status_tells_a_digest_where_it_is_asked_for(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("status", "m", "-s", f.address, NULL), 0);
    assert_null(strstr(ran_out, "digest"));
    assert_int_equal(run("status", "m", "--digest", "-s", f.address, NULL), 0);
    assert_non_null(strstr(ran_out, "record: 12\ndigest: 0123abcd\n"));
    assert_int_equal(run("status", "--digest", "--json", "-s", f.address, NULL),
                     0);
    fake_stop(&f);
    json_t *j = parsed();
    assert_string_equal(json_string_value(json_object_get(j, "digest")),
                        "0123abcd");
    json_decref(j);
}

void predict_prints_a_line_for_each_frame_in_order(void **state)
{
    (void)state;
    struct fake f = {0};
    put_inputs();
    fake_start(&f);
    assert_int_equal(run("predict", "m", "--idx", scratch("x"), "--limit", "3",
                         "--batch", "2", "--json", "-s", f.address, NULL),
                     0);
    const char *a = strstr(ran_out, "\"label\":\"3\"");
    const char *b = strstr(ran_out, "\"label\":\"1\"");
    const char *c = strstr(ran_out, "\"label\":\"2\"");
    assert_true(a && b && c && a < b && b < c);
    assert_int_equal(run("predict", "m", "--idx", scratch("x"), scratch("y"),
                         "-s", f.address, NULL),
                     0);
    fake_stop(&f);
    assert_non_null(strstr(ran_out, "right (3)"));
    assert_non_null(strstr(ran_out, "wrong (1)"));
}

void text_is_written_as_it_comes(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("generate", "m", "-n", "9", "-s", f.address, NULL), 0);
    assert_string_equal(ran_out, "the \x1b[2J fox\n"); /* to no terminal */
    assert_int_equal(run("generate", "m", "--json", "--seed", "7", "--prompt",
                         "a", "-s", f.address, NULL),
                     0);
    assert_non_null(strstr(ran_out, "\"step\":7"));
    assert_int_equal(
        run("generate", "m", "--temperature", "0", "-s", f.address, NULL),
        EXIT_USAGE);
    fake_stop(&f);
}

void dreams_become_a_png(void **state)
{
    (void)state;
    struct fake f = {0};
    unsigned char head[8];
    fake_start(&f);
    assert_int_equal(run("dreams", "m", "-n", "2", "--png", scratch("d.png"),
                         "-s", f.address, NULL),
                     0);
    assert_non_null(strstr(ran_out, "climb"));
    assert_int_equal(
        run("dreams", "m", "--png", "/nowhere/d.png", "-s", f.address, NULL),
        EXIT_INPUT);
    fake_stop(&f);
    FILE *file = fopen(scratch("d.png"), "rb");
    assert_non_null(file);
    assert_int_equal(fread(head, 1, 8, file), 8);
    (void)fclose(file);
    assert_memory_equal(head, "\x89PNG\r\n\x1a\n", 8);
}

void short_verbs_show_what_the_daemon_says(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    static const char *const verbs[] = {"sleep", "wake", "save"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(run(verbs[i], "m", "-s", f.address, NULL), 0);
        assert_string_equal(ran_out, "state: awake\n");
    }
    assert_int_equal(run("status", "--json", "-s", f.address, NULL), 0);
    json_t *j = parsed(); /* one line, as it came */
    assert_int_equal(json_object_size(j), 17);
    assert_true(number(j, "prequential_accuracy") == 0.25);
    json_decref(j);
    assert_int_equal(run("top", "--once", "-s", f.address, NULL), 0);
    assert_non_null(strstr(ran_out, "no models"));
    assert_int_equal(run("wake", "x", "-s", f.address, NULL), EXIT_REFUSED);
    fake_stop(&f);
}

void events_of_all_topics_but_stats_by_default(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("events", "--limit", "5", "-s", f.address, NULL), 0);
    fake_stop(&f);
    assert_non_null(strstr(ran_out, " sleep    m  state asleep  seq 12\n"));
    assert_non_null(strstr(ran_out, " novelty  m  "));
    assert_non_null(strstr(ran_out, " drift    m  "));
    assert_non_null(strstr(ran_out, " anomaly  m  "));
    assert_non_null(strstr(ran_out, " snapshot m  "));
    assert_null(strstr(ran_out, "stats"));
    assert_string_equal(ran_err, "");
}

void events_named_are_told_as_json_lines(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("--json", "events", "stats", "sleep", "--limit=2",
                         "-s", f.address, NULL),
                     0);
    fake_stop(&f);
    assert_string_equal(
        ran_out, "{\"topic\":\"sleep\",\"payload\":{\"model\":\"m\",\"state\":"
                 "\"asleep\",\"seq\":12}}\n"
                 "{\"topic\":\"stats\",\"payload\":{\"model\":\"m\",\"state\":"
                 "\"asleep\",\"seq\":12}}\n");
}

void compare_shows_a_dash_for_what_is_not_told(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("compare", "m", "m", "-s", f.address, NULL), 0);
    fake_stop(&f);
    assert_non_null(strstr(ran_out, "                                 m"
                                    "             m\n"));
    assert_non_null(strstr(ran_out, "right %, last 1,000          25.00"
                                    "         25.00\n"));
    assert_non_null(strstr(ran_out, "state                        awake"
                                    "         awake\n"));
    assert_non_null(strstr(ran_out, "waiting                          -"
                                    "             -\n"));
}

void compare_needs_two_models(void **state)
{
    (void)state;
    assert_int_equal(run("compare", "m", NULL), 2);
    assert_non_null(strstr(ran_err, "two models or more"));
}

void progress_tells_rate_accuracy_and_time_left(void **state)
{
    (void)state;
    char line[200];
    struct progress p = {.what = "m", .total = 60000};
    progress_line(line, sizeof line, &p, 27000, 0.971, 1.5);
    assert_string_equal(line, "m [#########...........]  45 %  27,000/60,000  "
                              "18,000/s  97.1 % right  2 s left");
    p.total = COUNT_UNKNOWN;
    progress_line(line, sizeof line, &p, 900, (double)NAN, 1.0);
    assert_string_equal(line, "m 900 frames  900/s");
}
