/* Samples out of CSV files, and what an input makes of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/input.h"
#include "tests/clients/source_kit.h"

/* ---- CSV ---------------------------------------------------------------- */

static struct source *csv(const char *text, const struct csv_options *o)
{
    put_file(scratch("samples.csv"), text, strlen(text), 0);
    struct source *s = csv_open(scratch("samples.csv"), o, &kit.shape,
                                &kit_stream, &kit.names, kit.why);
    assert_non_null(s);
    return s;
}

void csv_columns_may_be_named(void **state)
{
    (void)state;
    float x[2];
    const struct csv_options o = {
        .label = "what", .stream = "who", .end = "last", .values = "b,a"};
    kit_begin(2, true);
    struct source *s = csv("a,who,b,last,what,c\n"
                           "1,ann,2,,run,9\n"
                           "3,bob,4,yes,,9\n",
                           &o);
    struct mark m = kit_next(s, x);
    assert_true(x[0] == 2 && x[1] == 1);
    assert_string_equal(names_get(&kit.names, m.label), "run");
    assert_string_equal(names_get(&kit.names, m.key), "ann");
    assert_false(m.end);
    m = kit_next(s, x);
    assert_int_equal(m.label, -1);
    assert_string_equal(names_get(&kit.names, m.key), "bob");
    assert_true(m.end);
    kit_ends(s, 0);
    kit_end(s);
}

void csv_of_samples_may_miss_values(void **state)
{
    (void)state;
    float x[2];
    kit_begin(2, true);
    struct source *s = csv("1,\nnan,2\n", &(struct csv_options){0});
    (void)kit_next(s, x);
    assert_true(x[0] == 1 && isnan(x[1]));
    (void)kit_next(s, x);
    assert_true(isnan(x[0]) && x[1] == 2);
    kit_end(s);
    kit_begin(2, false); /* no i16 stands for a missing value */
    s = csv("1,\n", &(struct csv_options){0});
    kit_ends(s, -1);
    assert_non_null(strstr(kit.why, "csv:1: column 2: there is no number"));
    kit_end(s);
}

/* Of samples of one value, and then the end. */
static void assert_values(const char *text, const float *x, size_t n)
{
    float v;
    kit_begin(1, true);
    struct source *s = csv(text, &(struct csv_options){0});
    for (size_t i = 0; i < n; i++) {
        (void)kit_next(s, &v);
        assert_true(v == x[i] || (isnan(v) && isnan(x[i])));
    }
    kit_ends(s, 0);
    kit_end(s);
}

void csv_of_one_column_misses_values_in_empty_lines(void **state)
{
    (void)state;
    const float x[] = {1, NAN, 3, NAN, NAN, 5};
    assert_values("v\n1\n\n3\n\n \r\n5\n\n\n", x, 6);
    assert_values("\n1\n\n3\n\n\n5", x, 6); /* none is before the first */
    assert_values("v\n\n3\n", x + 1, 2);
    kit_begin(1, true);
    struct source *s = csv("v\n1\n\n\nx\n", &(struct csv_options){0});
    for (int i = 0; i < 3; i++)
        (void)kit_next(s, &(float){0});
    kit_ends(s, -1);
    assert_non_null(strstr(kit.why, "csv:5: column 1"));
    kit_end(s);
}

void csv_of_several_columns_passes_over_empty_lines(void **state)
{
    (void)state;
    float x[2];
    kit_begin(2, true);
    struct source *s = csv("1,2\n\n3,4\n", &(struct csv_options){0});
    (void)kit_next(s, x);
    (void)kit_next(s, x);
    assert_true(x[0] == 3 && x[1] == 4);
    kit_ends(s, 0);
    kit_end(s);
}

static void assert_missing_refused(const char *text, const char *sentence)
{
    const struct stream_shape whole = {
        .length = 4, .stride = 2, .decimate = 1, .whole = true};
    float x[1];
    kit_begin(1, true);
    put_file(scratch("whole.csv"), text, strlen(text), 0);
    struct source *s = csv_open(scratch("whole.csv"), &(struct csv_options){0},
                                &kit.shape, &whole, &kit.names, kit.why);
    assert_non_null(s);
    (void)kit_next(s, x);
    kit_ends(s, -1);
    assert_non_null(strstr(kit.why, sentence));
    assert_non_null(strstr(kit.why, "stream.missing: hold or mean would"));
    kit_end(s);
}

void csv_refuses_what_is_missing_where_the_model_does(void **state)
{
    (void)state;
    assert_missing_refused("v\n1\n\n3\n",
                           "csv:3: column 1: there is no number");
    assert_missing_refused("1\n\"\"\n", "csv:2: column 1: there is no number");
    assert_missing_refused("1\nnan\n", "csv:2: column 1: nan is no number");
    assert_missing_refused("1\n-inf\n", "csv:2: column 1: -inf is no number");
    assert_missing_refused("1\n2e15\n", "csv:2: column 1: 2e15 is no number");
}

void csv_times_are_left_out_with_a_note(void **state)
{
    (void)state;
    float x[2];
    kit_begin(1, true);
    struct source *s = csv("timestamp,value\n2014-04-01 00:00:00,20.5\n",
                           &(struct csv_options){0});
    (void)kit_next(s, x);
    assert_true(x[0] == 20.5F);
    assert_non_null(strstr(s->note, "column 1 (timestamp)"));
    kit_end(s);
    kit_begin(1, true); /* likewise where no header names it */
    s = csv("2014-04-01 00:00:00,20.5\n", &(struct csv_options){0});
    (void)kit_next(s, x);
    assert_true(x[0] == 20.5F);
    kit_end(s);
}

static void assert_csv_refused(const char *text, const struct csv_options *o,
                               const char *sentence)
{
    kit_begin(2, true);
    struct source *s = csv(text, o);
    kit_ends(s, -1);
    assert_non_null(strstr(kit.why, sentence));
    kit_end(s);
}

void csv_of_samples_tells_what_does_not_fit(void **state)
{
    (void)state;
    char far[300] = "1,2,"; /* beside the name, which is too long */
    const struct csv_options none = {0}, other = {.label = "x"},
                             twice = {.values = "1,1"}, key = {.stream = "3"};
    assert_csv_refused("1,2,3\n", &none, "3 columns of numbers");
    assert_csv_refused("a,b,c\n1,2,3\n", &other,
                       "column x: there is no such column; the header has a, "
                       "b, c");
    assert_csv_refused("1,2\n", &key,
                       "column 3: there is no such column; "
                       "there are 2");
    assert_csv_refused("a,what,b\n1,abc,x\n", &none,
                       "1 column of numbers, and a sample of the model is 2; "
                       "--columns says which; left out: what (\"abc\" is no "
                       "number), b (\"x\" is no number)");
    assert_csv_refused("1,abc\n", &none, "left out: column 2 (\"abc\"");
    assert_csv_refused("1,2\n", &twice, "named twice");
    assert_csv_refused("1,2,\n", &key, "csv:1: column 3: it names no stream");
    memset(far + 4, 'k', 256);
    assert_csv_refused(far, &key, "csv:1: column 3: a stream's name is longer");
}

void csv_of_many_columns_names_some(void **state)
{
    (void)state;
    char text[8192] = "";
    size_t n = 0;
    for (int i = 0; i < 400; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "name%d,", i);
    snprintf(text + n, sizeof text - n, "last\n%0400d\n", 0);
    for (char *at = strchr(text, '\n') + 1; *at == '0'; at++)
        *at = ',';
    assert_csv_refused(text, &(struct csv_options){.label = "nope"},
                       "the header has name0, name1, ");
    assert_non_null(strstr(kit.why, ", ..."));
    assert_true(strlen(kit.why) < 400);
}

void csv_rows_have_the_columns_of_the_first(void **state)
{
    (void)state;
    float x[2];
    kit_begin(2, true);
    struct source *s = csv("1,2\n1,2,3\n", &(struct csv_options){0});
    (void)kit_next(s, x);
    kit_ends(s, -1);
    assert_non_null(strstr(kit.why, "3 columns, and those before had 2"));
    kit_end(s);
}

/* ---- input -------------------------------------------------------------- */

void input_ends_each_stream_where_its_last_sample_is(void **state)
{
    (void)state;
    struct input_options o;
    struct input_frame f;
    const char *text = "1,a\n2,b\n3,a\n4,b\n5,b\n";
    const bool ends[5] = {false, false, true, false, true};
    kit_begin(1, true);
    input_options_init(&o);
    o.kind = INPUT_CSV;
    o.path = scratch("two.csv");
    o.csv.stream = "2";
    o.end = true;
    put_file(scratch("two.csv"), text, strlen(text), 0);
    struct input *in = input_open(&o, &kit.shape, &kit_stream, kit.why);
    assert_non_null(in);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(input_next(in, &f, kit.why), 1);
        assert_true(f.end == ends[i]);
    }
    assert_int_equal(input_next(in, &f, kit.why), 0);
    input_free(in);
    kit_end(NULL);
}

void input_of_streams_needs_a_model_that_has_them(void **state)
{
    (void)state;
    struct input_options o;
    kit_begin(1, true);
    input_options_init(&o);
    o.kind = INPUT_TEXT;
    o.path = "-";
    assert_null(input_open(&o, &kit.shape, NULL, kit.why));
    assert_non_null(strstr(kit.why, "the model has no streams"));
    assert_null(input_open(&o, &kit.shape, &kit_stream, kit.why));
    assert_non_null(strstr(kit.why, "the model has no symbols"));
    o.kind = INPUT_CSV;
    o.order = ORDER_SHUFFLED;
    assert_null(input_open(&o, &kit.shape, &kit_stream, kit.why));
    assert_non_null(strstr(kit.why, "keep their order"));
    kit_end(NULL);
}
