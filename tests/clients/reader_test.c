#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/source.h"
#include "tests/clients/support.h"

static const uint8_t pixels[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255};
static const uint8_t digits[3] = {7, 0, 7};

static struct names names;
static struct ffc_model shape;
static char why[WHY_MAX];

static void begin(bool f32)
{
    names_init(&names);
    shape = shape_of(2, 2, f32);
    why[0] = '\0';
}

static void end(struct source *s)
{
    if (s)
        s->free(s);
    names_release(&names);
}

/* One frame, which must come; its label's text or NULL. */
static const char *next(struct source *s, void *frame)
{
    struct mark mark;
    assert_int_equal(s->next(s, frame, &mark, why), 1);
    return names_get(&names, mark.label);
}

static void assert_ends(struct source *s, int with)
{
    uint8_t frame[16];
    struct mark mark;
    assert_int_equal(s->next(s, frame, &mark, why), with);
}

static struct source *csv(const char *text, const char *label_column)
{
    struct csv_options o = {.label = label_column};
    put_file(scratch("csv"), text, strlen(text), 0);
    return csv_open(scratch("csv"), &o, &shape, NULL, &names, why);
}

static void read_idx(int gzipped)
{
    uint8_t frame[4];
    begin(false);
    put_idx(scratch("images"), 3, 2, 2, pixels, gzipped);
    put_idx(scratch("labels"), 3, 0, 0, digits, gzipped);
    struct source *s =
        idx_open(scratch("images"), scratch("labels"), &shape, &names, why);
    assert_non_null(s);
    assert_int_equal(s->count, 3);
    assert_string_equal(next(s, frame), "7");
    assert_memory_equal(frame, pixels, 4);
    assert_string_equal(next(s, frame), "0");
    assert_string_equal(next(s, frame), "7");
    assert_memory_equal(frame, pixels + 8, 4);
    assert_ends(s, 0);
    end(s);
}

void idx_is_read_plain(void **state)
{
    (void)state;
    read_idx(0);
}

void idx_is_read_gzipped(void **state)
{
    (void)state;
    read_idx(1);
}

void idx_bytes_become_0_to_1_in_an_f32_model(void **state)
{
    (void)state;
    float frame[4];
    begin(true);
    put_idx(scratch("images"), 3, 2, 2, pixels, 0);
    struct source *s = idx_open(scratch("images"), NULL, &shape, &names, why);
    assert_non_null(s);
    assert_null(next(s, frame));
    (void)next(s, frame);
    (void)next(s, frame);
    assert_true(frame[3] == 1.0F);
    assert_true(fabsf(frame[2] - 10 / 255.0F) < 1e-6F);
    end(s);
}

void idx_of_the_shipped_digits_is_read(void **state)
{
    (void)state;
    uint8_t frame[64];
    begin(false);
    shape = shape_of(8, 8, false);
    struct source *s =
        idx_open(DATA_DIR "/digits-images-idx3-ubyte",
                 DATA_DIR "/digits-labels-idx1-ubyte", &shape, &names, why);
    assert_non_null(s);
    assert_int_equal(s->count, 1797);
    assert_string_equal(next(s, frame), "0");
    assert_string_equal(next(s, frame), "1");
    end(s);
}

void idx_that_is_cut_says_where(void **state)
{
    (void)state;
    uint8_t file[16 + 6] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2};
    uint8_t frame[4];
    begin(false);
    put_file(scratch("cut"), file, sizeof file, 0);
    struct source *s = idx_open(scratch("cut"), NULL, &shape, &names, why);
    assert_non_null(s);
    (void)next(s, frame);
    assert_ends(s, -1);
    assert_non_null(strstr(why, "ends before frame 1"));
    s->free(s);
    put_file(scratch("cut"), file, 9, 0);
    assert_null(idx_open(scratch("cut"), NULL, &shape, &names, why));
    assert_non_null(strstr(why, "head"));
    end(NULL);
}

void idx_gzip_that_is_cut_is_not_a_short_file(void **state)
{
    (void)state;
    uint8_t bytes[400], whole[4096];
    begin(false);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7919 % 251);
    put_idx(scratch("gz"), 100, 2, 2, bytes, 1);
    FILE *f = fopen(scratch("gz"), "rb");
    assert_non_null(f);
    size_t n = fread(whole, 1, sizeof whole, f);
    (void)fclose(f);
    put_file(scratch("gz"), whole, n / 2, 0);
    struct source *s = idx_open(scratch("gz"), NULL, &shape, &names, why);
    struct mark mark;
    int got = s ? 1 : -1;
    while (got == 1)
        got = s->next(s, whole, &mark, why);
    assert_int_equal(got, -1);
    assert_true(why[0] != '\0');
    end(s);
}

void idx_of_another_kind_is_refused(void **state)
{
    (void)state;
    begin(false);
    put_file(scratch("no"), "P5 28 28 255 ...", 16, 0);
    assert_null(idx_open(scratch("no"), NULL, &shape, &names, why));
    assert_non_null(strstr(why, "not an IDX file"));
    put_idx(scratch("labels"), 3, 0, 0, digits, 0);
    assert_null(idx_open(scratch("labels"), NULL, &shape, &names, why));
    assert_non_null(strstr(why, "no images"));
    put_idx(scratch("images"), 1, 3, 4, pixels, 0);
    assert_null(idx_open(scratch("images"), NULL, &shape, &names, why));
    assert_non_null(strstr(why, "12 values, and the model takes 4"));
    put_idx(scratch("images"), 2, 2, 2, pixels, 0);
    assert_null(
        idx_open(scratch("images"), scratch("labels"), &shape, &names, why));
    assert_non_null(strstr(why, "2 frames"));
    assert_null(idx_open(scratch("none"), NULL, &shape, &names, why));
    assert_non_null(strstr(why, "cannot open"));
    end(NULL);
}

void csv_header_is_told_from_numbers(void **state)
{
    (void)state;
    uint8_t frame[4];
    begin(false);
    struct source *s = csv("a,b,label,c,d\n1,2,cat,3,4\n\n5,6,dog,7,8", "3");
    assert_non_null(s);
    assert_string_equal(next(s, frame), "cat");
    assert_memory_equal(frame, ((uint8_t[]){1, 2, 3, 4}), 4);
    assert_string_equal(next(s, frame), "dog");
    assert_ends(s, 0);
    s->free(s);
    s = csv("1,2,cat,3,4\n", "3"); /* no header: the first line counts */
    assert_string_equal(next(s, frame), "cat");
    assert_ends(s, 0);
    end(s);
}

void csv_fields_may_be_quoted_and_apart_by_semicolons(void **state)
{
    (void)state;
    float frame[4];
    begin(true);
    struct source *s = csv("\"a;\"\"b\"; 0.5 ;-1e2;3;4\r\n", "1");
    assert_non_null(s);
    assert_string_equal(next(s, frame), "a;\"b");
    assert_true(frame[0] == 0.5F && frame[1] == -100.0F);
    end(s);
}

void csv_mistakes_name_line_and_column(void **state)
{
    (void)state;
    uint8_t frame[4];
    begin(false);
    struct source *s = csv("1,2,3,4\n1,2,x,4\n", NULL);
    (void)next(s, frame);
    assert_ends(s, -1);
    assert_non_null(strstr(why, "csv:2: column 3"));
    s->free(s);
    s = csv("1,2,3,256\n", NULL);
    assert_ends(s, -1);
    assert_non_null(strstr(why, "0 to 255"));
    s->free(s);
    s = csv("1,2,3\n", NULL);
    assert_ends(s, -1);
    assert_non_null(strstr(why, "3 numbers"));
    s->free(s);
    s = csv("1,2,3,4\n", "9");
    assert_ends(s, -1);
    assert_non_null(strstr(why, "no such column"));
    end(s);
}

void csv_rounds_nothing(void **state)
{
    (void)state;
    uint8_t frame[4];
    begin(false);
    struct source *s = csv("1.0,2e2,3,4\n1,0.5,3,4\n", NULL);
    (void)next(s, frame);
    assert_memory_equal(frame, ((uint8_t[]){1, 200, 3, 4}), 4);
    assert_ends(s, -1);
    assert_non_null(strstr(why, "csv:2: column 2: 0.5 is no whole number, and "
                                "the model takes u8"));
    end(s);
}

void csv_empty_label_is_no_label(void **state)
{
    (void)state;
    uint8_t frame[4];
    begin(false);
    struct source *s = csv(",1,2,3,4\n", "1");
    assert_null(next(s, frame));
    end(s);
}

void raw_frames_share_one_label(void **state)
{
    (void)state;
    uint8_t frame[4];
    begin(false);
    put_file(scratch("raw"), pixels, 8, 0);
    struct source *s =
        raw_open(scratch("raw"), "dog", &shape, NULL, &names, why);
    assert_non_null(s);
    assert_string_equal(next(s, frame), "dog");
    assert_string_equal(next(s, frame), "dog");
    assert_memory_equal(frame, pixels + 4, 4);
    assert_ends(s, 0);
    end(s);
}

void raw_frame_that_is_cut_is_an_error(void **state)
{
    (void)state;
    uint8_t frame[4];
    begin(false);
    put_file(scratch("raw"), pixels, 7, 1);
    struct source *s =
        raw_open(scratch("raw"), NULL, &shape, NULL, &names, why);
    assert_null(next(s, frame));
    assert_ends(s, -1);
    assert_non_null(strstr(why, "in the middle of frame 1"));
    end(s);
}
